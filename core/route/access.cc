#include "core/route/access.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::route {
namespace {

constexpr std::string_view kKeyPrefix = "sha256:";
constexpr size_t kReceiversNamed = 10;  // in one error

// The 32 bytes, or nothing.
std::optional<std::string> parse_key(std::string_view text) {
  std::string digest;
  if (text.substr(0, kKeyPrefix.size()) != kKeyPrefix || !parse_hex(text.substr(kKeyPrefix.size()), digest) ||
      digest.size() != Sha256{}.size()) {
    return std::nullopt;
  }
  return digest;
}

}  // namespace

const config::Spec<PrincipalConfig>& principal_spec() {
  static const auto spec =
      config::Spec<PrincipalConfig>("principal")
          .text("description", &PrincipalConfig::description,
                {.doc_en = "Who it is", .doc_vi = "Mô tả đơn vị, hệ thống"})
          .secret("key", &PrincipalConfig::key,
                  {.doc_en = "sha256: and the hex SHA-256 of the API key",
                   .doc_vi = "sha256: và SHA-256 (hex) của khóa API"})
          .secret("next_key", &PrincipalConfig::next_key,
                  {.doc_en = "A second key, accepted while keys are being changed",
                   .doc_vi = "Khóa thứ hai, dùng trong thời gian đổi khóa"})
          .boolean("enabled", &PrincipalConfig::enabled, {.doc_en = "false locks it out", .doc_vi = "false để khóa"})
          .place(&PrincipalConfig::place);
  return spec;
}

std::shared_ptr<const Principals> Principals::compile(const std::map<std::string, PrincipalConfig>& principals,
                                                      config::Diagnostics& diagnostics) {
  auto out = std::make_shared<Principals>();
  for (const auto& [name, principal] : principals) {
    out->names_.push_back(name);
    for (const auto* key : {&principal.key, &principal.next_key}) {
      if (key->value.empty()) continue;
      auto digest = parse_key(key->value);
      if (!digest) {
        diagnostics.error(Code::wrong_type, key->place,
                          fmt::format("the key of principal {} is not sha256: and 64 hex digits", name),
                          "write the hash of the key, never the key: printf %s KEY | sha256sum", config::Quote::none);
        continue;
      }
      const auto same =
          std::find_if(out->keys_.begin(), out->keys_.end(), [&](const Key& known) { return known.digest == *digest; });
      if (same != out->keys_.end()) {
        diagnostics.error(Code::duplicate_key, key->place,
                          fmt::format("principals {} and {} have the same key, the other at {}", name, same->principal,
                                      same->place.text()),
                          "give each principal a key of its own", config::Quote::none);
        continue;
      }
      out->keys_.push_back({std::move(*digest), name, principal.enabled, key->place});
    }
  }
  return out;
}

Result<std::string> Principals::authenticate(std::string_view presented_key) const {
  const Sha256 hash = sha256(presented_key);
  const std::string_view digest(reinterpret_cast<const char*>(hash.data()), hash.size());
  const Key* found = nullptr;
  for (const auto& key : keys_) {
    if (equal_secret(key.digest, digest)) found = &key;
  }
  if (!found || !found->enabled || presented_key.empty()) return fail(Code::unauthenticated);
  return found->principal;
}

std::vector<std::string> Principals::names() const { return names_; }

const config::Spec<RightConfig>& right_spec() {
  static const auto spec = config::Spec<RightConfig>("access right")
                               .texts("principals", &RightConfig::principals,
                                      {.required = true, .doc_en = "Who may", .doc_vi = "Ai được phép", .least = 1})
                               .texts("from", &RightConfig::from,
                                      {.required = true,
                                       .doc_en = "In the name of which agencies",
                                       .doc_vi = "Nhân danh cơ quan nào",
                                       .example = "H49.02",
                                       .least = 1})
                               .texts("types", &RightConfig::types,
                                      {.required = true,
                                       .doc_en = "Which message types",
                                       .doc_vi = "Loại thông điệp nào",
                                       .example = "onestop/*",
                                       .least = 1})
                               .texts("to", &RightConfig::to,
                                      {.required = true,
                                       .doc_en = "To which agencies",
                                       .doc_vi = "Gửi tới cơ quan nào",
                                       .example = "*",
                                       .least = 1})
                               .text("purpose", &RightConfig::purpose,
                                     {.required = true,
                                      .doc_en = "What for; kept with every message",
                                      .doc_vi = "Mục đích, lưu cùng thông điệp"})
                               .place(&RightConfig::place);
  return spec;
}

std::shared_ptr<const AccessRights> AccessRights::compile(const std::vector<RightConfig>& rights,
                                                          std::shared_ptr<const AgencyDirectory> directory,
                                                          const KnownNames& known, config::Diagnostics& diagnostics) {
  auto out = std::make_shared<AccessRights>();
  for (const auto& given : rights) {
    check_names("principal", given.principals, known.principals, diagnostics);
    auto right = std::make_shared<Right>();
    right->from = AgencySet::compile(given.from, *directory, diagnostics);
    right->types = TypeSet::compile(given.types, known.types, diagnostics);
    right->to = AgencySet::compile(given.to, *directory, diagnostics);
    right->purpose = given.purpose;
    for (const auto& principal : given.principals) out->rights_.emplace(principal.value, right);
  }
  out->directory_ = std::move(directory);
  return out;
}

Result<std::vector<std::string>> AccessRights::check(std::string_view principal, std::string_view from,
                                                     std::string_view type, std::span<const std::string> to) const {
  const auto [begin, end] = rights_.equal_range(principal);
  if (begin == end) return fail(Code::not_allowed, fmt::format("principal {} has no right at all", principal));
  std::vector<const Right*> left;
  for (auto at = begin; at != end; ++at) left.push_back(at->second.get());

  if (!from.empty()) {
    LT_ASSIGN(const Agency sender, directory_->resolve(from));
    std::erase_if(left, [&](const Right* right) { return !right->from.contains(sender); });
    if (left.empty()) {
      return fail(Code::not_allowed, fmt::format("from: {} may not send in the name of {}", principal, from));
    }
  }
  std::erase_if(left, [&](const Right* right) { return !right->types.contains(type); });
  if (left.empty()) return fail(Code::not_allowed, fmt::format("type: {} may not send {}", principal, type));
  if (to.empty()) return std::vector<std::string>{left.front()->purpose};

  std::vector<std::string> purposes;
  std::string refused;
  size_t count = 0;
  for (const auto& written : to) {
    const auto agency = directory_->resolve(written);
    if (!agency) continue;  // no agency, so nobody's right to give: the router says what is wrong with it
    const auto right =
        std::find_if(left.begin(), left.end(), [&](const Right* each) { return each->to.contains(*agency); });
    if (right == left.end()) {
      if (++count <= kReceiversNamed) refused += (refused.empty() ? "" : ", ") + written;
    } else if (std::find(purposes.begin(), purposes.end(), (*right)->purpose) == purposes.end()) {
      purposes.push_back((*right)->purpose);
    }
  }
  if (count == 0) return purposes;
  if (count > kReceiversNamed) refused += fmt::format(" and {} more", count - kReceiversNamed);
  return fail(Code::not_allowed, fmt::format("to: {} may not send {} to {}", principal, type, refused));
}

}  // namespace lt::route
