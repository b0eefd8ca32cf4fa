#include "core/codec/lift.h"

#include "core/codec/holes.h"
#include "core/codec/json.h"
#include "core/codec/json_escape.h"
#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::GeneratedSource;
using lt::test::PiecesSource;

namespace {

Result<Lifted> lift(std::string_view text, const LiftOptions& options, size_t piece = 7) {
  PiecesSource source(text, piece);
  return lift_json(source, options);
}

}  // namespace

TEST_CASE("long strings become ranges, short ones stay, whatever the pieces") {
  const std::string text = R"({"a":"short","b":"12345678901","n":["ạạạạ","1234567890"],"e":"\"\\\n"} )";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const auto lifted = lift(text, {.longest = 10}, piece);
    REQUIRE(lifted);
    CHECK(lifted->skeleton == R"({"a":"short","b":"","n":["","1234567890"],"e":"\"\\\n"} )");
    REQUIRE(lifted->ranges.size() == 2);
    CHECK(text.substr(lifted->ranges[0].range.offset, lifted->ranges[0].range.length) == "12345678901");
    CHECK(text.substr(lifted->ranges[1].range.offset, lifted->ranges[1].range.length) == "ạạạạ");
    CHECK(lifted->ranges[1].columns == 4);
    CHECK(lifted->size == text.size());
    Tree tree;
    REQUIRE(parse_json(*lifted, tree));
    CHECK(tree.root()->find("b")->kind == Kind::blob);
    CHECK(tree.root()->find("b")->blob.offset == text.find("1234567"));
    CHECK(tree.root()->find("n")->first->kind == Kind::blob);
    CHECK(tree.root()->find("n")->last->text == "1234567890");
    CHECK(tree.root()->find("a")->text == "short");
  }
}

TEST_CASE("an empty string beside a lifted one is not taken for it") {
  const auto lifted = lift(R"(["","12345678901",""])", {.longest = 10});
  REQUIRE(lifted);
  Tree tree;
  REQUIRE(parse_json(*lifted, tree));
  CHECK(tree.root()->first->kind == Kind::text);
  CHECK(tree.root()->first->next->kind == Kind::blob);
  CHECK(tree.root()->last->kind == Kind::text);
}

TEST_CASE("errors after a lifted string have the column of the received text") {
  const std::string text = "[\n \"ạạạạạạạạạạ\", x]";
  const auto lifted = lift(text, {.longest = 10});
  REQUIRE(lifted);
  Tree tree;
  const auto parsed = parse_json(*lifted, tree);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().place.line == 2);
  CHECK(parsed.error().place.column == 16);
}

TEST_CASE("a long string with escapes is a marked range whose text the unescaper gives, whatever the pieces") {
  const std::string raw = R"(QUJ\/\/9=\u1EA1\ud83d\uDE00\"\\ x\b\f\n\r\t)";
  const std::string meant = "QUJ//9=ạ😀\"\\ x\b\f\n\r\t";
  const std::string text = "{\"a\":\"" + raw + "\",\"b\":\"1234567890123\",\"c\":\"a\\/b\"}";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    struct Seen final : LiftedText {
      void begin(uint64_t offset) override { texts.emplace_back(offset, ""); }
      void text(std::string_view part) override { texts.back().second += part; }
      void end() override { ++ended; }
      std::vector<std::pair<uint64_t, std::string>> texts;
      int ended = 0;
    } seen;
    JsonLifter lifter({.longest = 10}, &seen);
    PiecesSource source(text, piece, piece);
    for (std::string buffer(64, '\0');;) {
      const size_t n = *source.read(buffer.data(), buffer.size());
      if (n == 0) break;
      REQUIRE(lifter.feed(std::string_view(buffer).substr(0, n)));
    }
    const auto lifted = lifter.finish();
    REQUIRE(lifted);
    CHECK(lifted->skeleton == R"({"a":"","b":"","c":"a\/b"})");
    REQUIRE(lifted->ranges.size() == 2);
    const BlobRange& range = lifted->ranges[0].range;
    CHECK(range.escaped);
    CHECK(text.substr(range.offset, range.length) == raw);
    CHECK_FALSE(lifted->ranges[1].range.escaped);
    CHECK(seen.ended == 2);
    REQUIRE(seen.texts.size() == 2);
    CHECK(seen.texts[0] == std::pair<uint64_t, std::string>{range.offset, meant});
    CHECK(seen.texts[1].second == "1234567890123");
    JsonUnescapingSource unescaped(std::make_unique<PiecesSource>(raw, piece));
    CHECK(*lt::test::drain(unescaped, piece) == meant);
  }
}

