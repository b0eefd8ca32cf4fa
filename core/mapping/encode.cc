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
#include "core/mapping/shown.h"

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

// The text of a file; of one that stands apart, its bytes.
Opened open_source(const SourceFile& file, const Files& files) {
  if (file.from == BlobForm::part) {
    if (files.part) return files.part(file.text);
    return fail(Error(Code::no_such_part, "the message did not come as multipart: there is no part \"" +
                                              std::string(shown_code(file.text)) + "\""));
  }
  if (file.from == BlobForm::url) {
    if (files.fetched) return files.fetched(file.text);
    return fail(Error(Code::fetch_not_allowed, "nothing is fetched here"));
  }
  if (file.lifted) return open_text(file.range, files.range);
  return std::unique_ptr<ByteSource>(std::make_unique<TextSource>(file.text));
}

Opened open_converted(const SourceFile& file, BlobForm to, const std::string& name, const Files& files) {
  return open_twice([file, to, name, files]() -> Opened {
    auto text = open_source(file, files);
    if (!text) {
      if (text.error().place.path.empty()) text.error().place.path = file.path;
      return text;
    }
    return std::unique_ptr<ByteSource>(
        std::make_unique<PlacedSource>(converted(std::move(*text), file.from, to, name), file.path));
  });
}

Opened open_hole(const Segment& segment, const Files& files) {
  if (segment.file) return open_converted(*segment.file, segment.to, segment.name, files);
  const BlobRange range = segment.range;
  const OpenRange open = files.range;
  if (segment.verbatim) {
    LT_TRY(open(range));  // what cannot be opened is better known before the first byte is sent
    return std::unique_ptr<ByteSource>(
        std::make_unique<LateSource>([range, open] { return open(range); }, range.length));
  }
  return open_twice([range, open]() -> Opened {
    LT_ASSIGN(auto text, open_text(range, open));
    return std::unique_ptr<ByteSource>(std::make_unique<CleanSource>(std::move(text)));
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

SourceFile source_of(const codec::BlobHole& hole, const BlobWay& way) {
  SourceFile file;
  file.from = way.from;
  file.lifted = way.lifted;
  if (way.lifted)
    file.range = hole.node->blob;
  else
    file.text = way.text;
  if (way.source) file.path = path_of(way.source);
  return file;
}

// A text cut where its files go in.
class Cutter {
 public:
  Cutter(bool verbatim, const AddressOf& address) : verbatim_(verbatim), address_(address) {}

  Result<Encoded> cut(std::string text, const std::vector<codec::BlobHole>& holes) {
    if (holes.empty()) {
      out_.segments.emplace_back().text = std::move(text);
      return std::move(out_);
    }
    size_t at = 0;
    for (const codec::BlobHole& hole : holes) {
      before_.append(text, at, hole.at - at);
      at = hole.at;
      const auto way = way_of(*hole.node);
      if (!way) {
        segment(hole).verbatim = verbatim_;
        continue;
      }
      LT_TRY(put_file(hole, *way));
    }
    before_.append(text, at);
    out_.segments.emplace_back().text = std::move(before_);
    return std::move(out_);
  }

 private:
  Segment& segment(const codec::BlobHole& hole) {
    out_.segments.emplace_back().text = std::exchange(before_, {});
    ++out_.holes;
    Segment& made = out_.segments.emplace_back();
    made.hole = true;
    made.range = hole.node->blob;
    return made;
  }

  Result<void> put_file(const codec::BlobHole& hole, const BlobWay& way) {
    SourceFile file = source_of(hole, way);
    if (way.from == BlobForm::url && asked_.insert(file.text).second) out_.wanted.push_back({file.text, file.path});
    if (way.to == BlobForm::part) {
      FilePart& part = out_.parts.emplace_back();
      part.name = "file-" + std::to_string(out_.parts.size());
      part.filename = file_name(way.name);
      part.file = std::move(file);
      before_ += part.name;
    } else if (way.to == BlobForm::url) {
      if (!address_) return fail(Code::bug, "a mapping gives addresses, and nobody says which");
      LT_ASSIGN(const std::string address, address_({std::move(file), file_name(way.name)}));
      before_ += address;
    } else {
      Segment& made = segment(hole);
      made.verbatim = false;
      made.file = std::move(file);
      made.to = way.to;
      made.name = way.name;
    }
    return {};
  }

  const bool verbatim_;
  const AddressOf& address_;
  Encoded out_;
  std::set<std::string> asked_;  // the addresses
  std::string before_;
};

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
  Cutter cutter(mapping.source_is_xml() == mapping.target_is_xml(), options.address);
  LT_ASSIGN(Encoded out, cutter.cut(std::move(text), holes));
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
  return Cutter(true, {}).cut(std::move(text), holes);
}

Result<std::unique_ptr<ByteSource>> open_segments(Encoded encoded, const Files& files) {
  std::string text;
  std::vector<codec::HoledSource::Filling> fillings;
  for (const Segment& segment : encoded.segments) {
    if (!segment.hole) {
      text += segment.text;
      continue;
    }
    LT_ASSIGN(auto bytes, open_hole(segment, files));
    fillings.push_back({text.size(), std::move(bytes)});
  }
  return std::unique_ptr<ByteSource>(std::make_unique<codec::HoledSource>(std::move(text), std::move(fillings)));
}

Result<std::unique_ptr<ByteSource>> open_file(const SourceFile& file, const Files& files) {
  return open_converted(file, BlobForm::part, {}, files);
}

}  // namespace lt::mapping
