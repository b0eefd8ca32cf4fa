// Random mappings and random documents. The first byte says which: even, the rest is a mapping file as text; odd, the
// rest draws rules from a grammar, and what is left over draws the document.
#include <fmt/format.h>

#include <array>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/config/csv.h"
#include "core/config/yaml.h"
#include "core/mapping/encode.h"
#include "core/mapping/file_room.h"
#include "core/mapping/invert.h"
#include "core/mapping/mapping.h"
#include "core/mapping/reversal.h"
#include "core/schema/json_schema.h"
#include "core/schema/schema_files.h"
#include "core/schema/xsd.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;
using namespace lt::mapping;

namespace {

constexpr std::string_view kSource = R"({"type":"object","properties":{
  "a":{"type":"string"},"n":{"type":"integer"},"b":{"type":"boolean"},"d":{"type":"string"},"x":{"type":["string","null"]},
  "g":{"type":"object","properties":{"a":{"type":"string"},"h":{"type":"object","properties":{"k":{"type":"string"}}}}},
  "l":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"},"k":{"type":"string"},
    "m":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}}}},
  "v":{"type":"array","items":{"type":"string"}},"any":{}}})";
constexpr std::string_view kJson = R"({"type":"object","properties":{
  "A":{"type":"string","maxLength":5},"N":{"type":"integer"},"B":{"type":"boolean"},"D":{"type":"string","format":"date"},
  "G":{"type":"object","required":["R"],"properties":{"R":{"type":"string"},"S":{"type":"string"}}},
  "L":{"type":"array","items":{"type":"object","properties":{"A":{"type":"string"},"K":{"type":"string"},
    "M":{"type":"array","items":{"type":"object","properties":{"A":{"type":"string"}}}}}}},
  "V":{"type":"array","items":{"type":"string"}},"O":{}}})";
constexpr std::string_view kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:f"
  elementFormDefault="qualified"><xs:element name="R"><xs:complexType><xs:sequence>
  <xs:element name="A" type="xs:string" minOccurs="0"/><xs:element name="N" type="xs:int" minOccurs="0"/>
  <xs:element name="G" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="R" type="xs:string"/>
    <xs:element name="S" type="xs:string" nillable="true" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="L" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element name="A" type="xs:string" minOccurs="0"/><xs:element name="K" type="xs:string" minOccurs="0"/>
    </xs:sequence><xs:attribute name="seq" type="xs:int"/></xs:complexType></xs:element>
  <xs:element name="V" type="xs:string" minOccurs="0" maxOccurs="3"/></xs:sequence>
  <xs:attribute name="v" type="xs:string"/></xs:complexType></xs:element></xs:schema>)";

struct Models {
  config::Diagnostics out;
  std::shared_ptr<const schema::Model> source, json, xml;
  std::shared_ptr<const schema::CodeTable> table;

  Models() {
    schema::SchemaFiles files(no_files(), "", out);
    files.put("s.json", std::string(kSource));
    files.put("t.json", std::string(kJson));
    files.put("t.xsd", std::string(kXsd));
    source = schema::read_json_schema(files, "s.json", out);
    json = schema::read_json_schema(files, "t.json", out);
    xml = schema::read_xsd(files, "t.xsd", out);
    table = std::make_shared<schema::CodeTable>(
        schema::CodeTable::load(config::parse_csv("source,target,preferred\n1,A,x\n2,B,\n3,A,\n", "t.csv", out), out));
    require(source && json && xml && out.ok(), "the schemas of this target can be read");
  }
};

