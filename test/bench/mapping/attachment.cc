#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/base/stream.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/encode.h"
#include "test/bench/mapping/measure.h"
#include "test/bench/mapping/parts.h"
#include "test/bench/mapping/translator.h"

namespace lt::bench {
namespace {

constexpr const char* kSource =
    R"({"type":"object","properties":{"Ten":{"type":"string"},"Tep":{"type":"string","contentEncoding":"base64"}}})";
constexpr const char* kTarget = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="R"><xs:complexType><xs:sequence>
    <xs:element name="Name" type="xs:string" minOccurs="0"/>
    <xs:element name="Bytes" type="xs:base64Binary" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";
constexpr const char* kRules = "rules:\n  - Name: Ten\n  - Bytes: {blob: Tep}\n";
constexpr size_t kBuffer = 64 << 10;

// A body that is nowhere: a head, `size` letters of base64, a tail.
class Body final : public ByteSource {
 public:
  Body(std::string head, uint64_t size, std::string tail, uint64_t from, uint64_t to)
      : head_(std::move(head)), tail_(std::move(tail)), size_(size), at_(from), to_(std::min(to, total())) {}
  uint64_t total() const { return head_.size() + size_ + tail_.size(); }
  Result<size_t> read(char* out, size_t room) override {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(room, to_ - at_));
    for (size_t done = 0; done < n;) done += piece(out + done, n - done);
    return n;
  }
  std::optional<uint64_t> size() const override { return to_ - at_; }

 private:
  size_t piece(char* out, size_t room) {
    size_t n = 0;
    if (at_ < head_.size()) {
      n = std::string_view(head_).substr(at_).copy(out, room);
    } else if (at_ < head_.size() + size_) {
      n = static_cast<size_t>(std::min<uint64_t>(room, head_.size() + size_ - at_));
      std::memset(out, 'A' + static_cast<int>(at_ / kBuffer % 26), n);
    } else {
      n = std::string_view(tail_).substr(at_ - head_.size() - size_).copy(out, room);
    }
    at_ += n;
    return n;
  }
  const std::string head_, tail_;
  const uint64_t size_;
  uint64_t at_;
  const uint64_t to_;
};

// Kilobytes; the peak since the last reset.
long peak_kb(bool reset) {
  if (reset) std::ofstream("/proc/self/clear_refs") << "5";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  throw std::runtime_error("no VmHWM in /proc/self/status");
}

struct Figures {
  double mb_per_s = 0;
  long grown_kb = 0;
};

// From the first byte of the body to the last byte of the translation.
Figures pass(const mapping::Mapping& mapping, const std::string& head, uint64_t size, const std::string& tail) {
  const long before = peak_kb(true);
  const double began = thread_cpu_us();
  Tree source, target;
  Body body(head, size, tail, 0, UINT64_MAX);
  need(mapping.source_is_xml() ? codec::parse_xml(body, source) : codec::parse_json(body, source));
  need(mapping::run(mapping, source.root(), target, {}));
  auto encoded = mapping::encode(mapping, *target.root());
  if (!encoded || encoded->holes != 1) throw std::runtime_error("the attachment is no hole");
  mapping::Files files;
  files.range = [&](const BlobRange& range) {
    return Result<std::unique_ptr<ByteSource>>(
        std::make_unique<Body>(head, size, tail, range.offset, range.offset + range.length));
  };
  auto opened = mapping::open_segments(std::move(*encoded), files);
  if (!opened) throw std::runtime_error(opened.error().text());
  const auto buffer = std::make_unique<char[]>(kBuffer);
  uint64_t sent = 0;
  for (;;) {
    const auto n = (*opened)->read(buffer.get(), kBuffer);
    if (!n) throw std::runtime_error(n.error().text());
    if (*n == 0) break;
    sent += *n;
  }
  if (sent < size) throw std::runtime_error("bytes of the attachment are missing");
  return {static_cast<double>(size) / (thread_cpu_us() - began), peak_kb(false) - before};
}

void one(const char* name, const mapping::Mapping& mapping, const std::string& head, const std::string& tail,
         int rounds) {
  std::printf("| %s", name);
  for (const uint64_t megabytes : {10, 100}) {
    Figures best;
    for (int round = 0; round < rounds; ++round) {
      const Figures figures = pass(mapping, head, megabytes * 1'000'000, tail);
      best = {std::max(best.mb_per_s, figures.mb_per_s), std::max(best.grown_kb, figures.grown_kb)};
    }
    std::printf(" | %.0f | %ld", best.mb_per_s, best.grown_kb);
  }
  std::printf(" |\n");
}

}  // namespace

void measure_attachment(int rounds) {
  const Pair pair = make_pair(kSource, kTarget, kRules);
  std::printf(
      "| an attachment inside the document | 10 MB: MB/s of CPU, best | memory grown, KB, most | 100 MB: MB/s | KB "
      "|\n|---|---|---|---|---|\n");
  one("JSON -> XML", *pair.forward, R"({"Ten":"a","Tep":")", "\"}", rounds);
  one("XML -> JSON", *pair.back, "<R><Name>a</Name><Bytes>", "</Bytes></R>", rounds);
  std::printf("\n");
}

}  // namespace lt::bench
