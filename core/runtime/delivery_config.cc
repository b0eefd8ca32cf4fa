#include "core/runtime/delivery_config.h"

#include <algorithm>

#include "core/config/units.h"
#include "core/route/agency_directory.h"

namespace lt::runtime {
namespace {

using config::About;
using config::Spec;

constexpr int64_t kInFlightMost = 10'000;
constexpr int64_t kRateMost = 1'000'000;
constexpr int64_t kUrgencyMost = 4;
constexpr size_t kHolidaysMost = 1'000;
constexpr const char* kTimeForm = "time of day such as 07:30";

About about_rate() {
  return {.doc_en = "Most sends in a second, minute or hour, evenly; none when absent",
          .doc_vi = "Số lượt gửi tối đa mỗi giây, phút hoặc giờ, rải đều; bỏ trống là không giới hạn",
          .example = "50/s"};
}

About about_burst() {
  return {.doc_en = "Sends at once after a rest, within `rate`; 0 = what a second allows",
          .doc_vi = "Số lượt gửi dồn sau lúc nghỉ, trong `rate`; 0 = mức của một giây",
          .least = 0,
          .most = kRateMost};
}

// "07:30"; "24:00" is the end of the day.
Result<std::chrono::minutes> parse_time(std::string_view text) {
  const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() == 5 && text[2] == ':') {
    const int hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
    if (minute < 60 && (hour < 24 || (hour == 24 && minute == 0))) {
      return std::chrono::hours(hour) + std::chrono::minutes(minute);
    }
  }
  return fail(Code::wrong_type);
}

const Spec<engine::RetryPolicy>& retry_spec() {
  using engine::RetryPolicy;
  static const auto spec =
      Spec<RetryPolicy>("retry")
          .duration("first", &RetryPolicy::first,
                    {.doc_en = "Wait after the first failure; doubles each time",
                     .doc_vi = "Chờ sau lần hỏng đầu; mỗi lần gấp đôi",
                     .least = 1})
          .duration("most", &RetryPolicy::most, {.doc_en = "Longest wait", .doc_vi = "Chờ lâu nhất", .least = 1})
          .integer("attempts", &RetryPolicy::attempts,
                   {.doc_en = "Then dead; 0 = until max_age", .doc_vi = "Sau đó là dead; 0 = đến max_age", .least = 0})
          .duration("max_age", &RetryPolicy::max_age,
                    {.doc_en = "Since acceptance; then dead", .doc_vi = "Tính từ lúc nhận; quá thì dead", .least = 1});
  return spec;
}

const Spec<engine::BreakerPolicy>& breaker_spec() {
  using engine::BreakerPolicy;
  static const auto spec =
      Spec<BreakerPolicy>("breaker")
          .integer("failures", &BreakerPolicy::failures,
                   {.doc_en = "In a row open it", .doc_vi = "Số lần hỏng liên tiếp thì ngắt", .least = 1})
          .duration("wait", &BreakerPolicy::wait,
                    {.doc_en = "Until the first trial; doubles each time",
                     .doc_vi = "Chờ trước lần thử; mỗi lần gấp đôi",
                     .least = 1})
          .duration("most", &BreakerPolicy::most, {.doc_en = "Longest wait", .doc_vi = "Chờ lâu nhất", .least = 1});
  return spec;
}

}  // namespace

Result<engine::Rate> parse_rate(std::string_view text) {
  const auto bad = [] { return fail(Code::wrong_type); };
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return bad();
  const auto count = config::parse_integer(text.substr(0, slash));
  const std::string_view unit = text.substr(slash + 1);
  if (!count || *count < 1 || *count > kRateMost) return bad();
  engine::Rate rate;
  rate.count = static_cast<uint32_t>(*count);
  if (unit == "s") {
    rate.per = std::chrono::seconds(1);
  } else if (unit == "m") {
    rate.per = std::chrono::minutes(1);
  } else if (unit == "h") {
    rate.per = std::chrono::hours(1);
  } else {
    return bad();
  }
  return rate;
}

const Spec<engine::DestinationPolicy>& delivery_policy_spec() {
  using engine::DestinationPolicy;
  static const auto spec =
      Spec<DestinationPolicy>("delivery policy")
          .one_of("order", &DestinationPolicy::order, {{"key", engine::Order::key}, {"none", engine::Order::none}},
                  {.doc_en = "key: messages of one order key arrive in the order accepted",
                   .doc_vi = "key: cùng khoá thứ tự thì đến đúng thứ tự đã nhận"})
          .one_of("after_dead", &DestinationPolicy::after_dead,
                  {{"park", engine::AfterDead::park}, {"continue", engine::AfterDead::go_on}},
                  {.doc_en = "What follows a dead delivery of the same key",
                   .doc_vi = "Xử lý bản sau khi bản trước cùng khoá đã dead"})
          .one_of("on_ambiguous", &DestinationPolicy::on_ambiguous,
                  {{"unknown", engine::OnAmbiguous::unknown}, {"resend", engine::OnAmbiguous::resend}},
                  {.doc_en = "For partners of class none", .doc_vi = "Với đối tác loại none"})
          .integer(
              "in_flight", &DestinationPolicy::in_flight,
              {.doc_en = "Deliveries at once", .doc_vi = "Số lượt gửi cùng lúc", .least = 1, .most = kInFlightMost})
          .parsed("rate", &DestinationPolicy::rate, kRateForm, parse_rate, about_rate())
          .integer("burst", &DestinationPolicy::burst, about_burst())
          .object("retry", &DestinationPolicy::retry, retry_spec(), {.doc_en = "Trying again", .doc_vi = "Gửi lại"})
          .object("breaker", &DestinationPolicy::breaker, breaker_spec(),
                  {.doc_en = "Leaving a partner in peace that fails", .doc_vi = "Tạm ngừng gọi đối tác đang hỏng"});
  return spec;
}

