#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lt {
namespace {
constexpr CodeInfo kCatalogue[] = {
#define LT_ERROR(number, name, status, retry, title_vi, title_en, hint_vi, hint_en) \
  {Code::name, #name, status, retry, title_vi, title_en, hint_vi, hint_en},
#include "core/base/error_codes.def"
#undef LT_ERROR
};
constexpr CodeInfo kNone{Code::none, "none", 200, Retry::never, "", "", "", ""};
}  // namespace

const CodeInfo* catalogue_begin() { return std::begin(kCatalogue); }
const CodeInfo* catalogue_end() { return std::end(kCatalogue); }

const CodeInfo& info(Code code) {
  auto found = std::lower_bound(std::begin(kCatalogue), std::end(kCatalogue), code,
                                [](const CodeInfo& entry, Code c) { return entry.code < c; });
  return found != std::end(kCatalogue) && found->code == code ? *found : kNone;
}

std::string code_text(Code code) { return fmt::format("LT-{:04}", static_cast<int>(code)); }

std::string Place::text() const {
  std::string out = file;
  if (line > 0) out += fmt::format(":{}:{}", line, column);
  if (!path.empty()) out += (out.empty() ? "at " : " at ") + path;
  return out;
}

std::string Error::text() const {
  const CodeInfo& entry = info(code);
  std::string out = code_text(code);
  if (auto where = place.text(); !where.empty()) out += " " + where;
  out += fmt::format(" {}", entry.title_en);
  if (!detail.empty()) out += ": " + detail;
  const std::string_view advice = hint.empty() ? entry.hint_en : std::string_view(hint);
  if (!advice.empty()) out += fmt::format(" -> {}", advice);
  if (cause) out += " [" + cause->text() + "]";
  return out;
}

}  // namespace lt
