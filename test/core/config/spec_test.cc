#include "core/config/spec.h"

#include <doctest/doctest.h>

#include <map>

#include "core/config/yaml.h"

using namespace lt;
using namespace lt::config;

namespace {

enum class Mode { fast, safe };
struct Part {
  std::string url;
  std::optional<uint16_t> port;
  Place place;
};
struct Sample {
  std::string listen;
  std::string key;
  bool on = true;
  int workers = 4;
  std::chrono::milliseconds timeout{5000};
  uint64_t most = 64 << 10;
  Mode mode = Mode::safe;
  Located<std::string> target;
  Part main;
  std::vector<Part> parts;
  std::map<std::string, Part> named;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<Located<std::string>> names;
  std::string schema;
  Value extra;
  std::optional<int> number;
};

const Spec<Part>& part_spec() {
  static const auto spec = Spec<Part>("part")
                               .text("url", &Part::url, {.required = true, .doc_en = "Where", .doc_vi = "Ở đâu"})
                               .integer("port", &Part::port, {.least = 1})
                               .place(&Part::place);
  return spec;
}

const Spec<Sample>& sample_spec() {
  static const auto spec = Spec<Sample>("sample")
                               .text("listen", &Sample::listen,
                                     {.required = true, .doc_en = "Address", .doc_vi = "Địa chỉ", .example = ":80"})
                               .secret("key", &Sample::key, {.least = 4})
                               .boolean("on", &Sample::on, {})
                               .integer("workers", &Sample::workers, {.least = 1, .most = 64})
                               .duration("timeout", &Sample::timeout, {.least = 1, .most = 60'000})
                               .size("most", &Sample::most, {})
                               .one_of("mode", &Sample::mode, {{"fast", Mode::fast}, {"safe", Mode::safe}}, {})
                               .text("target", &Sample::target, {})
                               .object("main", &Sample::main, part_spec(), {})
                               .list("parts", &Sample::parts, part_spec(), {.most = 3})
                               .map("named", &Sample::named, part_spec(), {})
                               .text_map("labels", &Sample::labels, {})
                               .texts("names", &Sample::names, {})
                               .path("schema", &Sample::schema, {})
                               .raw("extra", &Sample::extra, {})
                               .parsed("number", &Sample::number, "even number",
                                       [](std::string_view text) -> Result<int> {
                                         const auto n = parse_integer(text);
                                         if (n && *n % 2 == 0) return static_cast<int>(*n);
                                         return fail(Code::wrong_type, "odd");
                                       },
                                       {})
                               .check([](const Sample& s, const Value& v, Diagnostics& d) {
                                 if (s.workers != 13) return true;
                                 d.error(Code::out_of_range, v.find("workers")->place(), "workers: 13 brings bad luck");
                                 return false;
                               });
  return spec;
}

struct Read {
  Diagnostics diagnostics;
  Sample sample;
  explicit Read(std::string_view text) {
    sample = sample_spec().read(parse_yaml(text, "conf/s.yaml", diagnostics), diagnostics);
  }
  std::string places() const {
    std::string out;
    for (const auto& f : diagnostics.findings()) {
      out += (out.empty() ? "" : " ") + std::to_string(static_cast<int>(f.code)) + "@" + std::to_string(f.place.line) +
             ":" + std::to_string(f.place.column);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("a spec fills the struct and leaves defaults alone") {
  Read r(R"(listen: 0.0.0.0:80
key: "0123"
timeout: 2s
most: 10MB
mode: fast
target: axis
main: {url: http://a}
parts:
  - url: b
    port: 8080
named:
  x: {url: c}
labels: {a: "1", b: no}
names: [u, v]
schema: ../s.json
extra: {anything: [1]}
number: 4
)");
  CHECK(r.diagnostics.text() == "");
  const auto& s = r.sample;
  CHECK(s.listen == "0.0.0.0:80");
  CHECK(s.key == "0123");
  CHECK(s.on);
  CHECK(s.workers == 4);
  CHECK(s.timeout == std::chrono::seconds(2));
  CHECK(s.most == 10'000'000);
  CHECK(s.mode == Mode::fast);
  CHECK(s.target.place.text() == "conf/s.yaml:6:9");
  CHECK(s.main.url == "http://a");
  CHECK(s.main.place.text() == "conf/s.yaml:7:1");
  REQUIRE(s.parts.size() == 1);
  CHECK(s.parts[0].port == 8080);
  CHECK(s.named.at("x").place.text() == "conf/s.yaml:12:3");
  CHECK(s.labels.at(1) == std::pair<std::string, std::string>("b", "no"));
  CHECK(s.names.at(1).place.column == 12);
  CHECK(s.schema == "conf/../s.json");
  CHECK(s.extra.find("anything")->items.size() == 1);
  CHECK(s.number == 4);
}

TEST_CASE("all mistakes are found in one run, each at its line and column") {
  Read r(R"(lisen: 0.0.0.0:80
key: abc
on: yes
workers: 65
timeout: 5
most: 64kb
mode: saf
target: [x]
main:
  port: 70000
parts:
  - port: 1
    url: b
  - prot: 2
    url: c
named: {x: 3}
labels: {a: {b: 1}}
names: one
number: 3
)");
  CHECK(r.places() ==
        "1002@1:1 1004@1:1 1006@2:6 1003@3:5 1006@4:10 1003@5:10 1003@6:7 1003@7:7 1003@8:9 1004@9:1 1006@10:9 "
        "1002@14:5 1003@16:12 1003@17:13 1003@18:8 1003@19:9");
  const auto text = r.diagnostics.text();
  CHECK(text.find("hint: did you mean \"listen\"?") != std::string::npos);
  CHECK(text.find("sample lacks the key \"listen\"") != std::string::npos);
  CHECK(text.find("workers: 65 is more than 64") != std::string::npos);
  CHECK(text.find("hint: add the unit") != std::string::npos);
  CHECK(text.find("hint: did you mean \"safe\"?") != std::string::npos);
  CHECK(text.find("main:") != std::string::npos);
  CHECK(text.find("port: 70000 is more than 65535") != std::string::npos);
  CHECK(text.find("\"3\" is no even number: odd") != std::string::npos);
  CHECK(text.find("16 error(s)") != std::string::npos);
}

TEST_CASE("secrets are never printed, whatever is wrong with them") {
  Read r("listen: x\nkey: ab7\n");
  CHECK(r.places() == "1006@2:6");
  CHECK(r.diagnostics.text().find("ab7") == std::string::npos);
  Read wrong("listen: x\nkeyy: hunter2\n");
  CHECK(wrong.places() == "1002@2:1");
  CHECK(wrong.diagnostics.text().find("hunter2") == std::string::npos);
}

TEST_CASE("rules over several fields run when the fields are right") {
  CHECK(Read("listen: x\nworkers: 13\n").places() == "1006@2:10");
  CHECK(Read("listen: x\nworkers: 13\nmode: no\n").places() == "1003@3:7");
}

TEST_CASE("numbers, durations and sizes: one way to write each") {
  CHECK(parse_integer("-12") == -12);
  for (const char* bad : {"", "-", "012", "+1", "1e3", "0x1", " 1", "1 ", "9223372036854775808"})
    CHECK_FALSE(parse_integer(bad));
  CHECK(parse_duration("250ms")->count() == 250);
  CHECK(parse_duration("1h")->count() == 3'600'000);
  CHECK(parse_duration("0")->count() == 0);
  for (const char* bad : {"5", "-5s", "5 s", "s", "1.5s", "99999999999999999d"}) CHECK_FALSE(parse_duration(bad));
  CHECK(parse_size("64KiB") == 65536);
  CHECK(parse_size("10MB") == 10'000'000);
  CHECK(parse_size("77") == 77);
  for (const char* bad : {"64kb", "-1", "1.5MB", "KiB", "99999999TiB"}) CHECK_FALSE(parse_size(bad));
  CHECK(format_duration(std::chrono::minutes(90)) == "90m");
  CHECK(format_size(64 << 10) == "64KiB");
  CHECK(format_size(1001) == "1001");
}

TEST_CASE("the same specs give a JSON Schema and a reference page") {
  Diagnostics d;
  // JSON is YAML: read our own schema back to look at its shape.
  const auto schema = parse_yaml(json_schema(sample_spec(), "Liên Thông"), "schema", d);
  REQUIRE(d.text() == "");
  CHECK(schema.find("$schema")->text == "http://json-schema.org/draft-07/schema#");
  const auto& sample = *schema.find("definitions")->find("sample");
  CHECK(sample.find("additionalProperties")->text == "false");
  CHECK(sample.find("required")->items.at(0).text == "listen");
  const auto& properties = *sample.find("properties");
  CHECK(properties.members.size() == 16);
  CHECK(properties.find("workers")->find("default")->text == "4");
  CHECK(properties.find("workers")->find("anyOf")->items.at(0).find("maximum")->text == "64");
  CHECK(properties.find("timeout")->find("default")->text == "5s");
  CHECK(properties.find("most")->find("default")->text == "64KiB");
  CHECK(properties.find("mode")->find("default")->text == "safe");
  CHECK(properties.find("listen")->find("description")->text == "Địa chỉ / Address");
  CHECK(properties.find("parts")->find("items")->find("$ref")->text == "#/definitions/part");
  CHECK(properties.find("named")->find("additionalProperties")->find("$ref")->text == "#/definitions/part");
  CHECK(schema.find("definitions")->find("part"));

  const auto page = reference_page(sample_spec(), true);
  CHECK(page.find("| `listen` | chuỗi | **bắt buộc** | Địa chỉ (ví dụ `:80`) |") != std::string::npos);
  CHECK(page.find("| `workers` | số nguyên 1..64 | `4` |") != std::string::npos);
  CHECK(reference_page(sample_spec(), false).find("list of [part](#part)") != std::string::npos);
}
