// XML that is read is written and read again: the same tree. Whole or in pieces, the verdict is the same.
#include "core/codec/xml.h"

#include <algorithm>

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

namespace {

constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";

void collect(const Node* node, std::vector<codec::XmlPrefix>& prefixes) {
  const auto known = [&](const codec::XmlPrefix& prefix) { return prefix.ns == node->ns; };
  if (!node->ns.empty() && node->ns != kXml && std::none_of(prefixes.begin(), prefixes.end(), known))
    prefixes.push_back({std::string(node->ns), "n" + std::to_string(prefixes.size())});
  for (const Node* child = node->first; child; child = child->next) collect(child, prefixes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto text = view(bytes, size);
  Tree tree, pieces;
  const auto parsed = codec::parse_xml(text, tree);
  codec::XmlParser parser(pieces);
  Result<void> pushed;
  for (size_t at = 0; at < size && pushed; at += 7) pushed = parser.feed(text.substr(at, 7));
  if (pushed) pushed = parser.finish();
  if (!pushed) check_error(pushed.error());
  if (!parsed) {
    check_error(parsed.error());
    require(tree.root() == nullptr, "after an error the root is what it was");
    return 0;
  }
  if (size <= limits::kLiftedString) {
    require(pushed.has_value(), "whole and in pieces, the verdict is the same");
    require(same_tree(tree.root(), pieces.root()), "whole and in pieces, the tree is the same");
  }
  codec::XmlWriteOptions options;
  collect(tree.root(), options.prefixes);
  for (const bool indent : {false, true}) {
    options.indent = indent;
    std::string out;
    require(codec::write_xml(tree.root(), options, out).has_value(), "what is read can be written");
    Tree back;
    const auto read = codec::parse_xml(out, back);
    require(read || read.error().code == Code::too_large, "what is written can be read");
    if (read) require(same_tree(tree.root(), back.root()), "written and read again, the tree is the same");
  }
  return 0;
}
