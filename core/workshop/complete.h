// What may stand at one place of a mapping file: for editors. Works on files that do not parse at the line being typed.
//
// Keys come from keys.h; target paths (those no rule writes yet first) and source paths from the two schemas, relative
// to the group around the place, whatever makes that scope: groups, each, items, cases, spread, embedded. Inside an
// expression: the paths and functions it may use. Where a value is a code: the codes of the schema, of its code list,
// or of the table that the rule names. After `schema:` the schemas there are, after `root:` the elements of that
// schema.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lt::schema {
class CodeList;
class CodeTable;
struct Model;
}  // namespace lt::schema

namespace lt::workshop {

struct Completion {
  std::string text;    // what to insert: the whole value, key or, inside an expression, word
  std::string kind;    // key, value, target, source, name, code, function
  std::string detail;  // its type, or what it is for
  std::string title;   // as people call it
};
struct CompleteRequest {
  std::string_view text;
  int line = 1, column = 1;  // from 1; columns count code points
  // What the text names, as it names it; null when that cannot be read. A function that is not set knows nothing.
  std::function<std::shared_ptr<const schema::Model>(const std::string& schema)> schema = {};
  std::function<std::shared_ptr<const schema::CodeTable>(const std::string& file)> table = {};
  std::function<std::shared_ptr<const schema::CodeList>(const std::string& list)> codes = {};  // by Type::codes
  std::function<std::vector<std::string>()> schemas = {};                                      // names of all there are
};

std::vector<Completion> complete(const CompleteRequest& request);

}  // namespace lt::workshop
