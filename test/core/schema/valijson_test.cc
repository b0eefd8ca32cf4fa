// The checker against valijson, on seeded random schemas and documents: the same verdict on every pair.
//
// Deliberate differences, kept out of what is generated: 1.0 is an integer to us (draft-07), not to valijson over
// RapidJSON; date checks the year's February; email, uri and uuid are not checked by valijson; numbers beyond 2^53;
// duplicate members; an offset or sign in dates that std::regex lets through ("|07:00"). Values stay short: std::regex
// recurses. Defects of valijson kept out likewise: format on anything but text throws (the pair is skipped), multipleOf
// casts text to numbers and 2.25 to 2.
#define VALIJSON_USE_EXCEPTIONS 1
// std::regex of libstdc++ 12 warns of itself under the sanitizers.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <random>

#include "test/core/schema/json_text.h"

using namespace lt;
using namespace lt::schema;

namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  size_t below(size_t n) { return engine_() % n; }
  bool chance(int percent) { return below(100) < static_cast<size_t>(percent); }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

 private:
  std::mt19937_64 engine_;
};

const std::vector<std::string> kNames = {"a", "b", "cc", "dd", "MaHoSo", "é"};
const std::vector<std::string> kTexts = {"\"\"",
                                         "\"a\"",
                                         "\"12\"",
                                         "\"2026-07-01\"",
                                         "\"2026-13-01\"",
                                         "\"x-1\"",
                                         "\"Quyết\"",
                                         "\"2026-07-01T08:00:00Z\"",
                                         "\"a-12\"",
                                         "\"abcdef\"",
                                         "\"08:30:00+07:00\""};
const std::vector<std::string> kNumbers = {"0", "1", "2", "3", "-1", "1.5", "10", "2.25", "-7", "100"};

std::string random_value(Random& random, int depth) {
  const size_t kind = random.below(depth > 0 ? 8 : 5);
  if (kind == 0) return "null";
  if (kind == 1) return random.chance(50) ? "true" : "false";
  if (kind == 2) return random.pick(kNumbers);
  if (kind <= 4) return random.pick(kTexts);
  std::string out = kind == 5 ? "[" : "{";
  std::vector<std::string> names = kNames;
  for (size_t n = random.below(4); n > 0; --n) {
    if (out.size() > 1) out += ",";
    if (kind != 5) {
      const size_t at = random.below(names.size());
      out += "\"" + names[at] + "\":";
      names.erase(names.begin() + static_cast<long>(at));
    }
    out += random_value(random, depth - 1);
  }
  return out + (kind == 5 ? "]" : "}");
}

class SchemaMaker {
 public:
  explicit SchemaMaker(Random& random) : random_(random) {}

  std::string make() {
    const std::string definitions =
        "\"definitions\":{\"x\":" + schema(2) + ",\"y\":" + object({"\"properties\":{\"a\":" + ref() + "}"}) + "}";
    return object({definitions, body(3)});
  }

 private:
  std::string object(std::vector<std::string> parts) {
    std::string out;
    for (const std::string& part : parts)
      if (!part.empty()) out += (out.empty() ? "" : ",") + part;
    return "{" + out + "}";
  }
  std::string ref() { return random_.chance(50) ? "{\"$ref\":\"#/definitions/x\"}" : "{\"$ref\":\"#/definitions/y\"}"; }
  std::string number(size_t below) { return std::to_string(random_.below(below)); }
  std::string name() { return "\"" + random_.pick(kNames) + "\""; }

  std::string schema(int depth) {
    if (depth <= 0) return random_.chance(80) ? object({scalar()}) : random_.chance(60) ? "true" : "false";
    return object({body(depth)});
  }

  std::string body(int depth) {
    switch (random_.below(4)) {
      case 0:
        return scalar();
      case 1:
        return members(depth);
      case 2:
        return items(depth);
      default:
        return combined(depth);
    }
  }

  std::string list(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
    return "[" + out + "]";
  }

  std::string scalar() {
    switch (random_.below(9)) {
      case 0:
        return "\"type\":" + random_.pick({"\"string\"", "\"integer\"", "\"number\"", "\"boolean\"", "\"null\"",
                                           "\"object\"", "\"array\"", "[\"string\",\"null\"]"});
      case 1:
        return "\"enum\":" + list({random_value(random_, 1), random_value(random_, 1)});
      case 2:
        return "\"const\":" + random_value(random_, 1);
      case 3:
        return "\"minLength\":" + number(5) + ",\"maxLength\":" + number(9);
      case 4:
        return "\"pattern\":" +
               random_.pick({"\"^[0-9]{2}$\"", "\"^[a-z]-\\\\d+$\"", "\"[ae]\"", "\"^(a|x)\"", "\"^.{3}$\""});
      case 5:
        return "\"minimum\":" + random_.pick(kNumbers) + ",\"exclusiveMaximum\":" + random_.pick(kNumbers);
      case 6:
        return "\"maximum\":" + random_.pick(kNumbers) + ",\"exclusiveMinimum\":" + random_.pick(kNumbers);
      case 7:
        return random_.chance(50) ? "\"type\":\"number\",\"multipleOf\":" + random_.pick({"0.5", "0.25"})
                                  : "\"type\":\"integer\",\"multipleOf\":" + random_.pick({"1", "2", "5"});
      default:
        return "\"type\":\"string\",\"format\":" + random_.pick({"\"date\"", "\"date-time\"", "\"time\""});
    }
  }

