// How many messages and bytes a day the agencies of a set may hand in.
//
// A message counts for its From, on the Vietnam day it was accepted, once it is durable; the claim is made before it is
// admitted, so that a limit is not overrun by many at once. A repeat costs nothing and is answered also when nothing is
// left. What a partner lists is counted but never refused: it cannot be told.
//
// The counts are a fold of the journal by agency, whatever the rules are, so rules may change between two starts.
// `<data>/quota.day` holds them up to a position ("lienthong quota 1", day, position, then "<messages> <bytes> <From>"
// a line, last "crc <crc32c>"); the start folds the journal from there, or all of it where there is no such file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/config/spec.h"
#include "core/journal/journal.h"
#include "core/message/message.h"
#include "core/route/agency_set.h"

namespace lt::runtime {

// The section `quotas`: a list of these.
struct QuotaConfig {
  config::Located<std::string> name;
  std::vector<config::Located<std::string>> agencies;
  bool each = false;
  std::optional<uint64_t> messages_per_day, bytes_per_day;
  Place place;
};
const config::Spec<QuotaConfig>& quota_spec();

struct QuotaRule {
  std::string name;
  route::AgencySet agencies;
  bool each = false;  // every agency of the set has the limit for itself
  uint64_t messages = UINT64_MAX, bytes = UINT64_MAX;
};
// Findings: bad_reference for unknown agencies, duplicate_key, missing_key for a quota without a limit, out_of_range.
std::vector<QuotaRule> compile_quotas(const std::vector<QuotaConfig>& quotas, const route::AgencyDirectory& directory,
                                      config::Diagnostics& diagnostics);

struct DayCount {
  uint64_t messages = 0, bytes = 0;
  auto operator<=>(const DayCount&) const = default;
};

// The counts of one day by From. Fold of accepted messages in position order.
struct DayCounts {
  int64_t day = 0;  // since 1970-01-01, Vietnam time
  Position last;    // of the last record folded
  std::map<std::string, DayCount, std::less<>> agencies;

  void fold(Position position, const Message& message);
  void add(std::string_view from, uint64_t bytes);
  void take_back(std::string_view from, uint64_t bytes);
  std::string save() const;
  static std::optional<DayCounts> load(std::string_view text);
};

// Thread-safe.
class Quotas {
 public:
  explicit Quotas(Metrics& metrics) : metrics_(metrics) {}
  // Before the first claim, and then while no claim is held: a reload. What was handed in today counts for new rules
  // too.
  void go_by(std::vector<QuotaRule> rules, std::shared_ptr<const route::AgencyDirectory> directory);

  // Reads the counts of today. Before traffic; once, after go_by. Without rules it begins to count now.
  Result<void> recover(Env& env, std::string path, const journal::Journal& journal);
  // An accepted message is durable. In position order.
  void committed(Position position, const Message& message);
  // Writes what is new. Blocks on the disk.
  Result<void> save();

  // A share of today's limits, given back unless kept.
  class Claim {
   public:
    Claim() = default;
    Claim(Claim&& other) noexcept { *this = std::move(other); }
    Claim& operator=(Claim&& other) noexcept {
      std::swap(of_, other.of_);
      std::swap(day_, other.day_);
      std::swap(bytes_, other.bytes_);
      from_.swap(other.from_);
      keys_.swap(other.keys_);
      return *this;
    }
    ~Claim();
    void keep() { of_ = nullptr; }

   private:
    friend class Quotas;
    Quotas* of_ = nullptr;
    int64_t day_ = 0;
    uint64_t bytes_ = 0;
    std::string from_;
    std::vector<std::string> keys_;
  };
  // Error quota_exceeded, with the seconds until the next day; nothing is claimed then. `anyway`: never refused.
  Result<Claim> claim(std::string_view from, uint64_t bytes, Wall at, bool anyway);

 private:
  struct Rules {
    std::vector<QuotaRule> list;
    std::shared_ptr<const route::AgencyDirectory> directory;
    std::map<std::string, Counter*> refused;  // by rule
  };
  using Bound = std::vector<std::pair<const QuotaRule*, std::string>>;
  static Bound limits_of(const Rules& rules, std::string_view from);
  void begin_day(int64_t day);
  void count_anew();

  Metrics& metrics_;
  Env* env_ = nullptr;
  std::string path_;
  std::mutex saving_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Rules> rules_ = std::make_shared<const Rules>();
  DayCounts folded_;
  Position saved_;
  DayCounts today_;                       // by From, claims included
  std::map<std::string, DayCount> used_;  // the same by rule, or by rule and agency
};

}  // namespace lt::runtime
