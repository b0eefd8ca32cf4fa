#include "core/admin/version.h"

#include <fmt/format.h>
#include <libxml/xmlversion.h>
#include <openssl/crypto.h>
#include <rapidjson/rapidjson.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sqlite3.h>
#include <utf8proc.h>
#include <zlib.h>

#include <boost/version.hpp>

namespace lt::admin {
namespace {

std::string dotted(int number, int step) {
  return fmt::format("{}.{}.{}", number / step / step, number / step % step, number % step);
}

Version made() {
  Version out;
  out.version = LT_VERSION;
  out.commit = LT_COMMIT;
  out.compiler = "g++ " __VERSION__;
  out.libraries = {
      {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
      {"fmt", dotted(FMT_VERSION, 100)},
      {"libxml2", LIBXML_DOTTED_VERSION},
      {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"rapidjson", RAPIDJSON_VERSION_STRING},
      {"sqlite", sqlite3_libversion()},
      {"utf8proc", utf8proc_version()},
      {"zlib", zlibVersion()},
  };
  return out;
}

}  // namespace

const Version& version() {
  static const Version kVersion = made();
  return kVersion;
}

std::string version_json() {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
  out.StartObject();
  out.Key("version");
  out.String(version().version);
  if (!version().commit.empty()) {
    out.Key("commit");
    out.String(version().commit);
  }
  out.Key("compiler");
  out.String(version().compiler);
  out.Key("libraries");
  out.StartObject();
  for (const auto& [name, number] : version().libraries) {
    out.Key(name.c_str());
    out.String(number);
  }
  out.EndObject();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace lt::admin
