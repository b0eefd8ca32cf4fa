#include "core/schema/xsd_words.h"

#include <fmt/format.h>

#include "core/config/diagnostics.h"

namespace lt::schema {

bool all_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

std::string_view written(const Node* node) {
  if (node->kind == Kind::boolean) return node->flag ? "true" : "false";
  return node->text;
}

bool nothing(const Node* node) { return node->kind != Kind::blob && written(node).empty(); }

std::string in_namespace(std::string_view ns) {
  return ns.empty() ? " without namespace" : fmt::format(" in namespace {}", ns);
}

std::string listed(const std::vector<std::string>& names) {
  std::string out = names.size() > 1 ? "one of " : "";
  for (size_t i = 0; i < names.size() && i < kNamesShown; ++i)
    out += (i > 0 ? ", " : "") + (names[i] == "any element" ? names[i] : "<" + names[i] + ">");
  if (names.size() > kNamesShown) out += fmt::format(" and {} more", names.size() - kNamesShown);
  return out;
}

std::string near(std::string_view name, const std::vector<std::string>& names) {
  const auto best = config::did_you_mean(std::string(name), names);
  return best ? fmt::format("did you mean \"{}\"?", *best) : std::string();
}

}  // namespace lt::schema
