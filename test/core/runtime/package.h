// The reference dossier's files in a document of their own: one mapping, whose way of taking them a test chooses.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "test/core/runtime/bed.h"

namespace lt::runtime::test {

// `file`: where the file of an item is, and the rest of the blob rule: "NoiDungTep, as: zip".
inline void write_package_mapping(const Bed& bed, const std::string& file) {
  std::ofstream(bed.folder() + "/mappings/files.map.yaml")
      << "mapping: dossier-files\nversion: 1\nsource: {format: json, schema: onestop/dossier.schema.json}\n"
         "target: {format: json, schema: files/package.schema.json}\nrules:\n  - ma: MaHoSo\n  - tep:\n      each: "
         "TaiLieuNop\n      rules:\n        - ten: TenTepDinhKem\n        - noiDung: {blob: "
      << file << "}\n";
}

// With the schemas of the house and that of the package.
inline void use_package(Bed& bed, const std::string& file) {
  namespace fs = std::filesystem;
  const fs::path schemas = bed.folder() + "/schemas", mappings = bed.folder() + "/mappings";
  fs::copy(LT_SOURCE_DIR "/schemas", schemas, fs::copy_options::recursive);
  fs::create_directories(schemas / "files");
  std::ofstream(schemas / "files/package.schema.json")
      << R"({"type":"object","properties":{"ma":{"type":"string"},"tep":{"type":"array","items":{"type":"object",)"
      << R"("properties":{"ten":{"type":"string"},"noiDung":{"type":"string"}}}}}})";
  fs::create_directories(mappings);
  write_package_mapping(bed, file);
  bed.schemas = schemas;
  bed.mappings = mappings;
}

}  // namespace lt::runtime::test
