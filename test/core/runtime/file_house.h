// A bus with a type of JSON whose documents carry files in base64 and in ZIPs, and a mapping that gives these
// addresses.
#pragma once

#include <filesystem>
#include <fstream>

#include "core/codec/base64.h"
#include "core/codec/zip.h"
#include "test/core/codec/sources.h"
#include "test/core/runtime/bed.h"

namespace lt::runtime::test {

inline constexpr const char* kHost = "https://tep.example";

inline void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

inline void write_mapping(Bed& bed, const std::string& as) {
  write_file(
      bed.folder() + "/mappings/files.map.yaml",
      "mapping: files\nversion: 1\nsource: {format: json, schema: files/ho-so.schema.json}\n"
      "target: {format: json, schema: files/package.schema.json}\nrules:\n  - ma: ma\n  - tep:\n      each: tep\n"
      "      rules:\n        - noiDung: {blob: noiDung" +
          as + "}\n        - goi: {blob: goi, carrier: zip" + as + "}\n");
}

// One type of JSON with files in base64 and in ZIPs, one mapping that gives them addresses.
inline void use_files(Bed& bed) {
  namespace fs = std::filesystem;
  const fs::path schemas = bed.folder() + "/schemas";
  fs::copy(LT_SOURCE_DIR "/schemas", schemas, fs::copy_options::recursive);
  fs::create_directories(schemas / "files");
  fs::create_directories(bed.folder() + "/mappings");
  const auto schema = [&](const std::string& name, const std::string& more) {
    write_file((schemas / "files" / name).string(),
               R"({"type":"object","properties":{"ma":{"type":"string"},"tep":{"type":"array","items":{"type":)"
               R"("object","properties":{)" +
                   more + R"("noiDung":{"type":"string"},"goi":{"type":"string"}}}}}})");
  };
  schema("ho-so.schema.json", R"("ten":{"type":"string"},)");
  schema("package.schema.json", "");
  write_file((schemas / "files/ho-so.type.yaml").string(),
             "type: files/ho-so\nformat: json\nschema: ho-so.schema.json\ntitle: {vi: thử, en: test}\n"
             "key_class: personal\n");
  write_mapping(bed, ", as: url, name: ten");
  bed.schemas = schemas;
  bed.mappings = bed.folder() + "/mappings";
}

inline std::string setup(const std::string& url, const std::string& serve = "url: \"https://tep.example/tep\"") {
  return "endpoints:\n  in: {adapter: http, type: files/ho-so, settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         url +
         "/out\", class: partner_idempotent, timeout: 24h}}\n"
         "routes:\n  - {name: all, types: [files/ho-so], deliver: [{destination: out, mapping: files}]}\n" +
         (serve.empty() ? "" : "files: {serve: {listener: main, " + serve + "}}\n");
}

inline std::string zip_of(const std::string& bytes) {
  codec::ZipSingleSource zip(std::make_unique<MemorySource>(bytes), "a");
  return *lt::test::drain(zip);
}

inline std::string item(const std::string& name, const std::string& field, const std::string& bytes) {
  return R"({"ten":")" + name + R"(",")" + field + R"(":")" +
         codec::encode_base64(field == "goi" ? zip_of(bytes) : bytes) + "\"}";
}
inline std::string document(const std::string& items) { return R"({"ma":"M1","tep":[)" + items + "]}"; }

// What stands in the fields of the package, in order.
inline std::vector<std::string> addresses(const std::string& package) {
  std::vector<std::string> out;
  for (size_t at = package.find(kHost); at != std::string::npos; at = package.find(kHost, at + 1))
    out.push_back(package.substr(at, package.find('"', at) - at));
  return out;
}

// Who has the address and nothing else. `address`: whole, or what of it comes after the host.
inline net::Response ask(Bed& bed, const std::string& address, const std::string& method = "GET",
                         ByteSink* sink = nullptr) {
  net::Call call;
  call.method = method;
  call.url = "http://127.0.0.1:" + std::to_string(bed.bus().ports().at("main")) +
             (address.starts_with(kHost) ? address.substr(std::string(kHost).size()) : address);
  call.total_time = std::chrono::hours(24);
  call.connect_time = std::chrono::hours(24);
  call.response_sink = sink;
  auto answer = bed.begin(std::move(call)).get();
  if (!answer) throw std::runtime_error(answer.error().error.text());
  return std::move(*answer);
}

struct Refusal {
  int status;
  std::string code;
  bool operator==(const Refusal&) const = default;
};
inline std::ostream& operator<<(std::ostream& out, const Refusal& said) {
  return out << said.status << ' ' << said.code;
}
inline Refusal refusal(const net::Response& response) { return {response.status, member(response.body, "code")}; }
inline const Refusal kWrong{403, "LT-4012"}, kExpired{410, "LT-4013"}, kGone{410, "LT-6032"};

// Sends a document and gives back the addresses that its receiver got.
inline std::vector<std::string> sent(Bed& bed, Partner& partner, const std::string& body) {
  const size_t before = partner.got().size();
  if (bed.post("/in", body).status != 202 || !partner.until_got(before + 1)) return {};
  return addresses(partner.got().back().body);
}

inline std::string text_of(const net::Response& response, std::string_view header) {
  return std::string(response.headers.get(header));
}

inline Result<void> pause(Bed& bed, ActionKind kind) {
  ActionFact fact;
  fact.kind = kind;
  fact.name = "out";
  fact.by = "An";
  fact.why = "test";
  if (auto error = bed.operate(fact)) return fail(std::move(*error));
  return {};
}

struct FileHouse {
  explicit FileHouse(const std::string& serve = "url: \"https://tep.example/tep\"") : partner(bed.clock) {
    use_files(bed);
    bed.configure(setup(partner.url(), serve));
    bed.start();
  }
  Bed bed;
  Partner partner;
};

}  // namespace lt::runtime::test
