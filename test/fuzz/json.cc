// JSON that is read is written and read again: the same tree. Whole or in pieces, the verdict is the same.
#include "core/codec/json.h"

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto text = view(bytes, size);
  Tree tree, streamed;
  const auto parsed = codec::parse_json(std::string(text), tree);
  MemorySource source(text);
  const auto again = codec::parse_json(source, streamed);
  if (size <= limits::kLiftedString) {
    require(parsed.has_value() == again.has_value(), "whole and streamed, the verdict is the same");
    if (parsed) require(same_tree(tree.root(), streamed.root()), "whole and streamed, the tree is the same");
  }
  if (!again) check_error(again.error());
  if (!parsed) {
    check_error(parsed.error());
    require(tree.root() == nullptr, "after an error the root is what it was");
    return 0;
  }
  for (const bool pretty : {false, true}) {
    std::string out;
    require(codec::write_json(tree.root(), out, {.pretty = pretty}).has_value(), "what is read can be written");
    Tree back;
    require(codec::parse_json(out, back).has_value(), "what is written can be read");
    require(same_tree(tree.root(), back.root()), "written and read again, the tree is the same");
  }
  return 0;
}
