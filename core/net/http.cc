#include "core/net/http.h"

#include <algorithm>

#include "core/base/ascii.h"
#include "core/base/text.h"

namespace lt::net {
namespace {

std::string form_decode(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decode(blanks);
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(list_, [&](const Header& header) { return same_ascii(header.name, name); });
  list_.push_back({std::string(name), std::move(value)});
}

std::string_view Headers::get(std::string_view name) const {
  for (const Header& header : list_) {
    if (same_ascii(header.name, name)) return header.value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Header& header) { return same_ascii(header.name, name); });
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (form_decode(pair.substr(0, equals)) != name) continue;
    return equals < pair.size() ? form_decode(pair.substr(equals + 1)) : std::string();
  }
  return {};
}

Task<Result<std::string>> read_all(BodyReader* body, size_t limit) {
  if (const auto ready = body->take_ready(limit)) co_return std::string(*ready);
  const std::optional<uint64_t> size = body->size();
  const std::string too_much = "more than " + std::to_string(limit) + " bytes";
  if (size && *size > limit) co_return fail(Code::too_large, too_much);
  constexpr size_t kFirstStep = 16 << 10;
  std::string all;
  size_t used = 0;
  while (true) {
    // The declared size is trusted only as far as bytes have come: a claim alone must not cost memory.
    if (used == all.size()) {
      const size_t wanted = std::max(kFirstStep, used * 2);
      all.resize(size ? static_cast<size_t>(std::min<uint64_t>(wanted, *size)) : std::min(wanted, limit + 1));
      if (used == all.size()) co_return all;
    }
    Result<size_t> got = co_await body->read(all.data() + used, all.size() - used);
    if (!got) co_return fail(std::move(got).error());
    used += *got;
    if (used > limit) co_return fail(Code::too_large, too_much);
    if (*got == 0) break;
  }
  all.resize(used);
  co_return all;
}

}  // namespace lt::net
