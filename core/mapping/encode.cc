#include "core/mapping/encode.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/limits.h"
#include "core/codec/holes.h"
#include "core/codec/json.h"
#include "core/codec/json_escape.h"
#include "core/codec/xml.h"
#include "core/mapping/blob.h"
#include "core/mapping/program.h"

namespace lt::mapping {
namespace {

constexpr size_t kStep = 64 << 10;
constexpr size_t kUsual = 8 << 10;  // most documents grow no further
constexpr std::string_view kXmlNs = "http://www.w3.org/XML/1998/namespace";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool in_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

// Base64 without the blanks inside it.
class CleanSource final : public ByteSource {
 public:
  explicit CleanSource(std::unique_ptr<ByteSource> raw) : raw_(std::move(raw)) {}
  Result<size_t> read(char* out, size_t size) override {
    while (true) {
      LT_ASSIGN(const size_t n, raw_->read(out, size));
      if (n == 0) return 0;
      size_t kept = 0;
      for (size_t i = 0; i < n; ++i) {
        if (is_blank(out[i])) continue;
        if (!in_base64(out[i]))
          return fail(Code::bad_base64, "a byte that is not base64 at offset " + std::to_string(offset_ + i));
        out[kept++] = out[i];
      }
      offset_ += n;
      if (kept > 0) return kept;
    }
  }

 private:
  std::unique_ptr<ByteSource> raw_;
  uint64_t offset_ = 0;
};

// A range of known size that is opened when its turn comes: a document with many files holds one of them open.
class LateSource final : public ByteSource {
 public:
  using Open = std::function<Result<std::unique_ptr<ByteSource>>()>;
  LateSource(Open open, uint64_t size) : open_(std::move(open)), size_(size) {}
  Result<size_t> read(char* out, size_t size) override {
    if (!inner_) {
      LT_ASSIGN(inner_, open_());
    }
    return inner_->read(out, size);
  }
  std::optional<uint64_t> size() const override { return size_; }

 private:
  Open open_;
  std::unique_ptr<ByteSource> inner_;
  uint64_t size_;
};

// Names where it stood in what goes wrong with a file.
class PlacedSource final : public ByteSource {
 public:
  PlacedSource(std::unique_ptr<ByteSource> inner, std::string path)
      : inner_(std::move(inner)), path_(std::move(path)) {}
  Result<size_t> read(char* out, size_t size) override {
    auto n = inner_->read(out, size);
    if (!n && n.error().place.path.empty()) n.error().place.path = path_;
    return n;
  }

 private:
  std::unique_ptr<ByteSource> inner_;
  std::string path_;
};

// A text that belongs to its source.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)), rest_(text_) {}
  Result<size_t> read(char* out, size_t size) override { return rest_.read(out, size); }

