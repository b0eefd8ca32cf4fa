#include "core/base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "core/base/limits.h"

namespace lt {
namespace {
// `quotes`: label values escape the double quote too, help texts do not.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

// `a="x",b="y"`, in the order of the names, so that equal sets give equal texts.
std::string label_text(Labels labels) {
  std::sort(labels.begin(), labels.end());
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  return out;
}

std::string seconds(uint64_t us) {
  std::string text = fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

template <class Number>
void append_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                   std::string_view bound, const Number& value) {
  out.append(name).append(suffix);
  if (!labels.empty() || !bound.empty()) {
    out.append("{").append(labels);
    if (!bound.empty()) fmt::format_to(std::back_inserter(out), "{}le=\"{}\"", labels.empty() ? "" : ",", bound);
    out += '}';
  }
  fmt::format_to(std::back_inserter(out), " {}\n", value);
}

void append(std::string& out, std::string_view name, std::string_view labels, const Counter& counter) {
  append_sample(out, name, "", labels, "", counter.value());
}
void append(std::string& out, std::string_view name, std::string_view labels, const Gauge& gauge) {
  append_sample(out, name, "", labels, "", gauge.value());
}
void append(std::string& out, std::string_view name, std::string_view labels, const Histogram& histogram) {
  uint64_t below = 0;
  for (size_t i = 0; i < Histogram::kBuckets; ++i) {
    below += histogram.bucket(i);
    const bool last = i + 1 == Histogram::kBuckets;
    append_sample(out, name, "_bucket", labels, last ? "+Inf" : seconds(Histogram::kBoundsUs[i]), below);
  }
  append_sample(out, name, "_sum", labels, "", seconds(histogram.sum_us()));
  append_sample(out, name, "_count", labels, "", below);
}

template <class Kind>
using Series = std::map<std::string, std::unique_ptr<Kind>>;

template <class Kind>
Kind& find_or_add(Series<Kind>& series, Labels labels) {
  std::string key = label_text(std::move(labels));
  if (series.size() >= limits::kMetricSeries && !series.contains(key)) key = R"(overflow="true")";
  auto& slot = series[key];
  if (!slot) slot = std::make_unique<Kind>();
  return *slot;
}
}  // namespace

struct Metrics::Family {
  std::string help, type;
  Series<Counter> counters;
  Series<Gauge> gauges;
  Series<Histogram> histograms;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

void Histogram::observe_us(uint64_t microseconds) {
  const auto* bound = std::lower_bound(std::begin(kBoundsUs), std::end(kBoundsUs), microseconds);
  buckets_[bound - std::begin(kBoundsUs)].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(microseconds, std::memory_order_relaxed);
}

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, std::string_view type) {
  auto found = families_.find(name);
  if (found == families_.end()) {
    found = families_.emplace(std::string(name), std::make_unique<Family>()).first;
    found->second->help = help;
    found->second->type = type;
  } else if (found->second->type != type) {
    // Names are constants of the program: this is a bug in it, and no exposition of both would be valid.
    fmt::print(stderr, "lienthong: metric {} is a {} and a {}\n", name, found->second->type, type);
    std::abort();
  }
  return *found->second;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  return find_or_add(family(name, help, "counter").counters, std::move(labels));
}
Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  return find_or_add(family(name, help, "gauge").gauges, std::move(labels));
}
Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  return find_or_add(family(name, help, "histogram").histograms, std::move(labels));
}

std::string Metrics::expose() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    fmt::format_to(std::back_inserter(out), "# HELP {} ", name);
    append_escaped(out, family->help, false);
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, family->type);
    for (const auto& [labels, counter] : family->counters) append(out, name, labels, *counter);
    for (const auto& [labels, gauge] : family->gauges) append(out, name, labels, *gauge);
    for (const auto& [labels, histogram] : family->histograms) append(out, name, labels, *histogram);
  }
  return out;
}

}  // namespace lt
