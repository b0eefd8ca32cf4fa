// lienthong map, through the real program.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/journal/file_journal.h"
#include "core/message/fact.h"
#include "test/e2e/program.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::test;

namespace {

const std::string kRoot = LT_SOURCE_DIR;
const std::string kJudicial = kRoot + "/mappings/judicial/onestop-to-judicial.map.yaml";
const std::string kDossier = kRoot + "/mappings/judicial/examples/dossier.json";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// A copy of mappings and schemas that a test may change.
struct Copy {
  Scratch scratch;
  Copy() {
    for (const char* folder : {"/mappings", "/schemas"})
      std::filesystem::copy(kRoot + folder, scratch.path() + folder, std::filesystem::copy_options::recursive);
  }
  std::string at(const std::string& name) const { return scratch.path() + "/" + name; }
  std::string read(const std::string& name) const { return *read_file(system_env(), at(name)); }
  void put(const std::string& name, const std::string& text) const {
    REQUIRE(replace_file(system_env(), at(name), text));
  }
  void change(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read(name);
    const size_t found = text.find(from);
    REQUIRE(found != std::string::npos);
    put(name, text.replace(found, from.size(), to));
  }
};

const std::string kQuery = "mappings/insurance/insurance-query.map.yaml";
const std::string kSample = "mappings/insurance/examples/query.json";

}  // namespace

TEST_CASE("map test: every shipped mapping passes; a failure is exit code 1, a wrong mapping 78") {
  const auto all = run_program({"map", "test", "--mappings", kRoot + "/mappings"});
  CHECK_MESSAGE(all.exit_code == 0, all.out);
  for (const char* part : {"dossier-json-to-xml@1", "reverse: exact", "onestop-to-judicial@1", "lossy("})
    CHECK_MESSAGE(has(all.out, part), all.out);
  Copy copy;
  copy.change(kQuery, "error: LT-2104 at ngaySinh", "error: LT-2103 at ngaySinh");
  const std::string junit = copy.at("out.xml");
  const auto failing = run_program({"map", "test", copy.at(kQuery), "--junit", junit});
  CHECK(failing.exit_code == 1);
  CHECK_MESSAGE(has(failing.out, "HỎNG / FAILED impossible-day (forward) LT-1125"), failing.out);
  CHECK(has(copy.read("out.xml"), "failures=\"1\""));
  const auto json = run_program({"map", "test", copy.at(kQuery), "--json"});
  CHECK(json.exit_code == 1);
  CHECK(json.out.starts_with("{\"ok\":false,\"mappings\":[{\"name\":\"insurance-query\""));
  copy.change(kQuery, "hoTen: {from: HoTen", "hoTen: {from: HoTenn");
  const auto wrong = run_program({"map", "test", "insurance-query", "--mappings", copy.at("mappings"), "--json"});
  CHECK(wrong.exit_code == 78);
  CHECK(has(wrong.out, "LT-1101"));
  CHECK(run_program({"map", "test", "no-such-mapping", "--mappings", kRoot + "/mappings"}).exit_code == 1);
  CHECK(run_program({"map"}).exit_code == 2);
}

TEST_CASE("map coverage names rules that no example exercises") {
  const auto ran = run_program({"map", "coverage", kRoot + "/" + kQuery});
  CHECK(ran.exit_code == 0);
  CHECK_MESSAGE(has(ran.out, "insurance-query.map.yaml:15:5  maXaKs"), ran.out);
}

TEST_CASE("map try: the output, or the error with its place; map explain and its exit codes") {
  const auto good = run_program({"map", "try", kRoot + "/" + kQuery, kRoot + "/" + kSample});
  CHECK(good.exit_code == 0);
  CHECK(has(good.out, "\n  \"ngaySinh\": \"19900905\""));
  Copy copy;
  copy.put("bad.json", R"({"HoTen":"A","NgaySinh":"31/02/1990"})");
  CHECK(run_program({"map", "try", copy.at(kQuery), copy.at("bad.json")}).exit_code == 1);
  CHECK(run_program({"map", "try", copy.at(kQuery), copy.at("none.json")}).exit_code == 1);
  CHECK(run_program({"map", "try", copy.at(kQuery), copy.at(kSample), "--as-of", "1/7/2026"}).exit_code == 2);
  const auto back = run_program(
      {"map", "try", kRoot + "/" + kQuery, kRoot + "/mappings/insurance/examples/partner-query.json", "--reverse"});
  CHECK(back.exit_code == 0);
  CHECK_MESSAGE(has(back.out, "\"NgaySinh\": \"05/09/1990\""), back.out);
  const auto why = run_program({"map", "explain", kJudicial, kDossier, "$.maTinh"});
  CHECK(why.exit_code == 0);
  CHECK_MESSAGE(has(why.out, "ma-tinh.csv:12) H49 -> 22"), why.out);
  CHECK(run_program({"map", "explain", kJudicial, kDossier, "a..b"}).exit_code == 2);
}

