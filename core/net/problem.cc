#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/net/http.h"

namespace lt::net {
namespace {

void member(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += out.empty() ? "{" : ",";
  quote_json(name, out);
  out += ':';
  quote_json(text, out);
}

void member(std::string& out, std::string_view name, int number) {
  if (number == 0) return;
  out += ",\"";
  out += name;
  out += "\":" + std::to_string(number);
}

}  // namespace

Response problem(const Error& error, std::string_view trace_id) {
  const CodeInfo& entry = info(error.code);
  std::string json;
  json.reserve(512);
  member(json, "type", "urn:lienthong:error:" + code_text(error.code));
  member(json, "title", entry.title_en);
  member(json, "title_vi", entry.title_vi);
  member(json, "status", entry.http_status);
  member(json, "detail", is_utf8(error.detail) ? error.detail : percent_encode(error.detail));
  member(json, "code", code_text(error.code));
  member(json, "path", is_utf8(error.place.path) ? error.place.path : percent_encode(error.place.path));
  member(json, "line", error.place.line);
  member(json, "column", error.place.column);
  member(json, "hint", error.hint.empty() ? entry.hint_en : std::string_view(error.hint));
  member(json, "hint_vi", entry.hint_vi);
  member(json, "trace_id", trace_id);
  json += '}';
  Response response;
  response.status = entry.http_status;
  response.headers.add("Content-Type", "application/problem+json");
  response.body = std::move(json);
  return response;
}

}  // namespace lt::net
