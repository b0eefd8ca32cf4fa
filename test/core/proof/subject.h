// Mappings given as text, and their proofs.
#pragma once

#include "core/mapping/invert.h"
#include "core/mapping/mapping_store.h"
#include "core/proof/mapping_domains.h"
#include "core/proof/prove.h"
#include "test/core/config/memory_env.h"
#include "test/core/proof/bed.h"

namespace lt::proof::test {

inline std::string object(const std::string& fields) {
  return R"({"type":"object","additionalProperties":false,"properties":{)" + fields + "}}";
}
// Text fields of these names.
inline std::string texts(const std::string& names) {
  std::string fields, name;
  for (const char c : names + " ") {
    if (c != ' ') {
      name += c;
    } else if (!name.empty()) {
      fields += (fields.empty() ? "\"" : ",\"") + name + R"(":{"type":"string"})";
      name.clear();
    }
  }
  return fields;
}
inline std::string list(const std::string& name, const std::string& item) {
  return "\"" + name + R"(":{"type":"array","items":)" + item + "}";
}

struct Subject {
  lt::test::MemoryEnv env;
  config::Diagnostics out;
  mapping::MappingStore::Entry entry;

  Subject(const std::string& source, const std::string& target, const std::string& rules,
          const std::vector<std::pair<std::string, std::string>>& tables = {}) {
    const bool xml = target[0] == '<';
    env.files["s/source.json"] = source;
    env.files[xml ? "s/target.xsd" : "s/target.json"] = target;
    for (const auto& [name, csv] : tables) env.files["m/" + name] = csv;
    env.files["m/m.map.yaml"] = "mapping: m\nversion: 1\nsource: {format: json, schema: source.json}\ntarget: " +
                                std::string(xml ? "{format: xml, schema: target.xsd, root: R, ns: {t: urn:t}}"
                                                : "{format: json, schema: target.json}") +
                                "\n" + rules;
    entry = mapping::MappingStore::load_file(env, "m/m.map.yaml", "s", out);
    REQUIRE_MESSAGE(entry.mapping, out.text());
  }
};

inline Proof proved(const mapping::MappingStore::Entry& entry, size_t documents = 400) {
  auto proof = prove(entry, {11, documents, 4, 600, {}});
  REQUIRE_MESSAGE(proof, (proof ? "" : proof.error().text()));
  return std::move(*proof);
}

}  // namespace lt::proof::test
