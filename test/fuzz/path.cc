// The paths of mapping files and of type files.
#include "core/mapping/path.h"

#include "core/base/text.h"
#include "core/schema/doc_path.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto text = view(bytes, size);
  if (!is_utf8(text)) return 0;  // paths stand in YAML, which is UTF-8
  if (const auto source = mapping::parse_source_path(text)) {
    for (const auto& step : source->steps) require(!step.name.empty(), "a step has a name");
    const auto again = mapping::parse_source_path(mapping::path_text(source->steps));
    require(again && again->steps == source->steps, "a path is read as it is written");
  } else {
    check_error(source.error());
  }
  if (const auto target = mapping::parse_target_path(text)) {
    for (const std::string& step : *target) require(!step.empty(), "a step has a name");
    const auto again = mapping::parse_target_path(mapping::path_text(*target));
    require(again && *again == *target, "a target path is read as it is written");
  } else {
    check_error(target.error());
  }
  if (const auto path = schema::DocPath::parse(text)) {
    require(!path->empty(), "a path is not empty");
    const auto again = schema::DocPath::parse(path->text());
    require(again && again->text() == path->text(), "a path is read as it is shown");
  } else {
    check_error(path.error());
  }
  return 0;
}
