#include "core/base/log.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <cmath>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/limits.h"

namespace lt {
namespace {
using namespace std::chrono_literals;

// Catches the lines and gives the log back as it was.
struct Caught {
  ManualClock clock{*parse_rfc3339("2026-11-20T08:30:00.123+07:00")};
  std::vector<std::string> lines;
  explicit Caught(log::Format format = log::Format::json) {
    log::set_clock(&clock);
    log::set_format(format);
    log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
  }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;
  ~Caught() {
    log::set_sink(nullptr);
    log::set_format(log::Format::automatic);
    log::set_level(log::Level::info);
    log::set_clock(nullptr);
  }
};

rapidjson::Document parse(const std::string& line) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(line.c_str(), line.size());
  CAPTURE(line);
  REQUIRE_FALSE(document.HasParseError());
  REQUIRE(document.IsObject());
  return document;
}
std::string text_of(const rapidjson::Value& value) { return {value.GetString(), value.GetStringLength()}; }
}  // namespace

TEST_CASE("a log line is one JSON object with its fields in order") {
  Caught caught;
  log::info("journal", "recovered", {{"records", 120}, {"ok", true}, {"share", 0.5}, {"position", "0:17"}});
  REQUIRE(caught.lines.size() == 1);
  CHECK(caught.lines[0] ==
        R"({"ts":"2026-11-20T08:30:00.123+07:00","level":"info","component":"journal","msg":"recovered",)"
        R"("records":120,"ok":true,"share":0.5,"position":"0:17"})");
}

TEST_CASE("whatever is logged, the line is valid JSON and carries it") {
  Caught caught;
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "Đắk Lắk 😀";
  log::warn("a\"b", "back\\slash\nnew",
            {{"all", all},
             {"ke\"y", ""},
             {"nan", std::nan("")},
             {"inf", HUGE_VAL},
             {"big", 1e300},
             {"max", UINT64_MAX},
             {"min", INT64_MIN},
             {"error", Error(Code::bad_json, "at \"x\"")}});
  REQUIRE(caught.lines.size() == 1);
  CHECK(caught.lines[0].find('\n') == std::string::npos);
  const auto line = parse(caught.lines[0]);
  CHECK(text_of(line["level"]) == "warn");
  CHECK(text_of(line["component"]) == "a\"b");
  CHECK(text_of(line["msg"]) == "back\\slash\nnew");
  CHECK(text_of(line["all"]) == all);
  CHECK(text_of(line["ke\"y"]).empty());
  CHECK(line["nan"].IsNull());
  CHECK(line["inf"].IsNull());
  CHECK(line["big"].GetDouble() == 1e300);
  CHECK(line["max"].GetUint64() == UINT64_MAX);
  CHECK(line["min"].GetInt64() == INT64_MIN);
  CHECK(text_of(line["error"]).find("LT-3001") == 0);
}

TEST_CASE("texts that are not UTF-8 are repaired and long ones cut between characters") {
  Caught caught;
  log::info("a", "b", {{"bad", "x\xFFy\xE1\xBA"}, {"long", std::string(limits::kLogValue - 1, 'x') + "ệệệ"}});
  REQUIRE(caught.lines.size() == 1);
  const auto line = parse(caught.lines[0]);
  CHECK(text_of(line["bad"]) == "x\uFFFDy\uFFFD\uFFFD");
  CHECK(text_of(line["long"]) == std::string(limits::kLogValue - 1, 'x') + "…");
}

TEST_CASE("levels below the one set are not written") {
  Caught caught;
  log::debug("a", "1");
  log::set_level(log::Level::warn);
  log::info("a", "2");
  log::warn("a", "3");
  log::set_level(log::Level::debug);
  log::debug("a", "4");
  REQUIRE(caught.lines.size() == 2);
  CHECK(text_of(parse(caught.lines[0])["msg"]) == "3");
  CHECK(text_of(parse(caught.lines[1])["level"]) == "debug");
}

TEST_CASE("text for people is one line too") {
  Caught caught(log::Format::human);
  log::error("net", "refused\x1b[31m", {{"endpoint", "a b\n"}, {"n", 3}});
  REQUIRE(caught.lines.size() == 1);
  CHECK(caught.lines[0] == R"(08:30:00.123 net: refused\u001b[31m endpoint="a b\n" n=3)");
}

TEST_CASE("repeats within a second are counted and reported after it") {
  Caught caught;
  for (int i = 0; i < 100; ++i) log::warn("sink", "refused", {{"n", i}});
  CHECK(caught.lines.size() == limits::kLogRepeats);
  log::warn("sink", "another");
  log::warn("source", "refused");
  CHECK(caught.lines.size() == limits::kLogRepeats + 2);
  caught.clock.advance(999ms);
  log::warn("sink", "refused");
  CHECK(caught.lines.size() == limits::kLogRepeats + 2);
  caught.clock.advance(1ms);
  log::info("sink", "something else");
  REQUIRE(caught.lines.size() == limits::kLogRepeats + 4);
  const auto count = parse(caught.lines[limits::kLogRepeats + 2]);
  CHECK(text_of(count["level"]) == "warn");
  CHECK(text_of(count["component"]) == "sink");
  CHECK(text_of(count["msg"]) == "refused");
  CHECK(count["suppressed"].GetInt() == 81);
  caught.lines.clear();
  for (int i = 0; i < 3; ++i) log::warn("sink", "refused");
  CHECK(caught.lines.size() == 3);
}

TEST_CASE("flush reports what is suppressed at once, and once") {
  Caught caught;
  for (int i = 0; i < 25; ++i) log::info("a", "b");
  caught.lines.clear();
  log::flush();
  REQUIRE(caught.lines.size() == 1);
  CHECK(parse(caught.lines[0])["suppressed"].GetInt() == 5);
  log::flush();
  CHECK(caught.lines.size() == 1);
}

TEST_CASE("more different lines than are watched are still written, and watching resumes") {
  Caught caught;
  const size_t many = limits::kLogRepeatKeys + 50;
  for (size_t i = 0; i < many; ++i) log::info("a", "line " + std::to_string(i));
  CHECK(caught.lines.size() == many);
  caught.clock.advance(1s);
  caught.lines.clear();
  for (int i = 0; i < 30; ++i) log::info("b", "new");
  CHECK(caught.lines.size() == limits::kLogRepeats);
}

TEST_CASE("threads do not tear each other's lines or lose counts") {
  Caught caught;
  {
    const auto talk = [] {
      for (int i = 0; i < 500; ++i) log::info("a", "same", {{"i", i}});
    };
    std::jthread one(talk), two(talk), three(talk);
  }
  log::flush();
  REQUIRE(caught.lines.size() == limits::kLogRepeats + 1);
  for (const auto& line : caught.lines) parse(line);
  CHECK(parse(caught.lines.back())["suppressed"].GetUint() == 1500 - limits::kLogRepeats);
}

}  // namespace lt
