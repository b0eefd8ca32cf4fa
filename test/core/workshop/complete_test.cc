#include "core/workshop/complete.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/schema/json_schema.h"
#include "core/schema/model.h"
#include "core/schema/xsd.h"

using namespace lt;
using namespace lt::workshop;

namespace {

class Editor {
 public:
  Editor() {
    config::Diagnostics found;
    schema::SchemaFiles files(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", found);
    source_ = schema::read_json_schema(files, "bench/dossier.schema.json", found);
    target_ = schema::read_xsd(files, "bench/dossier.xsd", found);
    REQUIRE(source_);
    REQUIRE(target_);
  }
  // `|` is the cursor.
  std::vector<std::string> at(std::string text) const {
    const size_t cursor = text.find('|');
    REQUIRE(cursor != std::string::npos);
    text.erase(cursor, 1);
    CompleteRequest request;
    request.text = text;
    request.line =
        static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(cursor), '\n')) + 1;
    const size_t start = cursor == 0 ? 0 : text.rfind('\n', cursor - 1) + 1;
    request.column = static_cast<int>(cursor - start) + 1;
    request.source = source_.get();
    request.target = target_.get();
    std::vector<std::string> out;
    for (const Completion& one : complete(request)) out.push_back(one.text);
    return out;
  }

 private:
  std::shared_ptr<const schema::Model> source_, target_;
};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

const std::string kHead =
    "mapping: m\nversion: 1\nsource: {format: json, schema: bench/dossier.schema.json}\n"
    "target: {format: xml, schema: bench/dossier.xsd, root: Message}\ntables:\n  states: a.csv\n"
    "types: {day: {pattern: a, to: b}}\n";

}  // namespace

TEST_CASE("keys of the file and of its maps, without those written") {
  const Editor editor;
  const auto keys = editor.at(kHead + "|");
  CHECK(has(keys, "rules"));
  CHECK(has(keys, "examples"));
  CHECK_FALSE(has(keys, "mapping"));
  CHECK(editor.at("mapping: a\nsource: {format: json, |") == std::vector<std::string>{"schema", "root", "ns"});
  CHECK(editor.at("source:\n  format: |") == std::vector<std::string>{"json", "xml"});
  CHECK(has(editor.at(kHead + "examples:\n  - {name: a, |"), "round_trip"));
}

TEST_CASE("target paths, those not written yet first") {
  const Editor editor;
  const auto paths = editor.at(kHead + "rules:\n  - MessageId: messageId\n  - |\n  - SentAt: sentAt\n");
  REQUIRE(paths.size() > 10);
  CHECK(paths.front() == "Version");
  CHECK(has(paths, "Dossier.Code"));
  CHECK(paths[paths.size() - 2] == "MessageId");
  CHECK(paths.back() == "SentAt");
}

TEST_CASE("source paths are relative to the group, also when from follows the rules") {
  const Editor editor;
  const std::string group =
      "rules:\n  - Applicant:\n      from: applicant\n      rules:\n        - Address:\n"
      "            rules:\n              - Line: |\n            from: address\n";
  const auto paths = editor.at(kHead + group);
  CHECK(has(paths, "wardCode"));
  CHECK_FALSE(has(paths, "fullName"));
  const auto items =
      editor.at(kHead + "rules:\n  - Steps.Step:\n      each: steps\n      rules:\n        - Seq: {from: |\n");
  CHECK(items == std::vector<std::string>{"seq", "unit", "officer", "from", "result"});
  CHECK(has(editor.at(kHead + "rules:\n  - Steps.Step:\n      each: steps\n      rules:\n        - |\n"), "Officer"));
}

TEST_CASE("operators, their values, and names of tables and types, on a line that does not parse") {
  const Editor editor;
  const auto operators = editor.at(kHead + "rules:\n  - Version: {from: version, |\n  - SentAt: sentAt\n");
  CHECK(has(operators, "table"));
  CHECK_FALSE(has(operators, "from"));
  CHECK(has(editor.at(kHead + "rules:\n  - Version:\n      from: version\n      |\n"), "default"));
  CHECK(editor.at(kHead + "rules:\n  - Version: {from: version, when_absent: |") ==
        std::vector<std::string>{"omit", "null", "empty", "hold"});
  CHECK(editor.at(kHead + "rules:\n  - Version: {from: version, table: |") == std::vector<std::string>{"states"});
  CHECK(editor.at(kHead + "rules:\n  - Version: {from: version, type: |") == std::vector<std::string>{"day"});
}

TEST_CASE("nothing outside of the text") {
  CHECK(complete({"mapping: a\n", 99, 1, nullptr, nullptr}).empty());
  CHECK(named_schemas("source:\n  format: json\n  schema: 'a.json'\ntarget: {schema: b.xsd, for") ==
        std::pair<std::string, std::string>("a.json", "b.xsd"));
}
