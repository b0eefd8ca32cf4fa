// An office whose dossiers come with files beside them (multipart/form-data), and the bus they come to.
#pragma once

#include <filesystem>

#include "core/codec/base64.h"
#include "test/core/runtime/large.h"
#include "test/core/runtime/parts_partner.h"

namespace lt::runtime::test {

inline constexpr uint64_t kLarge = 100 << 20;
inline const std::string kPdf = "%PDF-1.4\r\n--ranh gio\r\n--\r\n%%EOF";
inline const std::string kDossier = R"({"ma":"H1","tep":[{"ten":"Đơn.pdf","noiDung":"don"},{"noiDung":""}]})";

inline std::string head_of(const std::string& name, const std::string& more) {
  return "--ranh gioi\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n";
}
inline std::string part(const std::string& name, const std::string& body, const std::string& more = "") {
  return head_of(name, more) + body + "\r\n";
}
// The document does not come first.
inline std::string call_of(const std::string& document, const std::string& name = "document") {
  return "preamble\r\n" + part("don", kPdf, "; filename=\"C:\\scan\\a1.pdf\"\r\nContent-Type: application/pdf") +
         part("khac", "x") + part(name, document) + "--ranh gioi--\r\n";
}
inline const std::string kType = "multipart/form-data; boundary=\"ranh gioi\"";
inline const Bed::HeaderList kMultipart = {{"Content-Type", kType}};

struct Office {
  Bed bed;
  std::string file_rule = "attachments: [{path: \"$.tep[].noiDung\", name: ten, carrier: part}]\n";
  std::string more_settings;

  // A type whose files come beside it, and a mapping whose blob rule is `how`. "" = relayed.
  void use(const std::string& how, const std::string& type_more = "") {
    namespace fs = std::filesystem;
    const fs::path schemas = bed.folder() + "/schemas", mappings = bed.folder() + "/mappings";
    fs::copy(LT_SOURCE_DIR "/schemas", schemas, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    fs::create_directories(schemas / "files");
    fs::create_directories(mappings);
    const std::string file = R"({"type":"object","properties":{"ten":{"type":"string"},"noiDung":{"type":"string"}}})";
    std::ofstream(schemas / "files/hoso.schema.json")
        << R"({"type":"object","required":["ma"],"properties":{"ma":{"type":"string"},"ghiChu":{"type":"string"},)"
        << R"("tep":{"type":"array","items":)" << file << "}}}";
    std::ofstream(schemas / "files/cacHoSo.schema.json")
        << R"({"type":"object","properties":{"ds":{"type":"array","items":{"$ref":"hoso.schema.json"}}}})";
    std::ofstream(schemas / "files/hoso.type.yaml")
        << "type: files/hoso\nformat: json\nschema: hoso.schema.json\ntitle: {vi: a, en: a}\n"
        << "order_key: {space: t, path: $.ma}\n"
        << file_rule << type_more;
    std::ofstream(mappings / "files.map.yaml")
        << "mapping: dossier-files\nversion: 1\nsource: {format: json, schema: files/hoso.schema.json}\n"
        << "target: {format: json, schema: files/hoso.schema.json}\nrules:\n  - ma: ma\n  - ghiChu: ghiChu\n  - tep:\n"
        << "      each: tep\n      rules:\n        - ten: ten\n        - noiDung: {blob: noiDung" << how << "}\n";
    bed.schemas = schemas;
    bed.mappings = mappings;
  }
  std::string setup(const std::string& url, const std::string& deliver = ", mapping: dossier-files") const {
    return "endpoints:\n  in: {adapter: http, type: files/hoso, settings: {listener: main, path: /in" + more_settings +
           "}}\ndestinations:\n  out: {adapter: http, settings: {url: \"" + url +
           "/out\", class: partner_idempotent, timeout: 24h}}\n"
           "routes:\n  - {name: all, types: [files/hoso], deliver: [{destination: out" +
           deliver + "}]}\n";
  }
  void start(const std::string& how, const std::string& url, const std::string& deliver = ", mapping: dossier-files") {
    use(how);
    bed.configure(setup(url, deliver));
    bed.start();
  }
  net::Response post(const std::string& body) { return bed.post("/in", body, kMultipart); }
  std::string refused_configuration() {
    try {
      bed.start();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "taken";
  }
  std::shared_ptr<const Message> accepted() {
    for (auto& [position, fact] : bed.facts())
      if (const auto* one = std::get_if<AcceptedFact>(&fact)) return one->message;
    throw std::runtime_error("no message");
  }
  // A document with a text that never enters a tree, after a file of `size` bytes.
  net::Response post_large(uint64_t size) {
    const std::string document =
        R"({"ma":"H1","ghiChu":")" + std::string(100'000, 'g') + R"(","tep":[{"ten":"a.bin","noiDung":"don"}]})";
    net::Call call = bed.call("/in", {}, kMultipart);
    call.stream = std::make_shared<lt::test::GeneratedSource>(head_of("don", ""), "ABCDEFGHIJKL", size / 12,
                                                              "\r\n" + part("document", document) + "--ranh gioi--");
    auto answer = bed.begin(std::move(call)).get();
    if (!answer) throw std::runtime_error(answer.error().error.text());
    return std::move(*answer);
  }
};

inline Sha256 hash_of_large() {
  lt::test::GeneratedSource plain("", "ABCDEFGHIJKL", kLarge / 12, "");
  return hash_of(plain);
}

inline bool has(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

}  // namespace lt::runtime::test
