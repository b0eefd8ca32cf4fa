#include "core/runtime/quota.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/message/fact.h"

namespace lt::runtime {
namespace {

constexpr std::string_view kHead = "lienthong quota 1\n";
constexpr std::string_view kOthers = "*";  // stands for agencies beyond limits::kQuotaAgencies

int64_t day_of(Wall at) {
  return std::chrono::floor<std::chrono::days>(at + kVietnamOffset).time_since_epoch().count();
}

int seconds_left(Wall at) {
  const auto local = at + kVietnamOffset;
  const auto midnight = std::chrono::floor<std::chrono::days>(local) + std::chrono::days(1);
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(midnight - local).count());
}

// The number up to `end`, which is passed over too.
template <class Number>
bool take_number(std::string_view& text, char end, Number& out) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || stop == text.data() + text.size() || *stop != end) return false;
  text.remove_prefix(static_cast<size_t>(stop - text.data()) + 1);
  return true;
}

}  // namespace

const config::Spec<QuotaConfig>& quota_spec() {
  static const auto spec =
      config::Spec<QuotaConfig>("quota")
          .text("name", &QuotaConfig::name,
                {.required = true,
                 .doc_en = "Name in errors and metrics",
                 .doc_vi = "Tên trong thông báo lỗi và số đo",
                 .example = "so-y-te",
                 .least = 1,
                 .most = 50})
          .texts("agencies", &QuotaConfig::agencies,
                 {.required = true,
                  .doc_en = "Senders (From) it is for, and all below them",
                  .doc_vi = "Các cơ quan gửi (From) chịu hạn mức, kể cả đơn vị trực thuộc",
                  .example = "[H22.05]"})
          .boolean("each", &QuotaConfig::each,
                   {.doc_en = "true: every agency has the limit for itself; false: all together",
                    .doc_vi = "true: mỗi cơ quan một hạn mức; false: tính chung cả nhóm"})
          .integer("messages_per_day", &QuotaConfig::messages_per_day,
                   {.doc_en = "Messages a day, Vietnam time",
                    .doc_vi = "Số thông điệp mỗi ngày, giờ Việt Nam",
                    .example = "10000",
                    .least = 1})
          .size("bytes_per_day", &QuotaConfig::bytes_per_day,
                {.doc_en = "Bytes of bodies a day",
                 .doc_vi = "Tổng dung lượng thân thông điệp mỗi ngày",
                 .example = "5GB",
                 .least = 1})
          .place(&QuotaConfig::place)
          .check([](const QuotaConfig& quota, const config::Value&, config::Diagnostics& diagnostics) {
            if (quota.messages_per_day || quota.bytes_per_day) return true;
            diagnostics.error(Code::missing_key, quota.place, "a quota without a limit",
                              "add messages_per_day or bytes_per_day");
            return false;
          });
  return spec;
}

std::vector<QuotaRule> compile_quotas(const std::vector<QuotaConfig>& quotas, const route::AgencyDirectory& directory,
                                      config::Diagnostics& diagnostics) {
  std::vector<QuotaRule> rules;
  std::set<std::string> names;
  if (quotas.size() > limits::kQuotas)
    diagnostics.error(Code::out_of_range, quotas[limits::kQuotas].place,
                      fmt::format("more than {} quotas", limits::kQuotas), "use `each: true` for sets of agencies");
  for (const QuotaConfig& quota : quotas) {
    if (!quota.name.value.empty() && !names.insert(quota.name.value).second)
      diagnostics.error(Code::duplicate_key, quota.name.place, "quota \"" + quota.name.value + "\" is there twice");
    QuotaRule rule;
    rule.name = quota.name.value;
    rule.agencies = route::AgencySet::compile(quota.agencies, directory, diagnostics);
    rule.each = quota.each;
    rule.messages = quota.messages_per_day.value_or(UINT64_MAX);
    rule.bytes = quota.bytes_per_day.value_or(UINT64_MAX);
    if (quota.agencies.empty())
      diagnostics.error(Code::missing_key, quota.place, "a quota for no agency", "list agencies, or \"*\"");
    rules.push_back(std::move(rule));
  }
  return rules;
}