TEST_CASE("long strings that are no strings are refused, with the column") {
  const LiftOptions few{.longest = 10};
  for (const char* end : {"\\q", "\\u12G4", "\\ud83d", "\\ud83dx", "\\ude00", "\\ud83d\\n", "\\u12"}) {
    CAPTURE(end);
    const auto bad = lift("[\"12345678901" + std::string(end) + "\"]", few);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == Code::bad_json);
    CHECK(lift("[\"" + std::string(end) + "zzzzzzzzzzzz\"]", few).error().code == Code::bad_json);
  }
  CHECK(lift(R"({"a":"12345678901234\x5"})", few).error().place.column == 22);
  CHECK(lift("[\"1234567890123\n\"]", few).error().code == Code::bad_json);
  CHECK(lift("[\"12\n34567890123\"]", few).error().code == Code::bad_json);
  CHECK(lift("[\"12345678901\\\n\"]", few).error().code == Code::bad_json);
  CHECK(lift("[\"123456789012345", few).error().code == Code::bad_json);
  CHECK(lift("[\"123456789012345\xE0y\"]", few).error().code == Code::bad_encoding);
  CHECK(lift("[\"123456789012345\xE1\xBA", few).error().code == Code::bad_encoding);
  CHECK(lift(std::string("{\0\"\0", 4), few, 64).error().code == Code::bad_encoding);
  CHECK(lift("[\"12345678901\"]", {.longest = 10, .body = 14}).error().code == Code::too_large);
  // A long member name is a name too long, not a blob.
  const auto name = lift(R"({"12345678901":1})", few);
  REQUIRE(name);
  Tree tree;
  CHECK(parse_json(*name, tree).error().code == Code::too_large);
}

TEST_CASE("what is not in long strings is bounded") {
  GeneratedSource many("[", "1,", 1'000'000, "1]");
  const auto lifted = lift_json(many, {.skeleton = 100'000});
  REQUIRE_FALSE(lifted);
  CHECK(lifted.error().code == Code::too_large);
}

TEST_CASE("a string of 100 MB is lifted in constant memory") {
  const std::string head = R"({"MaHoSo":"H49-1","Tep":")";
  GeneratedSource body(head, "QUJDREVGR0hJSktM", 100'000'000 / 16, R"(","sau":"x"})");
  const size_t before = lt::test::peak_memory();
  Tree tree;
  REQUIRE(parse_json(body, tree));
  CHECK(lt::test::peak_memory() - before < 8 << 20);
  const Node* file = tree.root()->find("Tep");
  REQUIRE(file->kind == Kind::blob);
  CHECK(file->blob.offset == head.size());
  CHECK(file->blob.length == 100'000'000);
  CHECK(tree.root()->find("sau")->text == "x");
}

TEST_CASE("a written blob is a hole, filled while the document is sent") {
  const auto lifted = lift(R"({"a":"12345678901","b":["12345678902"],"c":1})", {.longest = 10});
  REQUIRE(lifted);
  Tree tree;
  REQUIRE(parse_json(*lifted, tree));
  std::string out;
  CHECK(write_json(tree.root(), out).error().place.path == "$.a");
  std::vector<BlobHole> holes;
  REQUIRE(write_json(tree.root(), out, {}, &holes));
  REQUIRE(holes.size() == 2);
  CHECK(holes[1].node == tree.root()->find("b")->first);
  std::vector<HoledSource::Filling> fillings(2);
  fillings[0] = {holes[0].at, std::make_unique<MemorySource>("one")};
  fillings[1] = {holes[1].at, std::make_unique<MemorySource>("two")};
  HoledSource whole(out, std::move(fillings));
  CHECK(whole.size() == out.size() + 6);
  CHECK(*lt::test::drain(whole, 5) == R"({"a":"one","b":["two"],"c":1})");
}