 private:
  std::string text_;
  MemorySource rest_;
};

using Opened = Result<std::unique_ptr<ByteSource>>;

Opened open_text(const BlobRange& range, const OpenRange& open) {
  LT_ASSIGN(auto raw, open(range));
  if (range.escaped) raw = std::make_unique<codec::JsonUnescapingSource>(std::move(raw));
  return raw;
}

// Read to its end once, then again when its turn comes: what is sent has a known size and is known to be sound.
Opened open_twice(const LateSource::Open& open) {
  uint64_t size = 0;
  LT_ASSIGN(const auto counted, open());
  const auto buffer = std::make_unique<char[]>(kStep);
  while (true) {
    LT_ASSIGN(const size_t n, counted->read(buffer.get(), kStep));
    if (n == 0) break;
    size += n;
  }
  return std::unique_ptr<ByteSource>(std::make_unique<LateSource>(open, size));
}

Opened open_hole(const Segment& segment, const OpenRange& open) {
  const BlobRange range = segment.range;
  if (segment.verbatim) {
    LT_TRY(open(range));  // what cannot be opened is better known before the first byte is sent
    return std::unique_ptr<ByteSource>(
        std::make_unique<LateSource>([range, open] { return open(range); }, range.length));
  }
  if (!segment.converted)
    return open_twice([range, open]() -> Opened {
      LT_ASSIGN(auto text, open_text(range, open));
      return std::unique_ptr<ByteSource>(std::make_unique<CleanSource>(std::move(text)));
    });
  return open_twice(
      [range, open, from = segment.from, to = segment.to, name = segment.name, path = segment.path]() -> Opened {
        LT_ASSIGN(auto text, open_text(range, open));
        return std::unique_ptr<ByteSource>(
            std::make_unique<PlacedSource>(converted(std::move(text), from, to, name), path));
      });
}

codec::XmlWriteOptions xml_options(const Mapping& mapping, bool pretty) {
  codec::XmlWriteOptions options;
  options.indent = pretty;
  for (const auto& [prefix, uri] : mapping.namespaces()) options.prefixes.push_back({uri, prefix});
  if (mapping.program().nil) options.prefixes.push_back({std::string(kXsi), "xsi"});
  return options;
}

// The namespaces below `node`: its own is the default one; attributes need one with a name.
void collect_namespaces(const Node& node, std::string_view own, std::set<std::string_view>& named) {
  const bool attribute = !node.name.empty() && node.name.front() == '@';
  if (!node.ns.empty() && node.ns != kXmlNs && (attribute || node.ns != own)) named.insert(node.ns);
  for (const Node* child = node.first; child; child = child->next) collect_namespaces(*child, own, named);
}

// A stylesheet uses what namespaces it likes.
void add_missing(const Node& root, codec::XmlWriteOptions& options) {
  const auto has = [&](std::string codec::XmlPrefix::*what, std::string_view value) {
    return std::any_of(options.prefixes.begin(), options.prefixes.end(),
                       [&](const codec::XmlPrefix& at) { return !at.prefix.empty() && at.*what == value; });
  };
  std::string_view plain;
  for (const codec::XmlPrefix& at : options.prefixes)
    if (at.prefix.empty()) plain = at.ns;
  std::set<std::string_view> named;
  collect_namespaces(root, plain, named);
  size_t count = 0;
  for (const std::string_view ns : named) {
    if (has(&codec::XmlPrefix::ns, ns)) continue;
    std::string prefix;
    do prefix = "n" + std::to_string(++count);
    while (has(&codec::XmlPrefix::prefix, prefix));
    options.prefixes.push_back({std::string(ns), std::move(prefix)});
  }
}

FilePart part_of(const codec::BlobHole& hole, const BlobWay& way, size_t number) {
  FilePart part;
  part.name = "file-" + std::to_string(number);
  part.filename = file_name(way.name);
  part.lifted = way.lifted;
  if (way.lifted)
    part.range = hole.node->blob;
  else
    part.text = way.text;
  part.from = way.from;
  if (way.source) part.path = path_of(way.source);
  return part;
}

Segment segment_of(const codec::BlobHole& hole, const std::optional<BlobWay>& way, bool verbatim) {
  Segment segment;
  segment.hole = true;
  segment.range = hole.node->blob;
  segment.verbatim = verbatim;
  if (!way) return segment;
  segment.verbatim = false;
  segment.converted = true;
  segment.from = way->from;
  segment.to = way->to;
  segment.carrier = way->to == BlobForm::zip ? Carrier::base64_zip : Carrier::base64;
  segment.name = way->name;
  if (way->source) segment.path = path_of(way->source);
  return segment;
}

Encoded cut_at_holes(std::string text, const std::vector<codec::BlobHole>& holes, bool verbatim) {
  Encoded out;
  if (holes.empty()) {
    out.segments.emplace_back().text = std::move(text);
    return out;
  }
  size_t at = 0;
  std::string before;
  for (const codec::BlobHole& hole : holes) {
    before.append(text, at, hole.at - at);
    at = hole.at;
    const auto way = way_of(*hole.node);
    if (way && way->to == BlobForm::part) {
      out.parts.push_back(part_of(hole, *way, out.parts.size() + 1));
      before += out.parts.back().name;
      continue;
    }
    out.segments.emplace_back().text = std::exchange(before, {});
    out.segments.push_back(segment_of(hole, way, verbatim));
    ++out.holes;
  }
  before.append(text, at);
  out.segments.emplace_back().text = std::move(before);
  return out;
}

}  // namespace

Result<Encoded> encode(const Mapping& mapping, const Node& target, const EncodeOptions& options) {
  std::string text;
  text.reserve(kUsual);
  std::vector<codec::BlobHole> holes;
  if (mapping.target_is_xml()) {
    codec::XmlWriteOptions how = xml_options(mapping, options.pretty);
    if (mapping.program().stylesheet) add_missing(target, how);
    LT_TRY(codec::write_xml(&target, how, text, &holes));
  } else {
    LT_TRY(codec::write_json(&target, text, {options.pretty}, &holes));
  }
  Encoded out = cut_at_holes(std::move(text), holes, mapping.source_is_xml() == mapping.target_is_xml());
  if (out.parts.size() >= limits::kMultipartParts)
    return fail(Code::too_large, std::to_string(out.parts.size()) + " files beside one document");
  return out;
}

Result<Encoded> encode_part(const Node& part, bool xml) {
  std::string text;
  std::vector<codec::BlobHole> holes;
  if (xml) {
    std::set<std::string_view> named;
    collect_namespaces(part, part.ns, named);
    codec::XmlWriteOptions options;
    if (!part.ns.empty()) options.prefixes.push_back({std::string(part.ns), ""});
    for (const std::string_view ns : named)
      options.prefixes.push_back({std::string(ns), "n" + std::to_string(options.prefixes.size() + 1)});
    LT_TRY(codec::write_xml(&part, options, text, &holes));
  } else {
    LT_TRY(codec::write_json(&part, text, {}, &holes));
  }
  return cut_at_holes(std::move(text), holes, true);
}

Result<std::unique_ptr<ByteSource>> open_segments(Encoded encoded, const OpenRange& open) {
  std::string text;
  std::vector<codec::HoledSource::Filling> fillings;
  for (const Segment& segment : encoded.segments) {
    if (!segment.hole) {
      text += segment.text;
      continue;
    }
    LT_ASSIGN(auto bytes, open_hole(segment, open));
    fillings.push_back({text.size(), std::move(bytes)});
  }
  return std::unique_ptr<ByteSource>(std::make_unique<codec::HoledSource>(std::move(text), std::move(fillings)));
}

Result<std::unique_ptr<ByteSource>> open_part(const FilePart& part, const OpenRange& open) {
  return open_twice([part, open]() -> Opened {
    std::unique_ptr<ByteSource> text;
    if (part.lifted) {
      LT_ASSIGN(text, open_text(part.range, open));
    } else {
      text = std::make_unique<TextSource>(part.text);
    }
    return std::unique_ptr<ByteSource>(
        std::make_unique<PlacedSource>(converted(std::move(text), part.from, BlobForm::part, {}), part.path));
  });
}

}  // namespace lt::mapping
