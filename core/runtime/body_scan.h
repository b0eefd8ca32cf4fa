// A large body understood while it comes in, so that it need not be read again: its tree, and what its long texts would
// be as files in base64. Beside the receiving, on another thread; in constant memory.
//
// What it says is what reading the stored body would say; where it has no answer (a text that is no base64), the body
// is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/codec/zip.h"
#include "core/message/body.h"
#include "core/message/tree.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

// A long text of a body, decoded as base64.
struct ScannedFile {
  uint64_t offset = 0;   // of the text in the body
  bool whole = false;    // it is base64 from the first character to the last
  codec::Sniffed bytes;  // of what it decodes to; without an entry unless wrappers were looked for
};

class BodyScanner final : public BodyScan {
 public:
  // `type`: what is expected to come.
  explicit BodyScanner(std::shared_ptr<const schema::MessageType> type);
  ~BodyScanner() override;

  // From one thread at a time. The first error is kept for `take`; what follows is ignored.
  void feed(std::string_view piece);
  void finish();

  // Whether it can stand for a body of this type.
  bool fits(const schema::MessageType& type) const;
  // The tree as a parser of the stored body would make it. Once, after finish.
  Result<void> take(Tree& tree);
  // None: that text was not seen, or not to its end.
  const ScannedFile* file(uint64_t offset) const;

 private:
  class Files;
  struct Parser;
  const std::shared_ptr<const schema::MessageType> type_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Parser> parser_;
  std::optional<Error> error_;
};

}  // namespace lt::runtime
