#include <charconv>

#include "adapters/judicial/judicial.h"

namespace lt::adapters {

std::string to_context(const OpenDossier& dossier) {
  return std::to_string(dossier.state) + '|' + dossier.request + '|' + dossier.agency;
}

OpenDossier from_context(std::string_view context) {
  OpenDossier dossier;
  const size_t first = context.find('|');
  const size_t second = first == std::string_view::npos ? first : context.find('|', first + 1);
  std::from_chars(context.data(), context.data() + std::min(first, context.size()), dossier.state);
  if (second == std::string_view::npos) return dossier;
  dossier.request = context.substr(first + 1, second - first - 1);
  dossier.agency = context.substr(second + 1);
  return dossier;
}

bool is_final_state(int state) { return state == 3 || state == 7 || state == 8 || state == 9 || state == 10; }

bool moves_forward(int from, int to) {
  if (to < 1 || to > 10 || to == from || is_final_state(from)) return false;
  // 4 (processing), 5 (supplement) and 6 (payment) come and go; nothing goes back to 1 or 2.
  return to > from || to >= 4;
}

}  // namespace lt::adapters
