#include "core/base/metrics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "core/base/limits.h"

namespace lt {
namespace {
bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}
}  // namespace

TEST_CASE("counters and gauges are exposed in format 0.0.4") {
  Metrics metrics;
  metrics.counter("lienthong_sent_total", "Messages sent.", {{"destination", "b"}, {"code", "200"}}).add(3);
  metrics.counter("lienthong_sent_total", "ignored", {{"destination", "a"}, {"code", "200"}}).add();
  metrics.gauge("lienthong_depth", "Waiting.").set(-5);
  metrics.gauge("lienthong_depth", "Waiting.").add(2);
  CHECK(metrics.expose() ==
        "# HELP lienthong_depth Waiting.\n"
        "# TYPE lienthong_depth gauge\n"
        "lienthong_depth -3\n"
        "# HELP lienthong_sent_total Messages sent.\n"
        "# TYPE lienthong_sent_total counter\n"
        "lienthong_sent_total{code=\"200\",destination=\"a\"} 1\n"
        "lienthong_sent_total{code=\"200\",destination=\"b\"} 3\n");
  CHECK(Metrics().expose().empty());
}

TEST_CASE("the same name and labels give the same handle in any order of labels") {
  Metrics metrics;
  Counter& one = metrics.counter("lienthong_x_total", "", {{"a", "1"}, {"b", "2"}});
  CHECK(&one == &metrics.counter("lienthong_x_total", "", {{"b", "2"}, {"a", "1"}}));
  CHECK(&one != &metrics.counter("lienthong_x_total", "", {{"b", "1"}, {"a", "2"}}));
  CHECK(&one != &metrics.counter("lienthong_y_total", "", {{"a", "1"}, {"b", "2"}}));
  // A value that looks like another label is still a value.
  CHECK(&one != &metrics.counter("lienthong_x_total", "", {{"a", "1\",b=\"2"}}));
}

TEST_CASE("help and label values are escaped") {
  Metrics metrics;
  metrics.gauge("lienthong_g", "line\none \\ \"two\"", {{"path", "C:\\x \"y\"\nz"}}).set(1);
  const std::string text = metrics.expose();
  CHECK(has_line(text, R"(# HELP lienthong_g line\none \\ "two")"));
  CHECK(has_line(text, R"(lienthong_g{path="C:\\x \"y\"\nz"} 1)"));
}

TEST_CASE("histograms have cumulative buckets, the sum in seconds and the count") {
  Metrics metrics;
  Histogram& latency = metrics.histogram("lienthong_latency_seconds", "Latency.", {{"sink", "a"}});
  for (const uint64_t us : {0, 100, 101, 2'500, 60'000'000, 60'000'001}) latency.observe_us(us);
  const std::string text = metrics.expose();
  CHECK(has_line(text, "# TYPE lienthong_latency_seconds histogram"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="0.0001"} 2)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="0.00025"} 3)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="0.001"} 3)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="0.0025"} 4)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="10"} 4)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="60"} 5)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_bucket{sink="a",le="+Inf"} 6)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_sum{sink="a"} 120.002702)"));
  CHECK(has_line(text, R"(lienthong_latency_seconds_count{sink="a"} 6)"));
  metrics.histogram("lienthong_idle_seconds", "Idle.");
  const std::string again = metrics.expose();
  CHECK(has_line(again, R"(lienthong_idle_seconds_bucket{le="+Inf"} 0)"));
  CHECK(has_line(again, "lienthong_idle_seconds_sum 0"));
  CHECK(has_line(again, "lienthong_idle_seconds_count 0"));
}

TEST_CASE("label sets over the limit share one series") {
  Metrics metrics;
  for (size_t i = 0; i < limits::kMetricSeries + 5; ++i)
    metrics.counter("lienthong_x_total", "", {{"id", std::to_string(i)}}).add();
  const std::string text = metrics.expose();
  CHECK(has_line(text, R"(lienthong_x_total{overflow="true"} 5)"));
  CHECK(std::count(text.begin(), text.end(), '\n') == static_cast<long>(limits::kMetricSeries) + 3);
}

TEST_CASE("handles count from many threads") {
  Metrics metrics;
  {
    const auto work = [&] {
      for (int i = 0; i < 1000; ++i) metrics.counter("lienthong_x_total", "").add();
    };
    std::jthread one(work), two(work), three(work);
  }
  CHECK(metrics.counter("lienthong_x_total", "").value() == 3000);
}

}  // namespace lt
