// The block `files.serve`: where files are served that a mapping gave an address (`blob: {..., as: url}`).
#pragma once

#include <chrono>
#include <string>

#include "core/config/spec.h"

namespace lt::runtime {

struct FileServingSection {
  config::Located<std::string> listener;
  std::string url;   // as partners reach it, without a slash at its end
  std::string path;  // on the listener; "" = that of `url`
  config::Located<std::chrono::milliseconds> valid{std::chrono::days(30), {}};
  Place place;
};

const config::Spec<FileServingSection>& file_serving_spec();

// What addresses begin with on the listener: "/tep", or "" for its root.
std::string served_path(const FileServingSection& section);

}  // namespace lt::runtime
