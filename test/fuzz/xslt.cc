// A stylesheet, a NUL, a document: whatever they are, the run comes to an end, and twice to the same.
#include "core/codec/xslt.h"

#include "core/base/text.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto [text, document] = halves(view(bytes, size), '\0');
  const auto sheet = codec::Stylesheet::compile(text, "a.xsl");
  if (!sheet) {
    require(sheet.error().code == Code::bad_stylesheet, "a stylesheet that is refused says so");
    check_error(sheet.error());
    return 0;
  }
  const auto input = document.empty() ? std::string_view("<a x='1'><b>2</b><b>3</b></a>") : document;
  const auto first = sheet->run(input), second = sheet->run(input);
  require(first.has_value() == second.has_value(), "the same document, the same verdict");
  if (first) {
    require(*first == *second, "the same document, the same bytes");
    require(is_utf8(*first), "the output is UTF-8");
  } else {
    check_error(first.error());
    require(first.error().code == second.error().code, "the same document, the same error");
  }
  return 0;
}
