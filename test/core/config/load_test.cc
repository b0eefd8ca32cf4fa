#include <doctest/doctest.h>

#include "core/config/yaml.h"
#include "test/core/config/memory_env.h"

using namespace lt;
using namespace lt::config;

namespace {

Variables variables(std::map<std::string, std::string> known) {
  return [known = std::move(known)](const std::string& name) -> std::optional<std::string> {
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string places(const Diagnostics& diagnostics) {
  std::string out;
  for (const auto& f : diagnostics.findings()) {
    out += (out.empty() ? "" : " ") + code_text(f.code) + "@" + f.place.text();
  }
  return out;
}

}  // namespace

TEST_CASE("references are expanded and mark their scalar secret") {
  test::MemoryEnv env;
  env.files["conf/a.yaml"] =
      "a: ${HOST}:${PORT:-8080}\nb: ${PORT:-8080}\nc: '${file:keys/k}'\nd: $${HOST} costs $5\ne: ${EMPTY:-x}\nf: "
      "\"${EMPTY}\"\n";
  env.files["conf/keys/k"] = "s3cret\n";
  Diagnostics d;
  const auto v = load_directory(env, "conf/", d, variables({{"HOST", "lt"}, {"EMPTY", ""}}));
  CHECK(d.text() == "");
  CHECK(v.find("a")->text == "lt:8080");
  CHECK(v.find("a")->secret);
  CHECK(v.find("a")->shown() == "<secret>");
  CHECK(v.find("b")->text == "8080");
  CHECK_FALSE(v.find("b")->secret);
  CHECK(v.find("c")->text == "s3cret");
  CHECK(v.find("c")->secret);
  CHECK(v.find("d")->text == "${HOST} costs $5");
  CHECK_FALSE(v.find("d")->secret);
  CHECK(v.find("e")->text == "x");
  CHECK(v.find("f")->text == "");
}

TEST_CASE("references that fail are all reported where they stand") {
  test::MemoryEnv env;
  env.files["conf/a.yaml"] = "a: x ${NOPE} ${ALSO}\nb: \"${file:gone}\"\nc: ${unclosed\nd: ${9x}\n";
  Diagnostics d;
  const auto v = load_directory(env, "conf", d, variables({}));
  CHECK(places(d) == "LT-1008@conf/a.yaml:1:6 LT-1010@conf/a.yaml:2:5 LT-1001@conf/a.yaml:3:4 LT-1001@conf/a.yaml:4:4");
  CHECK(v.find("a")->unresolved);
}

TEST_CASE("a directory: lienthong.yaml and conf.d, merged by section with positions kept") {
  test::MemoryEnv env;
  env.files["c/lienthong.yaml"] = "name: demo\ndestinations:\n  one: {x: 1}\nroutes: [a]\n";
  env.files["c/conf.d/10.yaml"] = "destinations:\n  two: {x: 2}\nroutes: [b]\n";
  env.files["c/conf.d/20.yaml"] = "# nothing\n";
  env.files["c/conf.d/skip.txt"] = "a: [";
  env.files["c/other.yaml"] = "a: [";
  Diagnostics d;
  const auto v = load_directory(env, "c", d, variables({}));
  CHECK(d.text() == "");
  REQUIRE(v.find("destinations")->members.size() == 2);
  CHECK(v.find("destinations")->member("two")->place().text() == "c/conf.d/10.yaml:2:3");
  REQUIRE(v.find("routes")->items.size() == 2);
  CHECK(v.find("routes")->items[1].place().text() == "c/conf.d/10.yaml:3:10");
}

TEST_CASE("the same name in two files names both places; every broken file is reported") {
  test::MemoryEnv env;
  env.files["c/a.yaml"] = "name: demo\ndestinations:\n  one: {x: 1}\n";
  env.files["c/b.yaml"] = "destinations:\n  one: {x: 2}\nname: other\n";
  env.files["c/c.yaml"] = "x: [1\n";
  env.files["c/d.yaml"] = "- list\n";
  Diagnostics d;
  load_directory(env, "c", d, variables({}));
  CHECK(places(d) == "LT-1005@c/b.yaml:2:3 LT-1005@c/b.yaml:3:1 LT-1001@c/c.yaml:2:1 LT-1003@c/d.yaml:1:1");
  CHECK(d.findings()[0].message == "\"destinations.one\" is given twice, first at c/a.yaml:3:3");
}

TEST_CASE("a missing or empty directory is a finding") {
  test::MemoryEnv env;
  Diagnostics d;
  load_directory(env, "gone", d, variables({}));
  CHECK(places(d) == "LT-1010@gone");
  env.files["empty/readme"] = "";
  Diagnostics e;
  load_directory(env, "empty", e, variables({}));
  CHECK(places(e) == "LT-1010@empty");
  Diagnostics f;
  load_directory(env, "gone.yaml", f, variables({}));
  CHECK(places(f) == "LT-1010@gone.yaml");
}

TEST_CASE("the hash follows the content, not the layout and not the secrets") {
  test::MemoryEnv env;
  env.files["k"] = "one";
  const auto hash = [&](const std::string& text, const std::string& host = "h") {
    env.files["a.yaml"] = text;
    Diagnostics d;
    const auto v = load_directory(env, "a.yaml", d, variables({{"HOST", host}}));
    REQUIRE(d.ok());
    return hex(content_hash(v));
  };
  const auto base = hash("a: 1\nb: {c: [x, y]}\n");
  CHECK(hash("# remark\nb:\n  c:\n    - x\n    - 'y'\na: 1\n") == base);
  CHECK(hash("a: 1\nb: {c: [y, x]}\n") != base);
  CHECK(hash("a: 2\nb: {c: [x, y]}\n") != base);
  CHECK(hash("a: [xy]\n") != hash("a: [x, y]\n"));
  CHECK(hash("a: ${HOST}\n", "one") == hash("a: ${HOST}\n", "two"));
  const auto with_file = hash("a: ${file:k}\n");
  env.files["k"] = "two";
  CHECK(hash("a: ${file:k}\n") == with_file);
  CHECK(hash("db_password: one\n") == hash("db_password: two\n"));
}
