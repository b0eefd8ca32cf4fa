#include "core/cli/data_files.h"

#include <algorithm>

#include "core/base/limits.h"

namespace lt::cli {

Result<std::string> journal_directory(Env& env, const std::string& directory) {
  for (const std::string& candidate : {directory + "/journal", directory}) {
    LT_ASSIGN(const bool there, env.exists(candidate));
    if (!there) continue;
    LT_ASSIGN(const auto names, env.list(candidate));
    if (std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".seg"); }))
      return candidate;
  }
  return fail(Code::io_error, directory + " holds no journal", Place{directory, 0, 0, {}},
              "name the data directory of the bus, or its journal");
}

Result<std::unique_ptr<journal::KeyStore>> open_keys(Env& env, const std::string& data, const std::string& key_file) {
  LT_ASSIGN(const bool there, env.exists(data + "/keys/address.key"));
  if (!there)
    return fail(Code::bad_master_key, data + " has no keys", {}, "name the data directory of the bus, not its journal");
  LT_ASSIGN(const std::string text, read_file(env, key_file, limits::kReferencedFile));
  LT_ASSIGN(const CipherKey master, journal::parse_master_key(text));
  return journal::KeyStore::open(env, data, master);
}

}  // namespace lt::cli
