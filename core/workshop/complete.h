// What may stand at one place of a mapping file: for editors. Works on files that do not parse at the line being typed.
//
// The place is found by indentation; the line itself is read as far as the cursor. Keys come from keys.h; target paths
// (those no rule writes yet first) and source paths from the two schemas, relative to the group around the place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lt::schema {
struct Model;
}

namespace lt::workshop {

struct Completion {
  std::string text;    // what to insert
  std::string kind;    // key, value, target, source, name
  std::string detail;  // its type, or what it is for
  std::string title;   // as people call it
};
struct CompleteRequest {
  std::string_view text;
  int line = 1, column = 1;               // from 1; columns count code points
  const schema::Model* source = nullptr;  // null when not known
  const schema::Model* target = nullptr;
};

std::vector<Completion> complete(const CompleteRequest& request);
// The schemas that the text names: {source, target}, "" when it names none. Reads texts that do not parse.
std::pair<std::string, std::string> named_schemas(std::string_view text);

}  // namespace lt::workshop
