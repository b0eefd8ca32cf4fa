#include "core/adapter/accept_post.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/codec/multipart.h"
#include "core/message/message.h"

namespace lt::adapter {
namespace {

std::string_view presented_key(const net::Headers& headers) {
  if (auto key = headers.get("X-API-Key"); !key.empty()) return key;
  constexpr std::string_view kBearer = "Bearer ";
  auto authorization = headers.get("Authorization");
  return authorization.starts_with(kBearer) ? authorization.substr(kBearer.size()) : std::string_view();
}

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    auto item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

bool is_credential(std::string_view name) {
  net::Headers one;
  one.add(std::string(name), "x");
  for (const char* known : {"Authorization", "Proxy-Authorization", "Cookie", "X-API-Key"})
    if (!one.get(known).empty()) return true;
  return false;
}

net::Response refusal(const Error& error) {
  net::Response response = net::problem(error);
  // A full disk takes a person to empty it.
  const int usual = response.status == 507 ? 60 : 1;
  if (response.status == 429 || response.status == 503 || response.status == 507 || error.after_s > 0)
    response.headers.set("Retry-After", std::to_string(std::max(usual, error.after_s)));
  return response;
}

net::Response answered(Answer answer) {
  net::Response response;
  if (!answer.content_type.empty()) response.headers.add("Content-Type", std::move(answer.content_type));
  response.headers.add("Lienthong-Id", answer.id.text());
  if (answer.age) response.headers.add("Age", std::to_string(answer.age->count()));
  response.body = std::move(answer.body);
  return response;
}

}  // namespace

net::Task<net::Response> accept_post(net::Exchange* exchange, Intake* intake, PostOptions options) {
  const net::Headers& headers = exchange->head.headers;
  auto principal = intake->authenticate(presented_key(headers));
  if (!principal) co_return refusal(principal.error());

  Inbound inbound;
  inbound.principal = std::move(*principal);
  inbound.type = std::move(options.type);
  inbound.content_type = headers.get("Content-Type");
  const bool multipart = codec::is_multipart(inbound.content_type);
  if (multipart && options.document_part.empty()) co_return refusal(Error(Code::multipart_refused));
  if (multipart) inbound.document_part = std::move(options.document_part);
  inbound.idempotency_key = headers.get("Idempotency-Key");
  inbound.trace = headers.get("traceparent");
  inbound.to = listed(headers.get("X-To"));
  for (std::string& name : options.keep_headers) {
    if (is_credential(name)) continue;  // whatever the configuration says: it would stand in the journal for years
    if (auto value = headers.get(name); !value.empty()) inbound.headers.emplace_back(std::move(name), value);
  }
  const uint64_t limit = options.body_limit ? options.body_limit : limits::kBody;
  auto body = co_await intake->receive(exchange->body, limit, multipart);
  if (!body) co_return refusal(body.error());
  inbound.body = std::move(*body);

  if (intake->asks()) {
    auto answer = co_await intake->request(std::move(inbound));
    co_return answer ? answered(std::move(*answer)) : refusal(answer.error());
  }
  auto submitted = co_await intake->submit(std::move(inbound));
  if (!submitted) co_return refusal(submitted.error());
  net::Response response;
  response.status = 202;
  response.headers.add("Content-Type", "application/json");
  if (submitted->duplicate) response.headers.add("Idempotent-Replayed", "true");
  response.body = receipt_json(submitted->receipt);
  co_return response;
}

}  // namespace lt::adapter
