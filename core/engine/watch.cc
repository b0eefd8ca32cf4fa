#include "core/engine/watch.h"

namespace lt::engine {

void Watches::fold(const std::vector<WatchChange>& changes) {
  for (const WatchChange& change : changes) {
    const auto set = sets_.find(change.set);
    if (change.open) {
      Set& s = set != sets_.end() ? set->second : sets_[change.set];
      const auto [at, fresh] = s.by_key.try_emplace(change.key, s.next);
      if (fresh) ++s.next;
      s.by_age[at->second] = {change.key, change.context};
    } else {
      if (set == sets_.end()) continue;
      const auto at = set->second.by_key.find(change.key);
      if (at == set->second.by_key.end()) continue;
      set->second.by_age.erase(at->second);
      set->second.by_key.erase(at);
      if (set->second.by_key.empty()) sets_.erase(set);
    }
  }
}

std::vector<WatchChange> Watches::open(std::string_view set) const {
  std::vector<WatchChange> out;
  const auto at = sets_.find(set);
  if (at == sets_.end()) return out;
  out.reserve(at->second.by_age.size());
  for (const auto& [age, watch] : at->second.by_age) out.push_back({at->first, watch.first, watch.second, true});
  return out;
}

std::string Watches::cursor(std::string_view source) const {
  const auto at = cursors_.find(source);
  return at == cursors_.end() ? std::string() : at->second;
}

void Watches::save(WireWriter& out) const {
  out.varint(sets_.size());
  for (const auto& [name, set] : sets_) {
    out.text(name);
    out.varint(set.by_age.size());
    for (const auto& [age, watch] : set.by_age) {
      out.text(watch.first);
      out.text(watch.second);
    }
  }
  out.varint(cursors_.size());
  for (const auto& [source, value] : cursors_) {
    out.text(source);
    out.text(value);
  }
}

bool Watches::load(WireReader& in) {
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    WatchChange change;
    change.set = in.text();
    for (size_t m = in.count(); m > 0 && in.ok(); --m) {
      change.key = in.text();
      change.context = in.text();
      if (in.ok()) fold({change});
    }
  }
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    std::string source(in.text());
    cursors_[std::move(source)] = in.text();
  }
  return in.ok();
}

}  // namespace lt::engine
