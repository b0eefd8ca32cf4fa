// lienthong map prove, through the real program.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/base/env.h"
#include "test/e2e/program.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::test;

namespace {

const std::string kRoot = LT_SOURCE_DIR;
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("map prove: shipped mappings keep the laws; one that cannot is exit code 1, a wrong one 78") {
  const auto all = run_program({"map", "prove", "--mappings", kRoot + "/mappings", "--documents", "40"});
  CHECK_MESSAGE(all.exit_code == 0, all.out);
  for (const char* part : {"onestop-to-judicial", "translated 40", "class exact", "exact 46"})
    CHECK_MESSAGE(has(all.out, part), all.out);
  const auto again = run_program({"map", "prove", "--mappings", kRoot + "/mappings", "--documents", "40"});
  CHECK(again.out == all.out);

  Scratch scratch;
  for (const char* folder : {"/mappings", "/schemas"})
    std::filesystem::copy(kRoot + folder, scratch.path() + folder, std::filesystem::copy_options::recursive);
  const std::string file = scratch.path() + "/mappings/insurance/insurance-query.map.yaml";
  std::string text = *read_file(system_env(), file);
  const auto put = [&](const std::string& from, const std::string& to) {
    const size_t found = text.find(from);
    REQUIRE(found != std::string::npos);
    REQUIRE(replace_file(system_env(), file, text.replace(found, from.size(), to)));
  };
  put("{from: HoTen, normalize: nfc}", "{from: HoTen, match: '^[0-9]{300}$'}");
  const auto failing = run_program({"map", "prove", file, "--documents", "40", "--json"});
  CHECK(failing.exit_code == 1);
  for (const char* part :
       {R"("ok":false)", R"("code":"LT-1126")", R"("law":"translates")", R"("mapping":"insurance-query")"})
    CHECK_MESSAGE(has(failing.out, part), failing.out);
  put("from: HoTen", "from: HoVaTen");
  CHECK(run_program({"map", "prove", file}).exit_code == 78);
  CHECK(run_program({"map", "prove", "no-such", "--mappings", kRoot + "/mappings"}).exit_code == 1);
}
