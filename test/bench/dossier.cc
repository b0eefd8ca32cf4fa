#include "test/bench/dossier.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace lt::bench {
namespace {

// Where the numbers of a message stand in the template: those of its id and of its dossier, which is its order key.
constexpr std::string_view kId = "1c2d3e4f5a6b";
constexpr std::string_view kDossier = "240517-0042";

}  // namespace

Dossiers::Dossiers(const std::string& template_file) {
  std::ifstream file(template_file, std::ios::binary);
  body_.assign(std::istreambuf_iterator<char>(file), {});
  id_at_ = body_.find(kId);
  dossier_at_ = body_.find(kDossier);
  if (id_at_ == body_.npos || dossier_at_ == body_.npos)
    throw std::runtime_error(template_file + " is not the reference dossier");
  number_ =
      static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1'000 % 1'000'000'000 * 10;
}

void Dossiers::prepare(Request& request) const {
  request = Request(http::verb::post, "/in", 11);
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::content_type, "application/json");
  request.set("X-API-Key", "bench-key");
  request.body() = body_;
}

void Dossiers::next(Request& request, bool repeats) {
  ++number_;
  char text[32];
  std::snprintf(text, sizeof text, "%012llx", static_cast<unsigned long long>(number_));
  request.body().replace(id_at_, kId.size(), text, kId.size());
  if (repeats) request.set("Idempotency-Key", text);
  std::snprintf(text, sizeof text, "%06llu-%04llu", static_cast<unsigned long long>(number_ / 10'000 % 1'000'000),
                static_cast<unsigned long long>(number_ % 10'000));
  request.body().replace(dossier_at_, kDossier.size(), text, kDossier.size());
}

}  // namespace lt::bench