void DayCounts::add(std::string_view from, uint64_t bytes) {
  auto found = agencies.find(from);
  if (found == agencies.end()) {
    const bool room = agencies.size() < limits::kQuotaAgencies && from.find('\n') == std::string_view::npos;
    found = agencies.try_emplace(std::string(room ? from : kOthers)).first;
  }
  ++found->second.messages;
  found->second.bytes += bytes;
}

void DayCounts::take_back(std::string_view from, uint64_t bytes) {
  auto found = agencies.find(from);
  if (found == agencies.end()) found = agencies.find(kOthers);
  if (found == agencies.end()) return;
  --found->second.messages;
  found->second.bytes -= bytes;
}

void DayCounts::fold(Position position, const Message& message) {
  last = position;
  const int64_t its = day_of(message.envelope.accepted);
  if (its < day || message.envelope.from.empty()) return;  // accepted before midnight, durable after
  if (its > day) agencies.clear();
  day = its;
  add(message.envelope.from, message.body.size);
}

std::string DayCounts::save() const {
  std::string out(kHead);
  out += fmt::format("{}\n{}:{}\n", day, last.partition, last.offset);
  for (const auto& [from, count] : agencies) out += fmt::format("{} {} {}\n", count.messages, count.bytes, from);
  return out + fmt::format("crc {}\n", crc32c(0, out));
}

std::optional<DayCounts> DayCounts::load(std::string_view text) {
  const size_t tail = text.rfind("crc ");
  if (!text.starts_with(kHead) || tail == std::string_view::npos) return std::nullopt;
  std::string_view mark = text.substr(tail + 4);
  uint32_t crc = 0;
  if (!take_number(mark, '\n', crc) || crc != crc32c(0, text.substr(0, tail))) return std::nullopt;
  text = text.substr(0, tail);
  text.remove_prefix(kHead.size());
  DayCounts out;
  if (!take_number(text, '\n', out.day) || !take_number(text, ':', out.last.partition) ||
      !take_number(text, '\n', out.last.offset))
    return std::nullopt;
  while (!text.empty()) {
    DayCount count;
    if (!take_number(text, ' ', count.messages) || !take_number(text, ' ', count.bytes)) return std::nullopt;
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    out.agencies[std::string(text.substr(0, end))] = count;
    text.remove_prefix(end + 1);
  }
  return out;
}

void Quotas::go_by(std::vector<QuotaRule> rules, std::shared_ptr<const route::AgencyDirectory> directory) {
  auto next = std::make_shared<Rules>();
  next->list = std::move(rules);
  next->directory = std::move(directory);
  for (const QuotaRule& rule : next->list)
    next->refused[rule.name] =
        &metrics_.counter("lienthong_quota_refused_total", "Messages refused because a quota of the day was used up",
                          {{"quota", rule.name}});
  const std::lock_guard lock(mutex_);
  rules_ = std::move(next);
  count_anew();
}

// The rules that bind a sender, each with the name of the count it shares.
Quotas::Bound Quotas::limits_of(const Rules& rules, std::string_view from) {
  Bound out;
  if (from.empty() || rules.list.empty()) return out;
  const auto agency = rules.directory->resolve(from);
  if (!agency) return out;  // the access rights refused it before
  for (const QuotaRule& rule : rules.list)
    if (rule.agencies.contains(*agency))
      out.emplace_back(&rule, rule.each ? rule.name + '\n' + agency->text() : rule.name);
  return out;
}

void Quotas::begin_day(int64_t day) {
  if (day <= today_.day) return;
  today_.day = day;
  today_.agencies.clear();
  used_.clear();
}

void Quotas::count_anew() {
  used_.clear();
  for (const auto& [agency, count] : today_.agencies) {
    for (const auto& [rule, key] : limits_of(*rules_, agency)) {
      used_[key].messages += count.messages;
      used_[key].bytes += count.bytes;
    }
  }
}

