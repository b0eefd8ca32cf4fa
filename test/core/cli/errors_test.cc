#include "core/cli/errors.h"

#include <doctest/doctest.h>

#include "core/codec/json.h"
#include "core/message/tree.h"
#include "test/support/sim_env.h"

using namespace lt;
using namespace lt::cli;

namespace {

const std::string kFolder = std::string(LT_SOURCE_DIR) + "/docs/errors";

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("every code has its page, with the head the program writes, and no page is left of a code that is gone") {
  const auto names = system_env().list(kFolder);
  REQUIRE(names);
  size_t pages = 0;
  for (const std::string& name : *names) pages += name.rfind("LT-", 0) == 0;
  size_t codes = 0;
  for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry, ++codes) {
    const auto page = read_file(system_env(), kFolder + "/" + page_name(*entry));
    REQUIRE_MESSAGE(page, page_name(*entry));
    CHECK_MESSAGE(page->rfind(page_head(*entry), 0) == 0,
                  (page_name(*entry) + ": run lienthong errors --write docs/errors"));
    // What lint and mapping say is explained by hand.
    const int hundred = static_cast<int>(entry->code) / 100;
    if (hundred == 11 || hundred == 21) CHECK_MESSAGE(page->size() > page_head(*entry).size() + 300, page_name(*entry));
  }
  CHECK(pages == codes);
  CHECK(*read_file(system_env(), kFolder + "/README.md") == error_index());
}

TEST_CASE("writing pages renews heads, keeps what people wrote, and names pages of codes that are gone") {
  test::SimEnv env;
  REQUIRE(env.make_directories("d"));
  const CodeInfo& entry = info(Code::no_table_row);
  REQUIRE(replace_file(env, "d/LT-2103.md", "# old head\n" + std::string(kPageMarker) + "\nby hand\n"));
  REQUIRE(replace_file(env, "d/LT-2104.md", "no marker\n"));
  REQUIRE(replace_file(env, "d/LT-1999.md", "x"));
  const auto first = write_error_pages(env, "d");
  REQUIRE(first);
  CHECK(first->unchanged == 0);
  CHECK(first->strangers == std::vector<std::string>{"LT-1999.md"});
  CHECK(*read_file(env, "d/LT-2103.md") == page_head(entry) + "\nby hand\n");
  CHECK(*read_file(env, "d/LT-2104.md") == page_head(info(Code::bad_date_value)) + "\nno marker\n");
  CHECK(*read_file(env, "d/LT-1999.md") == "x");
  CHECK(has(*read_file(env, "d/README.md"), "| [LT-2103](LT-2103.md) | `no_table_row` |"));
  const auto second = write_error_pages(env, "d");
  REQUIRE(second);
  CHECK(second->written == 0);
  CHECK(second->unchanged == first->written);
}

TEST_CASE("a code is found by number and by name, and a slip gets the nearest") {
  for (const char* text : {"LT-2103", "lt-2103", "2103", "no_table_row"}) {
    const auto found = find_code(text);
    REQUIRE_MESSAGE(found, text);
    CHECK((*found)->code == Code::no_table_row);
  }
  const auto missed = find_code("no_table_rows");
  REQUIRE_FALSE(missed);
  CHECK(missed.error().code == Code::usage);
  CHECK(has(missed.error().hint, "no_table_row"));
  CHECK_FALSE(find_code(""));
}

TEST_CASE("a card says what to do in both languages; JSON holds the whole entry") {
  const CodeInfo& entry = info(Code::outcome_unknown);
  const std::string card = error_card(entry);
  for (std::string_view part : {entry.title_vi, entry.title_en, entry.hint_vi, entry.hint_en})
    CHECK_MESSAGE(has(card, part), part);
  CHECK(has(card, "LT-5008  outcome_unknown"));
  CHECK(has(card, "ask the other side before sending again"));
  Tree tree;
  REQUIRE(codec::parse_json(error_json(entry), tree));
  CHECK(tree.root()->find("code")->text == "LT-5008");
  CHECK(tree.root()->find("retry")->text == "ambiguous");
  CHECK(tree.root()->find("hint_vi")->text == entry.hint_vi);
  CHECK(tree.root()->find("http_status")->text == "502");
}