const Spec<engine::PartnerPolicy>& partner_spec() {
  using engine::PartnerPolicy;
  static const auto spec =
      Spec<PartnerPolicy>("partner")
          .integer("in_flight", &PartnerPolicy::in_flight,
                   {.doc_en = "Deliveries at once over all its destinations; 0 = no limit beyond theirs",
                    .doc_vi = "Số lượt gửi cùng lúc trên mọi đích của đối tác; 0 = chỉ theo giới hạn từng đích",
                    .least = 0,
                    .most = kInFlightMost})
          .parsed("rate", &PartnerPolicy::rate, kRateForm, parse_rate, about_rate())
          .integer("burst", &PartnerPolicy::burst, about_burst())
          .object("breaker", &PartnerPolicy::breaker, breaker_spec(),
                  {.doc_en = "Leaving all its destinations in peace when the session fails",
                   .doc_vi = "Tạm ngừng gọi mọi đích của đối tác khi phiên làm việc hỏng"});
  return spec;
}

const Spec<OfficeHoursSection>& office_hours_spec() {
  static const auto spec =
      Spec<OfficeHoursSection>("office hours")
          .texts("days", &OfficeHoursSection::days,
                 {.doc_en = "Working days: mon tue wed thu fri sat sun; Monday to Friday when absent",
                  .doc_vi = "Ngày làm việc: mon tue wed thu fri sat sun; bỏ trống là thứ hai đến thứ sáu",
                  .most = 7})
          .parsed("from", &OfficeHoursSection::from, kTimeForm, parse_time,
                  {.required = true, .doc_en = "Vietnam time", .doc_vi = "Giờ Việt Nam", .example = "07:30"})
          .parsed("to", &OfficeHoursSection::to, kTimeForm, parse_time,
                  {.required = true,
                   .doc_en = "Vietnam time, later than `from`; 24:00 is the end of the day",
                   .doc_vi = "Giờ Việt Nam, sau `from`; 24:00 là hết ngày",
                   .example = "17:00"})
          .texts("holidays", &OfficeHoursSection::holidays,
                 {.doc_en = "Closed days", .doc_vi = "Ngày nghỉ", .example = "2026-09-02", .most = kHolidaysMost})
          .integer("urgent", &OfficeHoursSection::urgent,
                   {.doc_en = "Messages of this urgency and more are sent at any hour; none when absent",
                    .doc_vi = "Bản tin từ độ khẩn này trở lên được gửi mọi lúc; bỏ trống là không",
                    .least = 1,
                    .most = kUrgencyMost})
          .place(&OfficeHoursSection::place);
  return spec;
}

engine::OfficeHours compile_office_hours(const OfficeHoursSection& section, config::Diagnostics& diagnostics) {
  static const std::vector<std::string> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  engine::OfficeHours hours;
  if (!section.days.empty()) hours.days = 0;
  for (const auto& day : section.days) {
    const auto at = std::find(kDays.begin(), kDays.end(), day.value);
    if (at == kDays.end()) {
      diagnostics.error(Code::wrong_type, day.place, "\"" + day.value + "\" is no day of the week",
                        "write mon, tue, wed, thu, fri, sat or sun");
    } else {
      hours.days = static_cast<uint8_t>(hours.days | 1 << (at - kDays.begin()));
    }
  }
  for (const auto& holiday : section.holidays) {
    if (const auto date = route::parse_date(holiday.value)) {
      hours.holidays.push_back(*date);
    } else {
      diagnostics.error(date.error().code, holiday.place, date.error().detail, "write the date as 2026-09-02");
    }
  }
  std::sort(hours.holidays.begin(), hours.holidays.end());
  if (section.urgent) hours.urgent = *section.urgent;
  if (!section.from || !section.to) return hours;  // reported already
  hours.from = *section.from;
  hours.to = *section.to;
  if (hours.from >= hours.to) {
    diagnostics.error(Code::out_of_range, section.place, "`from` is not before `to`",
                      "office hours begin and end on one day");
  }
  return hours;
}

}  // namespace lt::runtime
