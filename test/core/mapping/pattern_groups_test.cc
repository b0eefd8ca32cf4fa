#include "core/mapping/pattern_groups.h"

#include <doctest/doctest.h>

using namespace lt::mapping;

namespace {

// "Name=pattern Name=pattern", nested ones in brackets.
std::string groups(std::string_view pattern) {
  std::string out;
  for (const PatternGroup& group : pattern_groups(pattern)) {
    CHECK(pattern.substr(group.begin, 1) == "(");
    CHECK(pattern.substr(group.end - 1, 1) == ")");
    std::string one = std::string(group.name) + "=" + std::string(group.inside);
    out += (out.empty() ? "" : " ") + (group.nested ? "[" + one + "]" : one);
  }
  return out;
}

}  // namespace

TEST_CASE("the named groups of a pattern, whatever brackets stand around them") {
  CHECK(groups("^(?<A>[0-9.]+)-(?P<B>\\d{6})$") == "A=[0-9.]+ B=\\d{6}");
  CHECK(groups("(?<A>[)]+)(?<B>x)") == "A=[)]+ B=x");
  CHECK(groups("(?<A>[^]()]+)(?<B>x)") == "A=[^]()]+ B=x");
  CHECK(groups("(?<A>[[:alpha:])]+)(?<B>x)") == "A=[[:alpha:])]+ B=x");
  CHECK(groups("(?<A>[\\]()]+)(?<B>x)") == "A=[\\]()]+ B=x");
  CHECK(groups("(?<A>\\(\\))(?<B>x)") == "A=\\(\\) B=x");
  CHECK(groups("\\Q(?<Q>\\E(?<A>x)") == "A=x");
  CHECK(groups("\\((?<A>x)\\)") == "A=x");
  CHECK(groups("(?:a|(?<A>b))(c)(?<B>(?:d)+)") == "[A=b] B=(?:d)+");
  CHECK(groups("(?<A>a(?<B>b)c)(?i:(?<C>d))") == "A=a(?<B>b)c [B=b] [C=d]");
  for (const char* broken :
       {"", "(", "(?", "(?<", "(?<A", "(?<A>", "(?P<A>x", "[", "[^", "\\", "\\Q", "\\Q(", ")", "(?<A>[)"})
    CHECK(groups(broken).empty());
  CHECK(group_names("(?<A>a)(?<B>b)") == std::vector<std::string>{"A", "B"});
  CHECK(group_pattern("(?<A>[)])(?<B>b|c)", "B") == "^(?:b|c)$");
  CHECK(group_pattern("(?<A>[)])", "A") == "^(?:[)])$");
  CHECK(group_pattern("(?<A>a)", "B").empty());
}
