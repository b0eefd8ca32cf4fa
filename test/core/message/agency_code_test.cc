#include "core/message/agency_code.h"

#include <doctest/doctest.h>

using lt::AgencyCode;
using lt::Code;

TEST_CASE("an old code becomes a new one and comes back") {
  struct Row {
    const char* old_form;
    const char* now;
  };
  for (const Row& row : {Row{"000.00.00.H49", "H49"}, Row{"000.00.04.G14", "G14.04"}, Row{"000.05.02.H49", "H49.02.05"},
                         Row{"012.05.02.H49", "H49.02.05.012"}}) {
    CAPTURE(row.old_form);
    const auto code = AgencyCode::parse(row.old_form);
    REQUIRE(code);
    CHECK(code->text() == row.now);
    CHECK(AgencyCode::parse(row.now)->old_form() == std::string(row.old_form));
  }
}

TEST_CASE("there is no old form where the way back would give another code") {
  for (const char* text : {"H55.242", "H37.DN.001", "H49.2", "H15.50.05.13", "H49.00.05", "H49.02.05.012.01"}) {
    CAPTURE(text);
    const auto code = AgencyCode::parse(text);
    REQUIRE(code);
    CHECK(code->text() == text);
    CHECK_FALSE(code->old_form());
  }
  CHECK_FALSE(AgencyCode().old_form());
}

TEST_CASE("malformed codes are refused with the reason") {
  struct Row {
    const char* text;
    const char* reason;
  };
  for (const Row& row : {Row{"", "empty"}, Row{"h49", "character 1"}, Row{"H49..02", "empty group"},
                         Row{"H49.", "empty group"}, Row{".H49", "empty group"}, Row{"H49 ", "character 4"},
                         Row{"vxp.saas.03", "character 1"}, Row{"00.05.02.H49", "starts with a digit"},
                         Row{"000.05.02.49", "starts with a digit"}, Row{"0000.05.02.H49", "starts with a digit"},
                         Row{"H49.02.05.012.000000000000000000000000", "longer than 35"}}) {
    CAPTURE(row.text);
    const auto code = AgencyCode::parse(row.text);
    REQUIRE_FALSE(code);
    CHECK(code.error().code == Code::bad_agency_code);
    CHECK(code.error().detail.find(row.reason) != std::string::npos);
  }
  CHECK(AgencyCode::parse(std::string("H49.") + std::string(31, 'A')));  // 35 characters
}

TEST_CASE("levels: parent, root, contains") {
  const auto province = *AgencyCode::parse("H49");
  const auto office = *AgencyCode::parse("H49.02.05");
  CHECK(province.level() == 1);
  CHECK(office.level() == 3);
  CHECK(AgencyCode().level() == 0);
  CHECK_FALSE(province.parent());
  CHECK(office.parent()->text() == "H49.02");
  CHECK(office.root() == province);
  CHECK(province.contains(office));
  CHECK(province.contains(province));
  CHECK_FALSE(office.contains(province));
  CHECK_FALSE(province.contains(*AgencyCode::parse("H490.02")));
  CHECK_FALSE(AgencyCode().contains(province));
}