TEST_CASE("map try --watch prints again when mapping, table, schema or sample change, and ends on a signal") {
  Copy copy;
  auto process =
      cli::Process::start(LT_PROGRAM, {"map", "try", copy.at(kQuery), copy.at(kSample), "--watch"}, {}, "/dev/null");
  REQUIRE(process);
  // One output: the line with the time, the document, its closing brace.
  const auto next = [&] {
    std::string out;
    while (auto line = process->read_line()) {
      out += *line + "\n";
      if (*line == "}") break;
    }
    return out;
  };
  const std::string first = next();
  CHECK(first.starts_with("--- "));
  CHECK(has(first, "\"loaiNgaySinh\": \"0\""));
  copy.change(kQuery, "loaiNgaySinh: {const: \"0\"}", "loaiNgaySinh: {const: \"1\"}");
  CHECK(has(next(), "\"loaiNgaySinh\": \"1\""));
  std::string sample = copy.read(kSample);
  sample.replace(sample.find("Nguyễn Văn An"), std::string("Nguyễn Văn An").size(), "Trần Thị Bình");
  copy.put(kSample, sample);
  CHECK(has(next(), "Trần Thị Bình"));
  copy.put("mappings/insurance/unrelated.txt", "nobody reads this");
  copy.put("schemas/insurance/query.schema.json", copy.read("schemas/insurance/query.schema.json"));
  CHECK(has(next(), "Trần Thị Bình"));
  process->signal(SIGTERM);
  CHECK(process->wait() == 0);
}

TEST_CASE("map try --watch sees a table written in place, and outlives a mapping that is wrong for a while") {
  Copy copy;
  const std::string mapping = "mappings/judicial/judicial-to-onestop.map.yaml";
  const std::string table = "mappings/judicial/tables/noi-dung-xu-ly.csv";
  auto process = cli::Process::start(
      LT_PROGRAM, {"map", "try", copy.at(mapping), copy.at("mappings/judicial/examples/result.json"), "--watch"}, {},
      "/dev/null");
  REQUIRE(process);
  const auto next = [&] {
    std::string out;
    while (auto line = process->read_line()) {
      out += *line + "\n";
      if (*line == "}") break;
    }
    return out;
  };
  const std::string first = next();
  const size_t at = first.find("\"NoiDungXuLy\": \"");
  REQUIRE(at != std::string::npos);
  const size_t begin = at + std::string("\"NoiDungXuLy\": \"").size();
  const std::string value = first.substr(begin, first.find('"', begin) - begin);
  std::string rows = copy.read(table);
  rows.replace(rows.find("," + value), value.size() + 1, ",Chữ khác");
  std::ofstream(copy.at(table), std::ios::binary) << rows;
  CHECK(has(next(), "\"NoiDungXuLy\": \"Chữ khác\""));
  copy.change(mapping, "from: trangThaiXuLy", "from: trangThaiXuLi");
  CHECK(process->read_line()->starts_with("--- "));  // the findings are on stderr
  copy.change(mapping, "from: trangThaiXuLi", "from: trangThaiXuLy");
  CHECK(has(next(), "\"NoiDungXuLy\": \"Chữ khác\""));
  process->signal(SIGINT);
  CHECK(process->wait() == 0);
}

