// Routing a message: as one, or each of its parts as if it had been sent alone.
#pragma once

#include "core/route/rules.h"
#include "core/schema/type_file.h"

namespace lt::runtime {

// `request` is of the whole message; where `to` is empty, its receivers are those of each part. Errors: as
// Router::route; bad_parts when the parts have more than limits::kSplitAddressees receivers together.
Result<route::Routed> route_message(const route::Router& router, route::RouteRequest request,
                                    const schema::Extracted& extracted);

}  // namespace lt::runtime
