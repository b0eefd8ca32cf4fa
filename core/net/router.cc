#include <algorithm>

#include "core/net/server.h"

namespace lt::net {
namespace {

// The next segment of `path`, dropped from it. "/a/b" gives "a", then "b".
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(std::min<size_t>(1, path.size()));
  const size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool is_hole(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    if (wanted == "*" && pattern.empty()) return true;
    const std::string_view got = next_segment(path);
    if (is_hole(wanted) ? got.empty() : wanted != got) return false;
  }
  return pattern.empty() && path.empty();
}

Task<Response> answer(Response response) { co_return std::move(response); }

// HEAD is what GET would say, without the body.
bool serves(std::string_view method, std::string_view asked) {
  return method == asked || (asked == "HEAD" && method == "GET");
}

}  // namespace

void Router::add(std::string method, std::string path, Handler handler) {
  entries_.push_back({std::move(method), std::move(path), std::move(handler)});
}

Handler Router::handler() const {
  auto entries = std::make_shared<const std::vector<Entry>>(entries_);
  return [entries](Exchange* exchange) -> Task<Response> {
    const RequestHead& head = exchange->head;
    std::string allowed;
    for (const Entry& entry : *entries) {
      if (!matches(entry.path, head.path)) continue;
      if (serves(entry.method, head.method)) return entry.handler(exchange);
      if (!allowed.empty()) allowed += ", ";
      allowed += entry.method;
    }
    if (allowed.empty()) return answer(problem(Error(Code::path_not_found, head.path)));
    Response refusal = problem(Error(Code::wrong_method, head.method + " " + head.path));
    refusal.headers.add("Allow", std::move(allowed));
    return answer(std::move(refusal));
  };
}

std::string Router::segment(const RequestHead& head, std::string_view pattern, std::string_view name) {
  std::string_view path = head.path;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view got = next_segment(path);
    if (is_hole(wanted) && wanted.substr(1, wanted.size() - 2) == name) return std::string(got);
  }
  return {};
}

}  // namespace lt::net
