// Runs ahead of libxml2 over the raw bytes of an XML body: checks the encoding, bounds tags, and replaces long texts by
// a marker. Inside core/codec only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/codec/lift.h"
#include "core/codec/text_place.h"
#include "core/codec/xml.h"
#include "core/message/tree.h"

namespace lt::codec {

class XmlScanner {
 public:
  struct Lift {
    BlobRange range;
    uint64_t lines = 0;  // newlines inside
  };

  // `watcher`, which may be null, sees the bytes of long texts.
  explicit XmlScanner(const XmlOptions& options, LiftedText* watcher = nullptr);

  // Takes the next bytes of the body; appends to `out` what the parser shall see.
  Result<void> feed(std::string_view piece, std::string& out);
  Result<void> finish(std::string& out);

  // Instead of feed and finish: checks the encoding of a whole body in which nothing can be lifted or be out of bounds,
  // so that the parser may see it as it is. False: it must be fed.
  Result<bool> check_small(std::string_view body);

  // A lifted text shows as the processing instruction <?marker N?>, N an index of `lifts`. The name is random, so no
  // sender can write one.
  const std::string& marker() const { return marker_; }
  const std::vector<Lift>& lifts() const { return lifts_; }

 private:
  enum class State { text, tag, special, comment, instruction, cdata };

  Result<void> start(std::string_view piece);
  Result<size_t> text(size_t i, std::string& out);
  Result<size_t> tag(size_t i, std::string& out);
  Result<size_t> until(size_t i, std::string_view end, std::string& out);
  Result<size_t> special(size_t i);
  Result<size_t> cdata(size_t i, std::string& out);
  Result<void> run(std::string_view bytes, size_t i);
  void end_run(std::string_view before, std::string_view after, std::string& out);
  Result<void> check_declaration(std::string_view text, size_t i) const;
  Result<void> put(std::string_view bytes, size_t i, std::string& out);
  tl::unexpected<Error> error(size_t at, Code code, std::string detail) const;

  const XmlOptions& options_;
  LiftedText* watcher_;
  std::string marker_;
  std::vector<Lift> lifts_;
  State state_ = State::text;
  std::string_view piece_;
  uint64_t offset_ = 0;  // of piece_ in the body
  TextPlace place_;      // of piece_
  Utf8Check utf8_;
  uint64_t passed_ = 0;    // bytes the parser has seen
  std::string markup_;     // the tag, comment, ... so far
  char quote_ = 0;         // open quote inside a tag
  size_t equals_ = 0;      // attributes of the tag so far
  bool declared_ = false;  // the first construct has passed
  // The text since the last markup: held until it proves short.
  std::string held_;
  bool long_ = false, blank_ = true, entity_ = false;
  uint64_t run_offset_ = 0, run_length_ = 0, run_lines_ = 0;
};

}  // namespace lt::codec
