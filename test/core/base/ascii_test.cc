#include "core/base/ascii.h"

#include <doctest/doctest.h>

using namespace lt;

TEST_CASE("only letters of ASCII have a case here") {
  CHECK(ascii_lower("X-Ma_HỒ-SƠ@[Z`") == "x-ma_hỒ-sƠ@[z`");
  CHECK(same_ascii("Content-TYPE", "content-type"));
  CHECK_FALSE(same_ascii("Content-Type", "Content-Types"));
  CHECK_FALSE(same_ascii("Content-Types", "Content-Type"));
  CHECK_FALSE(same_ascii("a@", "a`"));
  CHECK_FALSE(same_ascii("Đ", "đ"));
  CHECK(same_ascii("", ""));
}