class Draw {
 public:
  explicit Draw(std::string_view bytes) : bytes_(bytes) {}
  size_t below(size_t most) {
    if (at_ >= bytes_.size()) return 0;
    return static_cast<uint8_t>(bytes_[at_++]) % most;
  }
  template <size_t N>
  std::string_view of(const std::array<std::string_view, N>& list) {
    return list[below(N)];
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

constexpr std::array<std::string_view, 20> kPaths = {
    "a", "n",   "b",           "d", "x", "g",   "g.a", "g.h.k", "l", "l[k='1'].a",
    "v", "any", "any.deep.er", "$", ".", "$.a", "^.a", "&.a",   "k", "m"};
constexpr std::array<std::string_view, 18> kTargets = {"A", "N",     "B", "D", "G", "G.R", "G.S", "L",      "V",
                                                       "O", "O.p.q", ".", "K", "M", "S",   "R",   "\"@v\"", "\"@seq\""};
constexpr std::array<std::string_view, 12> kConditions = {"exists a",
                                                          "n > 3",
                                                          "a == 'x' and not b",
                                                          "count(l) > 1",
                                                          "any(l, k == '1')",
                                                          "length(a) in (1, 2)",
                                                          "fold(a) == 'x'",
                                                          "b",
                                                          "coalesce(x, a) != null",
                                                          "date(d, 'dd/MM/yyyy') < '2026-01-01'",
                                                          "substring(a, 2) == ''",
                                                          "k == 'x'"};
constexpr std::array<std::string_view, 24> kOperators = {"table: t",
                                                         "table: t, unmapped: keep",
                                                         "type: day",
                                                         "type: part",
                                                         "as: integer",
                                                         "as: decimal",
                                                         "as: text",
                                                         "as: boolean",
                                                         "default: 0",
                                                         "default: \"1\", back: omit_if_default",
                                                         "when_absent: empty",
                                                         "when_absent: null",
                                                         "when_absent: hold",
                                                         "normalize: nfc",
                                                         "normalize: [nfc, trim]",
                                                         "match: '^[a-z]+$'",
                                                         "unfit: hold",
                                                         "one_way: true",
                                                         "link: p",
                                                         "required_when: 'n > 1'",
                                                         "unmapped: \"default: Z\"",
                                                         "back: {set: {d: '1'}}",
                                                         "rest: keep",
                                                         "embedded: json"};

constexpr std::array<std::string_view, 5> kForms = {"base64", "zip", "url", "part", "reference"};

std::string rules(Draw& draw, int depth, const std::string& indent);

std::string rule(Draw& draw, int depth, const std::string& indent) {
  const std::string target(draw.of(kTargets)), path(draw.of(kPaths));
  std::string out = indent + "- " + target + ":";
  std::string origin;
  bool group = false;
  switch (draw.below(depth > 2 ? 10 : 16)) {
    case 0:
    case 1:
    case 2:
      return out + " \"" + path + "\"\n";
    case 3:
      origin = "const: \"" + std::string(draw.of(kPaths)) + "\"";
      break;
    case 4:
      origin = "one_way: \"concat(a, " + std::string(draw.of(kPaths)) + ")\"";
      break;
    case 5:
      origin = "only_back: '" + std::string(draw.of(kTargets)) + "'";
      break;
    case 6:
      origin = "parts: \"" + path + "\", pattern: '^(?<A>[a-z]*)-(?<K>[0-9]+)$'";
      break;
    case 7:
      origin = "join: \"" + path + "\", pattern: '^(?<a>[a-z]*)-(?<k>[0-9]+)$'";
      break;
    case 8:
      origin = "blob: \"" + path + "\"";
      if (draw.below(2)) origin += ", carrier: " + std::string(draw.of(kForms));
      if (draw.below(2)) origin += ", as: " + std::string(draw.of(kForms));
      if (draw.below(2)) origin += ", name: \"" + path + "\"";
      break;
    case 9:
      origin = "index: 1";
      break;
    case 10:
      origin = "from: \"" + path + "\"";
      group = true;
      break;
    case 11:
      origin = "each: \"" + path + "\"";
      group = true;
      break;
    case 12:
      origin = "each: \"" + path + "\", where: \"" + std::string(draw.of(kConditions)) + "\"";
      group = true;
      break;
    case 13:
      origin = "each: \"" + path + "\", match_on: {array: \"" + std::string(draw.of(kPaths)) + "\", key: k, equals: a}";
      group = true;
      break;
    case 14:
      origin = "spread: {" + std::string(draw.below(2) ? "from: l, " : "") + "by: k, prefixes: {\"1\": A, \"2\": B}}";
      group = true;
      break;
    default: {
      out += "\n" + indent + "    one_of:\n" + indent + "      by: \"" + path + "\"\n" + indent + "      cases:\n";
      for (const char* is : {"x", "y"})
        out += indent + "        - is: " + is + "\n" + indent + "          rules:\n" +
               rules(draw, depth + 1, indent + "            ");
      return out;
    }
  }
  if (draw.below(3) == 0) origin += ", when: \"" + std::string(draw.of(kConditions)) + "\"";
  if (draw.below(2) == 0) origin += ", " + std::string(draw.of(kOperators));
  if (!group) return out + " {" + origin + "}\n";
  out += "\n";
  // A flow map cannot hold a block list: the operators go on lines of their own.
  out += indent + "    <<: x\n";
  out.erase(out.size() - indent.size() - 10);
  std::string line;
  int open = 0;
  for (const char c : origin + ",") {
    open += c == '{' || c == '(' || c == '[' ? 1 : c == '}' || c == ')' || c == ']' ? -1 : 0;
    if (c == ',' && open == 0) {
      out += indent + "    " + line.substr(line.find_first_not_of(' ')) + "\n";
      line.clear();
    } else {
      line += c;
    }
  }
  return out + indent + "    rules:\n" + rules(draw, depth + 1, indent + "      ");
}

std::string rules(Draw& draw, int depth, const std::string& indent) {
  std::string out;
  for (size_t n = 1 + draw.below(depth == 0 ? 8 : 3); n > 0; --n) out += rule(draw, depth, indent);
  return out;
}

std::string mapping_of(Draw& draw, bool xml) {
  return fmt::format(
      "mapping: m\nversion: 1\nsource: {{format: json, schema: s.json}}\ntarget: {{format: {}}}\n"
      "tables: {{t: t.csv}}\ntypes:\n  day: {{pattern: dd/MM/yyyy, to: iso-date}}\n"
      "  part: {{pattern: partial-date, to: iso-partial-date}}\nlinks: {{p: {{\"a\": \"http://b/\"}}}}\nrules:\n{}",
      xml ? "xml, schema: t.xsd, root: R, ns: {t: urn:f}" : "json, schema: t.json", rules(draw, 0, "  "));
}

std::string text_of(Draw& draw) {
  static constexpr std::array<std::string_view, 12> kTexts = {
      "", "x", "1", "2", "a-1", "29/02/2024", "1945", "true", "0", "ế", "{\\\"k\\\":[1]}", "2024-02-30"};
  return "\"" + std::string(draw.of(kTexts)) + "\"";
}

std::string document_of(Draw& draw) {
  const auto some = [&](const std::string& field) { return draw.below(4) == 0 ? std::string("null") : field; };
  std::string out =
      fmt::format(R"({{"a":{},"n":{},"b":{},"d":{},"x":{},"g":{{"a":{},"h":{{"k":{}}}}})", text_of(draw), draw.below(9),
                  draw.below(2) ? "true" : "false", text_of(draw), some(text_of(draw)), text_of(draw), text_of(draw));
  out += R"(,"l":[)";
  for (size_t n = draw.below(4); n > 0; --n)
    out += fmt::format(R"({{"a":{},"k":{},"m":[{{"a":{}}}]}}{})", text_of(draw), text_of(draw), text_of(draw),
                       n > 1 ? "," : "");
  return out + R"(],"v":[)" + text_of(draw) + R"(],"any":)" + some(R"({"deep":{"er":[1,"2"]}})") + "}";
}

// Runs what compiled; the answer is a document or an error with a place.
std::string map(const Mapping& mapping, const Node* source) {
  Tree target;
  const auto done = run(mapping, source, target, RunContext{20'000, "id", "2026-08-15T08:00:00+07:00"});
  if (!done) {
    check_error(done.error());
    require(!done.error().place.file.empty(), "an error of a mapping has a place");
    return {};
  }
  FileRoom files([](FileRoom::Apart, std::string_view name) { return Result<std::string>(std::string(name)); });
  if (const auto settled = files.settle(target); !settled) {
    check_error(settled.error());
    return {};
  }
  auto encoded = encode(mapping, *target.root());
  if (!encoded) {
    check_error(encoded.error());
    return {};
  }
  return encoded->holes ? std::string() : std::move(encoded->text());
}

void there_and_back(const RuleFile& file, const CompileParts& parts, const std::string& document, bool xml) {
  config::Diagnostics out, back_out;
  const auto mapping = compile(file, parts, out);
  check_findings(out);
  Inverse inverse = invert(file, parts);
  static_cast<void>(reversal(file, parts, inverse).text());
  if (!mapping) return;
  Tree source;
  if (!codec::parse_json(std::string(document), source)) return;
  const std::string target = map(*mapping, source.root());
  require(target == map(*mapping, source.root()), "a mapping gives the same bytes each time");
  inverse.file.partial = true;
  const auto reverse = compile(inverse.file, reversed(parts), back_out);
  if (!reverse || target.empty()) return;
  Tree there;
  const auto read =
      xml ? codec::parse_xml(std::string_view(target), there) : codec::parse_json(std::string(target), there);
  require(read.has_value(), "what was written can be read");
  static_cast<void>(map(*reverse, there.root()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const Models models;
  if (size == 0) return 0;
  const std::string_view rest = view(bytes + 1, size - 1);
  const bool as_text = bytes[0] % 2 == 0, xml = (bytes[0] / 2) % 2 == 1;
  Draw draw(rest);
  if (as_text && !is_utf8(rest)) return 0;
  const std::string yaml = as_text ? std::string(rest) : mapping_of(draw, xml);
  const std::string document = document_of(draw);
  config::Diagnostics out;
  const RuleFile file = read_rule_file(config::parse_yaml(yaml, "m.map.yaml", out), out);
  check_findings(out);
  if (!out.ok()) {
    if (!as_text)
      for (const auto& at : out.findings()) require(at.code != Code::yaml_syntax, "the grammar writes YAML");
    return 0;
  }
  CompileParts parts;
  parts.source = models.source.get();
  parts.target = xml ? models.xml.get() : models.json.get();
  parts.tables["t"] = models.table;
  there_and_back(file, parts, document, xml);
  return 0;
}
