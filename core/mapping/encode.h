// From the target tree to bytes. Blobs never enter memory: they stay holes until the document is sent.
//
//   LT_ASSIGN(auto encoded, encode(*mapping, *target.root()));
//   if (!encoded.holes) send(encoded.text());
//   else LT_ASSIGN(auto body, open_segments(std::move(encoded), open_range));   // body->size() is Content-Length
//
// A file that goes into another form (`carrier`, `as`) is converted while it is read. A file that leaves the document
// is in `parts`, in the order of the document, which holds its name: "file-1", "file-2", ...
//
// A hole of the same format as the received body is copied as it is, JSON escapes too. From XML to JSON and back it is
// re-read: escapes are undone, line ends and blanks inside base64 dropped, because JSON strings have none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/stream.h"
#include "core/mapping/mapping.h"
#include "core/message/body.h"

namespace lt::mapping {

enum class BlobForm : uint8_t;

struct Segment {
  std::string text;  // of a text segment
  bool hole = false;
  BlobRange range;  // in the received body
  Carrier carrier = Carrier::base64;
  bool verbatim = true;  // false: escapes are undone, blanks inside are dropped
  bool converted = false;
  BlobForm from{}, to{};   // of a converted one
  std::string name, path;  // of its file, and where it stood in the source
};

// A file that is sent beside the document.
struct FilePart {
  std::string name;      // as the document names it
  std::string filename;  // of the last part of a path; never empty
  bool lifted = false;
  BlobRange range;   // in the received body, or ...
  std::string text;  // ... what stood there
  BlobForm from{};
  std::string path;  // where it stood in the source
};

struct Encoded {
  std::vector<Segment> segments;  // texts and holes in turn; one text when there are no holes
  size_t holes = 0;
  std::vector<FilePart> parts;
  // The whole document when there are no holes.
  std::string& text() { return segments.front().text; }
};

struct EncodeOptions {
  bool pretty = false;
};

// Errors of the writers in core/codec, with the path in the target; too_large past limits::kMultipartParts parts.
Result<Encoded> encode(const Mapping& mapping, const Node& target, const EncodeOptions& options = {});

// One part of a received document as a document of its own, in the format it was received in.
Result<Encoded> encode_part(const Node& part, bool xml);

// Gives the bytes of one range of the received body, as received. Kept until the document is sent.
using OpenRange = std::function<Result<std::unique_ptr<ByteSource>>(const BlobRange& range)>;
// One source over all segments, in constant memory, its total size known. A hole that is not verbatim is read twice,
// first to learn its size, so what is wrong with it is known before a byte is sent. Errors bad_base64 when such a hole
// holds something that has no place in base64, bad_zip and too_large (a ZIP that unpacks to too much) of a converted
// one, with the path in the source.
Result<std::unique_ptr<ByteSource>> open_segments(Encoded encoded, const OpenRange& open);
// The bytes of a file that is sent beside the document, their number known. Errors as above.
Result<std::unique_ptr<ByteSource>> open_part(const FilePart& part, const OpenRange& open);

}  // namespace lt::mapping
