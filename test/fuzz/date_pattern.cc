// Line 1 a date pattern, the rest a text: what is read, written and read again is the same moment.
#include "core/mapping/date_pattern.h"

#include "core/base/text.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;
using mapping::DatePattern;
using mapping::Moment;

namespace {

bool same(const Moment& a, const Moment& b) {
  return a.year == b.year && a.month == b.month && a.day == b.day && a.hour == b.hour && a.minute == b.minute &&
         a.second == b.second && a.nanos == b.nanos && a.offset == b.offset;
}

void check_round(const DatePattern& pattern, const Moment& moment) {
  char first[DatePattern::kLongest], second[DatePattern::kLongest];
  const std::string_view written(first, pattern.write(moment, first));
  require(written.size() <= DatePattern::kLongest, "a date is short");
  if (written.empty()) return;  // the moment says too little for this pattern
  Moment back;
  require(pattern.read(written, back), "what is written can be read");
  const std::string_view again(second, pattern.write(back, second));
  require(written == again, "read and written again, the text is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto [line, text] = halves(view(bytes, size), '\n');
  if (!is_utf8(line)) return 0;  // patterns stand in YAML, which is UTF-8
  static_cast<void>(mapping::parse_zone(text));
  const auto pattern = DatePattern::parse(line);
  if (!pattern) {
    check_error(pattern.error());
    return 0;
  }
  Moment moment;
  if (!pattern->read(text, moment)) return 0;
  check_round(*pattern, moment);
  if (!pattern->has_offset()) {
    char out[DatePattern::kLongest];
    Moment back;
    require(pattern->read({out, pattern->write(moment, out)}, back) && same(moment, back), "the moment is the same");
  }
  static const DatePattern iso = *DatePattern::parse("iso-datetime");
  static const DatePattern day = *DatePattern::parse("dd/MM/yyyy");
  for (const DatePattern* to : {&iso, &day}) {
    Moment moved = moment;
    if (mapping::adapt(moved, *to, 7 * 60)) check_round(*to, moved);
  }
  return 0;
}
