#include "core/codec/lift.h"

#include "core/codec/holes.h"
#include "core/codec/json.h"
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

TEST_CASE("long strings that cannot be ranges are refused") {
  const LiftOptions few{.longest = 10};
  const auto late = lift(R"({"a":"12345678901234\/5"})", few);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Code::too_large);
  CHECK(late.error().detail.find("string at byte 6 ") != std::string::npos);
  CHECK(late.error().place.column == 21);
  CHECK(lift(R"({"a":"1\/2345678901234"})", few).error().code == Code::too_large);
  CHECK(lift("[\"1234567890123\n\"]", few).error().code == Code::bad_json);
  CHECK(lift("[\"12\n34567890123\"]", few).error().code == Code::bad_json);
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
