// Escapes of JSON strings, undone in pieces: what the JSON parser says of the same string.
#include "core/codec/json_escape.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string raw(view(bytes, size));
  std::erase_if(raw, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"'; });
  if (raw.size() > limits::kLiftedString || !is_utf8(raw)) return 0;

  std::string text;
  codec::JsonUnescaper unescaper;
  bool good = true;
  for (size_t at = 0; at < raw.size() && good; at += 3)
    good = !unescaper.feed(std::string_view(raw).substr(at, 3), text).has_value();
  good = good && unescaper.finish() == nullptr;

  codec::JsonUnescapingSource source(source_of(raw));
  const auto streamed = drain(source, 5);
  require(streamed.has_value() == good, "in any pieces, the verdict is the same");
  if (good) require(*streamed == text, "in any pieces, the text is the same");
  if (!good) check_error(streamed.error());

  Tree tree;
  const bool parsed = codec::parse_json("\"" + raw + "\"", tree).has_value();
  require(parsed == good, "the parser agrees");
  if (good) require(tree.root()->text == text, "the parser reads the same text");
  return 0;
}
