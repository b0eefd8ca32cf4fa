#include "core/runtime/body_scan.h"

#include <algorithm>

#include "core/codec/base64.h"
#include "core/codec/json.h"
#include "core/codec/lift.h"
#include "core/codec/xml.h"

namespace lt::runtime {
namespace {

bool is_json(const schema::MessageType& type) { return type.file.format == schema::Format::json; }
bool may_wrap(const schema::MessageType& type) { return type.file.dialect == schema::Dialect::edxml; }

}  // namespace

// Decodes and hashes long texts as they pass.
class BodyScanner::Files final : public codec::LiftedText {
 public:
  explicit Files(bool wrappers) : wrappers_(wrappers) {}

  void begin(uint64_t offset) override {
    now_.emplace();
    now_->file.offset = offset;
    if (wrappers_) now_->sniffer.emplace();
  }

  void text(std::string_view part) override {
    if (!now_ || now_->broken) return;
    for (; !part.empty(); part.remove_prefix(std::min(part.size(), limits::kScanPiece))) {
      decoded_.clear();
      if (!now_->decoder.feed(part.substr(0, limits::kScanPiece), decoded_)) {
        now_->broken = true;
        return;
      }
      now_->file.bytes.size += decoded_.size();
      if (now_->sniffer)
        now_->sniffer->feed(decoded_);
      else
        now_->hash.update(decoded_);
    }
  }

  void end() override {
    if (!now_) return;
    ScannedFile& file = now_->file;
    file.whole = !now_->broken && now_->decoder.finish().has_value();
    if (file.whole && now_->sniffer)
      file.bytes = now_->sniffer->finish();
    else if (file.whole)
      file.bytes.sha256 = now_->hash.finish();
    found_.push_back(std::move(file));
    now_.reset();
  }

  const ScannedFile* find(uint64_t offset) const {
    const auto at = std::lower_bound(found_.begin(), found_.end(), offset,
                                     [](const ScannedFile& file, uint64_t wanted) { return file.offset < wanted; });
    return at != found_.end() && at->offset == offset ? &*at : nullptr;
  }

 private:
  struct Now {
    ScannedFile file;
    codec::Base64Decoder decoder;
    Sha256Stream hash;
    std::optional<codec::WrapperSniffer> sniffer;
    bool broken = false;
  };
  const bool wrappers_;
  std::optional<Now> now_;
  std::string decoded_;
  std::vector<ScannedFile> found_;  // by offset, since they come so
};

struct BodyScanner::Parser {
  std::optional<codec::JsonLifter> json;
  codec::Lifted lifted;
  Tree tree;
  std::optional<codec::XmlParser> xml;
};

BodyScanner::BodyScanner(std::shared_ptr<const schema::MessageType> type)
    : type_(std::move(type)), files_(std::make_unique<Files>(may_wrap(*type_))), parser_(std::make_unique<Parser>()) {
  if (is_json(*type_))
    parser_->json.emplace(codec::LiftOptions{}, files_.get());
  else
    parser_->xml.emplace(parser_->tree, codec::XmlOptions{}, files_.get());
}

BodyScanner::~BodyScanner() = default;

void BodyScanner::feed(std::string_view piece) {
  if (error_) return;
  auto fed = parser_->json ? parser_->json->feed(piece) : parser_->xml->feed(piece);
  if (!fed) error_ = std::move(fed).error();
}

void BodyScanner::finish() {
  if (error_) return;
  if (parser_->xml) {
    if (auto ended = parser_->xml->finish(); !ended) error_ = std::move(ended).error();
    return;
  }
  auto lifted = parser_->json->finish();
  if (lifted)
    parser_->lifted = std::move(*lifted);
  else
    error_ = std::move(lifted).error();
}

bool BodyScanner::fits(const schema::MessageType& type) const {
  return is_json(type) == is_json(*type_) && may_wrap(type) == may_wrap(*type_);
}

Result<void> BodyScanner::take(Tree& tree) {
  if (error_) return fail(std::move(*error_));
  if (parser_->json) return codec::parse_json(std::move(parser_->lifted), tree);
  tree = std::move(parser_->tree);
  return {};
}

const ScannedFile* BodyScanner::file(uint64_t offset) const { return files_->find(offset); }

}  // namespace lt::runtime