  std::string members(int depth) {
    std::vector<std::string> parts;
    std::string properties, required;
    std::vector<std::string> names = kNames;
    for (size_t n = random_.below(4); n > 0; --n) {
      const size_t at = random_.below(names.size());
      properties += (properties.empty() ? "" : ",") + ("\"" + names[at] + "\":") +
                    (random_.chance(20) ? ref() : schema(depth - 1));
      names.erase(names.begin() + static_cast<long>(at));
    }
    if (random_.chance(50)) parts.push_back("\"type\":\"object\"");
    if (!properties.empty()) parts.push_back("\"properties\":{" + properties + "}");
    if (random_.chance(40)) parts.push_back("\"required\":" + list({name()}));
    if (random_.chance(40))
      parts.push_back("\"additionalProperties\":" + (random_.chance(50) ? "false" : schema(depth - 1)));
    if (random_.chance(20)) parts.push_back("\"patternProperties\":{\"^[ab]\":" + schema(depth - 1) + "}");
    if (random_.chance(15)) parts.push_back("\"propertyNames\":{\"maxLength\":" + number(4) + "}");
    if (random_.chance(15)) parts.push_back("\"minProperties\":" + number(3));
    if (random_.chance(15)) parts.push_back("\"maxProperties\":" + number(4));
    if (random_.chance(15))
      parts.push_back("\"dependencies\":{" + name() + ":" + (random_.chance(50) ? list({name()}) : schema(depth - 1)) +
                      "}");
    return object(parts).substr(1, object(parts).size() - 2);
  }

  std::string items(int depth) {
    std::vector<std::string> parts;
    if (random_.chance(50)) parts.push_back("\"type\":\"array\"");
    if (random_.chance(30)) {
      parts.push_back("\"items\":" + list({schema(depth - 1), schema(depth - 1)}));
      if (random_.chance(60))
        parts.push_back("\"additionalItems\":" + (random_.chance(50) ? "false" : schema(depth - 1)));
    } else {
      parts.push_back("\"items\":" + (random_.chance(20) ? ref() : schema(depth - 1)));
    }
    if (random_.chance(20)) parts.push_back("\"minItems\":" + number(3));
    if (random_.chance(20)) parts.push_back("\"maxItems\":" + number(4));
    if (random_.chance(20)) parts.push_back("\"uniqueItems\":true");
    if (random_.chance(20)) parts.push_back("\"contains\":" + schema(depth - 1));
    return object(parts).substr(1, object(parts).size() - 2);
  }

  std::string combined(int depth) {
    switch (random_.below(5)) {
      case 0:
        return "\"allOf\":" + list({schema(depth - 1), schema(depth - 1)});
      case 1:
        return "\"anyOf\":" + list({schema(depth - 1), schema(depth - 1)});
      case 2:
        return "\"oneOf\":" + list({schema(depth - 1), schema(depth - 1)});
      case 3:
        return "\"not\":" + schema(depth - 1);
      default:
        return "\"if\":" + schema(depth - 1) + ",\"then\":" + schema(depth - 1) + ",\"else\":" + schema(depth - 1);
    }
  }

  Random& random_;
};

struct Oracle {
  valijson::Schema schema;
  explicit Oracle(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text);
    REQUIRE_FALSE(document.HasParseError());
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::RapidJsonAdapter(document), schema);
  }
  // Nothing when valijson cannot say.
  std::optional<bool> accepts(const std::string& text) const {
    rapidjson::Document document;
    document.Parse(text);
    REQUIRE_FALSE(document.HasParseError());
    valijson::Validator validator;
    valijson::adapters::RapidJsonAdapter adapter(document);
    try {
      return validator.validate(schema, adapter, nullptr);
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }
};

}  // namespace

TEST_CASE("the checker and valijson agree") {
  size_t pairs = 0, accepted = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    Random random(seed);
    const std::string text = SchemaMaker(random).make();
    ReadSchema read(text);
    REQUIRE_MESSAGE(read.model != nullptr, text << "\n" << read.diagnostics.text());
    const CompiledSchema ours = read.compile();
    const Oracle oracle(text);
    for (int n = 0; n < 20; ++n) {
      const std::string document = random_value(random, 3);
      const std::optional<bool> expected = oracle.accepts(document);
      if (!expected) continue;
      const auto tree = tree_of(document);
      Problems problems;
      const bool good = check(ours, tree->root(), problems);
      CHECK_MESSAGE(good == *expected, "seed " << seed << "\nschema " << text << "\ndocument " << document);
      CHECK(good == problems.ok());
      CHECK(good == is_valid(ours, tree->root()));
      ++pairs;
      accepted += good;
    }
  }
  MESSAGE(pairs << " pairs, " << accepted << " accepted");
  CHECK(pairs > 10'000);
  CHECK(accepted > pairs / 10);
  CHECK(accepted < pairs * 9 / 10);
}
