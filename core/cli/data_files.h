// The files of a data directory, as commands need them that work without a running bus.
#pragma once

#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/journal/keys.h"

namespace lt::cli {

// `directory` itself, or its `journal` when it is a whole data directory. Error io_error: neither has segment files.
Result<std::string> journal_directory(Env& env, const std::string& directory);
// The keys of a data directory, opened with the master key in `key_file`. Makes no files: error bad_master_key when
// there are none.
Result<std::unique_ptr<journal::KeyStore>> open_keys(Env& env, const std::string& data, const std::string& key_file);

}  // namespace lt::cli
