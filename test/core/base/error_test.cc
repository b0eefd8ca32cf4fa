#include "core/base/error.h"

#include <doctest/doctest.h>

#include <set>

#include "core/base/result.h"
#include "core/base/text.h"

namespace lt {

TEST_CASE("the catalogue rises, is unique and says everything in both languages") {
  std::set<std::string_view> names;
  int last = 0;
  for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry) {
    CAPTURE(entry->name);
    CHECK(static_cast<int>(entry->code) > last);
    last = static_cast<int>(entry->code);
    CHECK(last >= 1000);
    CHECK(last <= 9999);
    CHECK(names.insert(entry->name).second);
    for (const auto text : {entry->title_vi, entry->title_en, entry->hint_vi, entry->hint_en}) {
      CHECK_FALSE(text.empty());
      CHECK(is_utf8(text));
    }
    CHECK(entry->http_status >= 400);
    CHECK(entry->http_status < 600);
    CHECK(&info(entry->code) == entry);
  }
}

TEST_CASE("an error is one line with place, detail, hint and cause") {
  const Error error = Error(Code::bad_json, "value 99", {"a.json", 3, 5, "$.x"}).because(Error(Code::io_error, "read"));
  const std::string text = error.text();
  CHECK(text.find("LT-3001 a.json:3:5 at $.x Malformed JSON: value 99 -> ") == 0);
  CHECK(text.find("[LT-6001 ") != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(Error(Code::bad_json, {}, {}, "do this").text() == "LT-3001 Malformed JSON -> do this");
}

TEST_CASE("LT_TRY and LT_ASSIGN pass the first error on") {
  const auto inner = [](bool good) -> Result<int> {
    if (!good) return fail(Code::usage, "inner");
    return 7;
  };
  const auto outer = [&](bool good) -> Result<int> {
    LT_TRY(inner(good));
    LT_ASSIGN(const int value, inner(good));
    return value + 1;
  };
  CHECK(outer(true).value() == 8);
  REQUIRE_FALSE(outer(false).has_value());
  CHECK(outer(false).error().detail == "inner");
}

}  // namespace lt