TEST_CASE("map try reads a pipe, and says errors as JSON on stderr") {
  const auto shell = [](const std::string& command) {
    Ran ran;
    auto process = cli::Process::start("/bin/sh", {"-c", command}, {}, "/dev/null");
    REQUIRE(process);
    while (auto line = process->read_line()) ran.out += *line + '\n';
    ran.exit_code = process->wait();
    return ran;
  };
  const std::string program = LT_PROGRAM, query = kRoot + "/" + kQuery;
  const auto piped = shell("cat '" + kRoot + "/" + kSample + "' | '" + program + "' map try '" + query + "' -");
  CHECK(piped.exit_code == 0);
  CHECK(has(piped.out, "19900905"));
  const auto refused = shell("echo '{\"HoTen\":\"A\",\"NgaySinh\":\"31/02/1990\"}' | '" + program + "' map try '" +
                             query + "' - --json-errors 2>&1");
  CHECK(refused.exit_code == 1);
  CHECK_MESSAGE(has(refused.out, "{\"code\":\"LT-2104\""), refused.out);
  CHECK(has(refused.out, "\"path\":\"$.NgaySinh\""));
  CHECK(has(refused.out, "\"hint_vi\":"));
}

TEST_CASE("map diff: changed paths, a summary by rule, exit code 1 when anything changed") {
  Copy copy;
  const std::string before = copy.at(kQuery), after = copy.at("mappings/insurance/new.map.yaml");
  copy.put("mappings/insurance/new.map.yaml", copy.read(kQuery));
  const auto same = run_program({"map", "diff", before, after, "--on", copy.at(kSample)});
  CHECK(same.exit_code == 0);
  CHECK(has(same.out, "same: 1"));
  copy.change("mappings/insurance/new.map.yaml", "to: yyyyMMdd", "to: yyyyddMM");
  const auto changed = run_program({"map", "diff", before, after, "--on", copy.at(kSample)});
  CHECK(changed.exit_code == 1);
  CHECK_MESSAGE(has(changed.out, "$.ngaySinh: \"19900905\" -> \"19900509\""), changed.out);
  CHECK(has(changed.out, "changed: 1"));
  CHECK(run_program({"map", "diff", before, after, "--on", "last-10"}).exit_code == 2);
  CHECK(run_program({"map", "diff", before, after, "--on", "last-10", "--data", copy.at("none")}).exit_code == 1);
}

TEST_CASE("map diff over the last messages of a data directory, their bodies sealed") {
  Copy copy;
  const std::string data = copy.at("data"), after = copy.at("mappings/insurance/new.map.yaml");
  Env& env = system_env();
  ManualClock clock;
  Metrics metrics;
  SeededIds ids(clock, 1);
  REQUIRE(env.make_directories(data + "/journal"));
  REQUIRE(replace_file(env, data + "/master.key", std::string(64, 'b')));
  auto keys = journal::KeyStore::open(env, data, *journal::parse_master_key(std::string(64, 'b')));
  REQUIRE(keys);
  auto journal = journal::open_file_journal(env, clock, keys->get(), metrics, {.directory = data + "/journal"});
  REQUIRE(journal);
  for (const char* day : {"05/09/1990", "06/09/1990", "31/02/1990"}) {
    auto message = std::make_shared<Message>();
    message->envelope.id = ids.next();
    message->envelope.type = "insurance/query";
    message->envelope.accepted = clock.wall();
    message->envelope.key_class = static_cast<uint8_t>(journal::KeyClass::personal);
    message->body = Body::of(std::string(R"({"HoTen":"A","GioiTinh":"1","NgaySinh":")") + day + "\"}");
    AcceptedFact fact;
    fact.message = message;
    (*journal)->append({journal::RecordType::accepted, journal::KeyClass::personal, encode_fact_header(fact),
                        std::string(message->body.view())},
                       [](Result<Position>) {});
    clock.advance(std::chrono::seconds(1));
  }
  (*journal)->flush();
  copy.put("mappings/insurance/new.map.yaml", copy.read(kQuery));
  const auto diff = [&](const std::string& last) {
    return run_program({"map", "diff", copy.at(kQuery), after, "--on", last, "--data", data});
  };
  const auto same = diff("last-10");
  CHECK_MESSAGE(same.exit_code == 0, same.out);
  CHECK_MESSAGE(has(same.out, "same: 3"), same.out);
  copy.change("mappings/insurance/new.map.yaml", "to: yyyyMMdd", "to: yyyyddMM");
  const auto changed = diff("last-2");
  CHECK(changed.exit_code == 1);
  CHECK_MESSAGE(has(changed.out, "messages: 2;"), changed.out);
  CHECK(has(changed.out, "same: 1; "));
  CHECK(has(changed.out, "changed: 1; "));
  CHECK(has(changed.out, "\"19900906\" -> \"19900609\""));
  CHECK_FALSE(has(changed.out, "19900905"));
}
