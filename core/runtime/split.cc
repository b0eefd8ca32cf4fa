#include "core/runtime/split.h"

#include <algorithm>
#include <iterator>

#include "core/base/limits.h"

namespace lt::runtime {
namespace {

void merge_refused(std::vector<std::pair<std::string, Error>> more, std::vector<std::pair<std::string, Error>>& all) {
  for (auto& one : more) {
    const auto same = [&one](const auto& other) { return other.first == one.first; };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(one));
  }
}

}  // namespace

Result<route::Routed> route_message(const route::Router& router, route::RouteRequest request,
                                    const schema::Extracted& extracted) {
  const std::span<const std::string> to = request.to;
  if (extracted.parts.empty()) {
    if (to.empty()) request.to = extracted.receivers;
    request.keys = extracted.keys;
    return router.route(request);
  }
  route::Routed out;
  size_t addressees = 0;
  for (size_t part = 0; part < extracted.parts.size(); ++part) {
    const schema::ExtractedPart& one = extracted.parts[part];
    if (to.empty()) request.to = one.receivers;
    request.keys = one.keys;
    LT_ASSIGN(route::Routed routed, router.route(request));
    for (DeliverySpec& delivery : routed.deliveries) {
      delivery.part = static_cast<uint16_t>(part + 1);
      addressees += std::max<size_t>(1, delivery.receivers.size());
    }
    if (addressees > limits::kSplitAddressees)
      return fail(Code::bad_parts,
                  "the parts have more than " + std::to_string(limits::kSplitAddressees) + " receivers together");
    std::move(routed.deliveries.begin(), routed.deliveries.end(), std::back_inserter(out.deliveries));
    merge_refused(std::move(routed.refused), out.refused);
  }
  return out;
}

}  // namespace lt::runtime
