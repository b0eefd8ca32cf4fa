// A mapping and its reverse, compiled from files or from texts, and documents passed through it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/message/tree.h"

namespace lt::bench {

// Throws with the error's text.
void need(const Result<void>& result);
std::string file_text(const std::string& path);  // below the source folder

struct Pair {
  std::shared_ptr<const mapping::Mapping> forward, back;
};
Pair load_pair(const std::string& mapping_file);
// JSON to XML; `rules` is what follows the head of a mapping file. The XML root is R.
Pair make_pair(const std::string& json_schema, const std::string& xsd, const std::string& rules);

// Keeps its trees from document to document, as a lane of the bus does.
class Translator {
 public:
  explicit Translator(std::shared_ptr<const mapping::Mapping> mapping) : mapping_(std::move(mapping)) {}
  void parse(std::string_view text);
  void run();
  const std::string& write();
  const std::string& operator()(std::string_view text);
  const Node* target() const { return target_.root(); }

 private:
  std::shared_ptr<const mapping::Mapping> mapping_;
  Tree source_, target_;
  std::string out_;
};

// The values of a tree in order, as text.
std::vector<std::string> values_of(const Node* node);

}  // namespace lt::bench
