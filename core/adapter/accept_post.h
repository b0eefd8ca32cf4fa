// What every REST face of a source does: authenticate the caller, receive the body, submit it, answer.
#pragma once

#include <string>
#include <vector>

#include "core/adapter/source.h"
#include "core/net/server.h"

namespace lt::adapter {

struct PostOptions {
  std::string type = {};                       // "" = the endpoint's declared type
  uint64_t body_limit = 0;                     // bytes; 0 = limits::kBody
  std::vector<std::string> keep_headers = {};  // kept with the message, those that came
  std::string document_part = {};              // of multipart bodies; "" = none are taken: error multipart_refused
};

// The key comes as `X-API-Key: ...` or `Authorization: Bearer ...`; `Idempotency-Key`, `traceparent` and `X-To`
// (receivers, separated by commas, for types whose body does not name them) are taken from the headers.
//
// 202 and the receipt as JSON: the message is on disk. A repeat gets the first receipt again, with
// `Idempotent-Replayed: true`. An endpoint that asks answers 200 and what the partner said, with `Lienthong-Id`, and
// with `Age` when it comes from the cache. Everything else is problem+json; 429, 503 and 507 carry Retry-After.
net::Task<net::Response> accept_post(net::Exchange* exchange, Intake* intake, PostOptions options);

}  // namespace lt::adapter
