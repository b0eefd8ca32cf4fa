// A file as a stream of known size, and what its name says it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/base/stream.h"

namespace lt::cli {

Result<std::shared_ptr<ByteSource>> open_file_source(Env& env, const std::string& path);
// By extension: application/json, application/xml, application/zip, else application/octet-stream.
std::string_view content_type_of(std::string_view path);

}  // namespace lt::cli
