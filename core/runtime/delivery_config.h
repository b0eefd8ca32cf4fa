// How destinations are delivered to, as the configuration says it: `delivery` and `office_hours` of a destination, and
// `partners`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/config/diagnostics.h"
#include "core/config/spec.h"
#include "core/engine/policy.h"

namespace lt::runtime {

// destinations.<name>.office_hours
struct OfficeHoursSection {
  std::vector<config::Located<std::string>> days, holidays;
  std::optional<std::chrono::minutes> from, to;
  std::optional<Urgency> urgent;
  Place place;
};

inline constexpr const char* kRateForm = "rate such as 50/s, 600/m, 2000/h";
Result<engine::Rate> parse_rate(std::string_view text);

const config::Spec<engine::DestinationPolicy>& delivery_policy_spec();
const config::Spec<engine::PartnerPolicy>& partner_spec();
const config::Spec<OfficeHoursSection>& office_hours_spec();
// Reports what is wrong; what it returns is then not to be used.
engine::OfficeHours compile_office_hours(const OfficeHoursSection& section, config::Diagnostics& diagnostics);

}  // namespace lt::runtime
