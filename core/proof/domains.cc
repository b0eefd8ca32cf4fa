#include "core/proof/domains.h"

#include <fmt/format.h>

namespace lt::proof {
namespace {

// The next step of a path: up to a dot, or "[]".
std::string_view take_step(std::string_view& rest) {
  if (rest.substr(0, 1) == ".") rest.remove_prefix(1);
  size_t end = rest.substr(0, 2) == "[]" ? 2 : std::min(rest.find('.'), rest.find("[]"));
  end = std::min(end, rest.size());
  const std::string_view step = rest.substr(0, end);
  rest.remove_prefix(end);
  return step;
}

}  // namespace

const DomainTree::Step* DomainTree::Step::child(std::string_view name) const {
  const Step* at = this;
  for (std::string_view rest = name; at != nullptr && !rest.empty();) {
    const auto found = at->next.find(take_step(rest));
    at = found == at->next.end() ? nullptr : found->second.get();
  }
  return at;
}

Domain::Presence DomainTree::Step::presence() const {
  if (domain && domain->presence != Domain::Presence::as_schema) return domain->presence;
  const auto items = next.find("[]");
  return items == next.end() ? Domain::Presence::as_schema : items->second->presence();
}

bool DomainTree::Step::says_text() const {
  return domain && (!domain->values.empty() || date || pattern || domain->base64);
}

Result<DomainTree> DomainTree::make(const Domains& domains) {
  DomainTree out;
  for (const auto& [path, domain] : domains) {
    std::string_view rest = path;
    if (rest.substr(0, 1) == "$") rest.remove_prefix(1);
    Step* at = out.root_.get();
    while (!rest.empty()) {
      auto& next = at->next[std::string(take_step(rest))];
      if (!next) next = std::make_unique<Step>();
      at = next.get();
    }
    at->domain = domain;
    if (!domain.date_pattern.empty()) {
      auto date = mapping::DatePattern::parse(domain.date_pattern);
      if (!date) return fail(std::move(date).error().at(path));
      at->date = std::move(*date);
    }
    if (!domain.pattern.empty()) {
      at->pattern = PatternText::parse(domain.pattern);
      if (!at->pattern)
        return fail(
            Error(Code::pattern_error, fmt::format("no text can be drawn for \"{}\"", domain.pattern)).at(path));
    }
  }
  return out;
}

}  // namespace lt::proof
