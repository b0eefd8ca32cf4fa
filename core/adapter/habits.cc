#include "core/adapter/habits.h"

#include <charconv>

namespace lt::adapter {
namespace {

bool set(bool* target, const Node* value) {
  if (value->kind != Kind::boolean) return false;
  *target = value->flag;
  return true;
}

template <class Number>
bool set(Number* target, const Node* value) {
  if (value->kind != Kind::number) return false;
  const auto end = value->text.data() + value->text.size();
  return std::from_chars(value->text.data(), end, *target).ptr == end;
}

bool set(std::string* target, const Node* value) {
  if (value->kind != Kind::text) return false;
  *target = value->text;
  return true;
}

bool chance(double rate, std::mt19937_64& random) {
  return rate > 0 && std::uniform_real_distribution<double>(0, 1)(random) < rate;
}

}  // namespace

Result<void> SimulatorSettings::apply(const Node* settings) {
  if (!settings || settings->kind != Kind::object) return fail(Code::usage, "settings are a JSON object");
  for (const Node* value = settings->first; value; value = value->next) {
    const auto found = bound_.find(std::string(value->name));
    if (found == bound_.end()) {
      std::string known;
      for (const auto& [name, target] : bound_) known += (known.empty() ? "" : ", ") + name;
      return fail(Code::usage, "no setting \"" + std::string(value->name) + "\"", {}, "known: " + known);
    }
    if (!std::visit([value](auto* target) { return set(target, value); }, found->second))
      return fail(Code::usage, "setting \"" + found->first + "\" has another type");
  }
  return {};
}

void Habits::bind(SimulatorSettings& settings) {
  settings.bind("down", &down);
  settings.bind("drop_before", &drop_before);
  settings.bind("drop_after", &drop_after);
  settings.bind("error", &error);
  settings.bind("slow_ms", &slow_ms);
}

net::Response dropped() {
  net::Response response;
  response.status = 0;
  return response;
}

net::Task<net::Response> with_habits(net::Exchange* exchange, const Habits* habits, std::mt19937_64* random,
                                     net::Handler work) {
  net::Response refused;
  if (habits->down) {
    refused.status = 503;
    refused.body = "{\"status\":\"0\",\"statusDescription\":\"He thong tam dung\"}";
    co_return refused;
  }
  if (chance(habits->drop_before, *random)) co_return dropped();
  if (chance(habits->error, *random)) {
    refused.status = 500;
    refused.body = "server error";
    co_return refused;
  }
  net::Response response = co_await work(exchange);
  if (habits->slow_ms > 0) {
    const auto pause = std::chrono::milliseconds(habits->slow_ms);
    co_await exchange->shard->sleep(pause);
  }
  if (chance(habits->drop_after, *random)) co_return dropped();
  co_return response;
}

}  // namespace lt::adapter
