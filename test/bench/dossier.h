// The reference dossier with numbers of its own for each message.
#pragma once

#include <cstdint>
#include <string>

#include "test/bench/http.h"

namespace lt::bench {

class Dossiers {
 public:
  // Throws when the file is not the reference dossier.
  explicit Dossiers(const std::string& template_file);
  // Makes `request` the POST of a dossier; `repeats`: with an Idempotency-Key, another for each message.
  void prepare(Request& request) const;
  void next(Request& request, bool repeats);

 private:
  std::string body_;
  size_t id_at_ = 0, dossier_at_ = 0;
  uint64_t number_ = 0;
};

}  // namespace lt::bench
