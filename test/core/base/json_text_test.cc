#include "core/base/json_text.h"

#include <doctest/doctest.h>

using namespace lt;

TEST_CASE("a JSON string: quotes, backslashes and control characters are escaped, the rest stays") {
  CHECK(quote_json("") == "\"\"");
  CHECK(quote_json("Số \"12\"\\QĐ") == "\"Số \\\"12\\\"\\\\QĐ\"");
  CHECK(quote_json("a\tb\nc\rd\be\ff") == R"("a\tb\nc\rd\be\ff")");
  CHECK(quote_json(std::string_view("\x00\x1f\x7f", 3)) == R"("\u0000\u001f\u007f")");
  std::string out = "kept:";
  escape_json("\"", out);
  CHECK(out == "kept:\\\"");
}
