// What retention decides, as plain functions: which segments are old enough, what of them must be carried forward,
// which keys have run out. No thread, no clock, no file; test/sim may drive them too.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/engine/cell.h"
#include "core/journal/journal.h"
#include "core/journal/keys.h"

namespace lt::runtime {

// The section `retention` of the configuration.
struct RetentionRules {
  std::chrono::milliseconds personal = std::chrono::days(90);  // bodies of that class can be read so long
  std::chrono::milliseconds document = std::chrono::days(90);
  std::chrono::milliseconds journal = std::chrono::days(8);  // segments are kept at least so long; longer than any
                                                             // repeat is recognised
  std::chrono::milliseconds history = std::chrono::days(3'653);
  std::chrono::milliseconds blob_grace = std::chrono::hours(24);
  std::chrono::milliseconds every = std::chrono::hours(1);

  bool operator==(const RetentionRules&) const = default;
  // A segment stays while any body in it may still be read.
  std::chrono::milliseconds segments() const { return std::max({personal, document, journal}); }
};

// Offset up to which segments have served their time: none filled after now - `kept`. The last never has.
uint64_t old_enough(std::span<const journal::SegmentSpan> segments, Wall now, std::chrono::milliseconds kept);

// The largest border of segments up to `to` that leaves the records of two checkpoints in segments that stay, so that
// either can be started from. `checkpoints`: positions of intact ones, newest first.
uint64_t trimmable(std::span<const journal::SegmentSpan> segments, uint64_t to, std::span<const Position> checkpoints);

// Unfinished messages whose record stands before `to`, in order of acceptance, at most `most` of those after `after`.
std::vector<engine::Unfinished> to_carry(const engine::Cell& cell, uint64_t to, Position after, size_t most);

// The record of one of those as it is to stand further on, and how many deliveries its message has.
Result<std::pair<journal::Record, uint16_t>> carried_copy(const journal::Journal& journal,
                                                          const engine::Unfinished& one);

// Keys whose bodies have been readable long enough. Class none never runs out.
std::vector<journal::KeyId> expired(std::span<const journal::KeyId> keys, Wall now, const RetentionRules& rules);

// Key days that messages still on their way (dead ones are not) may be sealed under, up to `last`.
std::set<uint32_t> days_in_use(const engine::Cell& cell, uint32_t last);

// What one round did.
struct Retained {
  uint64_t carried = 0;
  uint64_t segments_freed = 0;
  uint64_t keys_destroyed = 0;
  uint64_t keys_in_use = 0;  // expired, but messages on their way need them
  uint64_t blobs_freed = 0;
  uint64_t history_freed = 0;
};

}  // namespace lt::runtime