Result<void> Quotas::recover(Env& env, std::string path, const journal::Journal& journal) {
  env_ = &env;
  path_ = std::move(path);
  const std::lock_guard lock(mutex_);
  if (rules_->list.empty()) {
    const Position end = journal.end();
    folded_.last = {end.partition, end.offset > 0 ? end.offset - 1 : 0};
    return {};
  }
  LT_ASSIGN(const bool there, env.exists(path_));
  if (there) {
    LT_ASSIGN(const std::string text, read_file(env, path_));
    if (auto counts = DayCounts::load(text); counts && counts->last < journal.end())
      folded_ = std::move(*counts);
    else
      log::warn("quota", "the counts of the day are damaged: counted again from the journal", {{"file", path_}});
  }
  const Position from = std::max(folded_.last, journal.oldest());
  std::optional<Error> problem;
  LT_TRY(journal.read_headers(from, [&](const journal::RecordView& record) {
    if (record.type != journal::RecordType::accepted || record.position <= folded_.last) return true;
    auto fact = decode_fact_header(static_cast<uint8_t>(record.type), record.header);
    if (!fact) {
      problem = std::move(fact).error();
      return false;
    }
    folded_.fold(record.position, *std::get<AcceptedFact>(*fact).message);
    return true;
  }));
  if (problem) return fail(std::move(*problem));
  today_ = folded_;
  count_anew();
  return {};
}

void Quotas::committed(Position position, const Message& message) {
  const std::lock_guard lock(mutex_);
  folded_.fold(position, message);
}

Result<void> Quotas::save() {
  if (!env_) return {};
  const std::lock_guard one(saving_);
  std::string text;
  Position upto;
  {
    const std::lock_guard lock(mutex_);
    if (rules_->list.empty() || folded_.last == saved_) return {};
    text = folded_.save();
    upto = folded_.last;
  }
  LT_TRY(replace_file(*env_, path_, text));
  saved_ = upto;
  return {};
}

Result<Quotas::Claim> Quotas::claim(std::string_view from, uint64_t bytes, Wall at, bool anyway) {
  Claim claim;
  if (from.empty()) return claim;
  std::unique_lock lock(mutex_);
  const auto rules = rules_;
  lock.unlock();
  auto bound = limits_of(*rules, from);
  lock.lock();
  begin_day(day_of(at));
  for (auto& [rule, key] : bound) {
    if (rule->each && used_.size() >= limits::kQuotaAgencies && !used_.contains(key))
      key = rule->name + '\n' + std::string(kOthers);
    if (anyway) continue;
    const DayCount& used = used_[key];
    const bool messages = used.messages >= rule->messages;
    if (!messages && used.bytes + bytes <= rule->bytes) continue;
    rules->refused.at(rule->name)->add();
    std::string detail = messages ? fmt::format("quota \"{}\": {} messages a day", rule->name, rule->messages)
                                  : fmt::format("quota \"{}\": {} of {} bytes of the day are used, the body has {}",
                                                rule->name, used.bytes, rule->bytes, bytes);
    Error error(Code::quota_exceeded, std::move(detail));
    error.after_s = seconds_left(at);
    return fail(std::move(error));
  }
  claim.of_ = this;
  claim.day_ = today_.day;
  claim.bytes_ = bytes;
  claim.from_ = from;
  today_.add(from, bytes);
  for (auto& [rule, key] : bound) {
    ++used_[key].messages;
    used_[key].bytes += bytes;
    claim.keys_.push_back(std::move(key));
  }
  return claim;
}

Quotas::Claim::~Claim() {
  if (!of_) return;
  const std::lock_guard lock(of_->mutex_);
  if (of_->today_.day != day_) return;
  of_->today_.take_back(from_, bytes_);
  for (const std::string& key : keys_) {
    DayCount& used = of_->used_[key];
    --used.messages;
    used.bytes -= bytes_;
  }
}

}  // namespace lt::runtime
