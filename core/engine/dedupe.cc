#include "core/engine/dedupe.h"

#include <algorithm>
#include <cstring>

#include "core/base/limits.h"
#include "core/engine/hashing.h"

namespace lt::engine {

DedupeKey dedupe_key_of(std::string_view text) { return {key_hash(2, text), key_hash(3, text)}; }

uint64_t dedupe_body(const Sha256& body) {
  uint64_t v;
  std::memcpy(&v, body.data(), sizeof v);
  return v;
}

int32_t dedupe_day(Wall time) {
  return static_cast<int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

// --- DedupeRun ---

void DedupeRun::add(const Entry& entry) {
  const auto hash_of = [this](Slot s) { return entries_[s].key.high; };
  const Slot old = index_.find(entry.key.high, [&](Slot s) { return entries_[s].key == entry.key; });
  if (old != kNoSlot) index_.erase(entry.key.high, old, hash_of);
  entries_.push_back(entry);
  index_.insert(entry.key.high, static_cast<Slot>(entries_.size() - 1), hash_of);
}

const DedupeRun::Entry* DedupeRun::find(const DedupeKey& key) const {
  const Slot s = index_.find(key.high, [&](Slot slot) { return entries_[slot].key == key; });
  return s == kNoSlot ? nullptr : &entries_[s];
}

// --- DedupeIndex ---

bool DedupeIndex::add(std::string_view key, Position position, const Sha256& body, Wall accepted,
                      const Limits& limits) {
  if (position.offset <= sealed_to_) return false;
  const int32_t day = dedupe_day(accepted);
  if (open_ && (open_->day() != day || open_->entries().size() >= std::max<size_t>(1, limits.run))) close();
  if (!open_) open_ = std::make_shared<DedupeRun>(position.partition, day, std::max(last_, sealed_to_));
  open_->add({dedupe_key_of(key), dedupe_body(body), position.offset});
  ++size_;
  const int32_t oldest = dedupe_day(accepted - limits.window);
  while (!closed_.empty() && (closed_.front()->day() < oldest || size_ > limits::kDedupeKeys)) drop_oldest();
  return true;
}

void DedupeIndex::close() {
  last_ = open_->last();
  closed_.push_back(std::move(open_));
  open_.reset();
}

void DedupeIndex::drop_oldest() {
  size_ -= closed_.front()->entries().size();
  closed_.pop_front();
}

std::optional<DedupeSeen> DedupeIndex::find(std::string_view key, const Sha256& body, Wall since) const {
  const DedupeKey wanted = dedupe_key_of(key);
  const int32_t oldest = dedupe_day(since);
  const auto look = [&](const DedupeRun& run) -> std::optional<DedupeSeen> {
    const auto* entry = run.day() < oldest ? nullptr : run.find(wanted);
    if (!entry) return std::nullopt;
    return DedupeSeen{{run.partition(), entry->offset}, entry->body == dedupe_body(body)};
  };
  if (open_) {
    if (auto seen = look(*open_)) return seen;
  }
  for (auto run = closed_.rbegin(); run != closed_.rend(); ++run) {
    if (auto seen = look(**run)) return seen;
  }
  return std::nullopt;
}

void DedupeIndex::sealed(uint64_t offset) {
  if (offset <= sealed_to_) return;
  sealed_to_ = offset;
  while (!closed_.empty() && closed_.front()->last() <= offset) drop_oldest();
  const auto rest_of = [offset](const DedupeRun& run) {
    auto rest = std::make_shared<DedupeRun>(run.partition(), run.day(), offset);
    for (const auto& entry : run.entries()) {
      if (entry.offset > offset) rest->add(entry);
    }
    return rest;
  };
  // Only after a load of a state older than the disk: borders are where they are on disk from here on.
  if (!closed_.empty() && closed_.front()->after() < offset) {
    size_ -= closed_.front()->entries().size();
    closed_.front() = rest_of(*closed_.front());
    size_ += closed_.front()->entries().size();
  } else if (open_ && open_->after() < offset) {
    size_ -= open_->entries().size();
    auto rest = open_->last() <= offset ? nullptr : rest_of(*open_);
    open_ = std::move(rest);
    if (open_) size_ += open_->entries().size();
  }
}

void DedupeIndex::save(WireWriter& out) const {
  out.varint(sealed_to_);
  out.varint(std::max(last_, sealed_to_));
  out.varint(closed_.size() + (open_ ? 1 : 0));
  const auto save_run = [&out](const DedupeRun& run, bool open) {
    out.u8(open);
    out.varint(run.partition());
    out.signed_varint(run.day());
    out.varint(run.after());
    out.varint(run.entries().size());
    uint64_t offset = run.after();
    for (const auto& e : run.entries()) {
      out.raw(&e.key.high, sizeof e.key.high);
      out.raw(&e.key.low, sizeof e.key.low);
      out.raw(&e.body, sizeof e.body);
      out.varint(e.offset - offset);
      offset = e.offset;
    }
  };
  for (const auto& run : closed_) save_run(*run, false);
  if (open_) save_run(*open_, true);
}

bool DedupeIndex::load(WireReader& in) {
  sealed_to_ = in.varint();
  last_ = in.varint();
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    const bool open = in.u8() != 0;
    const auto partition = static_cast<uint32_t>(in.varint());
    const auto day = static_cast<int32_t>(in.signed_varint());
    uint64_t offset = in.varint();
    auto run = std::make_shared<DedupeRun>(partition, day, offset);
    for (size_t m = in.count(); m > 0 && in.ok(); --m) {
      DedupeRun::Entry e{};
      in.raw(&e.key.high, sizeof e.key.high);
      in.raw(&e.key.low, sizeof e.key.low);
      in.raw(&e.body, sizeof e.body);
      offset += in.varint();
      e.offset = offset;
      if (in.ok()) run->add(e);
    }
    if (open_ || run->entries().empty()) return false;
    size_ += run->entries().size();
    if (open) {
      open_ = std::move(run);
    } else {
      closed_.push_back(std::move(run));
    }
  }
  return in.ok();
}

}  // namespace lt::engine
