// From the target tree to bytes. Blobs never enter memory: they stay holes until the document is sent.
//
//   LT_ASSIGN(auto encoded, encode(*mapping, *target.root()));
//   if (!encoded.holes) send(encoded.text());
//   else LT_ASSIGN(auto body, open_segments(std::move(encoded), files));   // body->size() is Content-Length
//
// A file that goes into another form (`carrier`, `as`) is converted while it is read. A file that leaves the document
// is in `parts`, in the order of the document, which holds its name: "file-1", "file-2", ... A file that the document
// only names (`carrier: url`, `carrier: part`) is found by who opens: see Files.
//
// A hole of the same format as the received body is copied as it is, JSON escapes too. From XML to JSON and back it is
// re-read: escapes are undone, line ends and blanks inside base64 dropped, because JSON strings have none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/stream.h"
#include "core/mapping/mapping.h"
#include "core/message/body.h"

namespace lt::mapping {

enum class BlobForm : uint8_t;

// A file of the source document, and where its bytes are.
struct SourceFile {
  BlobForm from{};
  bool lifted = false;
  BlobRange range;   // in the received body, of what stood there, or ...
  std::string text;  // ... what stood there: base64, an address, the name of a part
  std::string path;  // where
};

struct Segment {
  std::string text;  // of a text segment
  bool hole = false;
  BlobRange range;                 // in the received body, of a hole that is no file in another form
  bool verbatim = true;            // false: escapes are undone, blanks inside are dropped
  std::optional<SourceFile> file;  // of one that is ...
  BlobForm to{};                   // ... in which it goes on ...
  std::string name;                // ... under which name
};

// A file that is sent beside the document.
struct FilePart {
  std::string name;      // as the document names it
  std::string filename;  // of the last part of a path; never empty
  SourceFile file;
};

// A file behind an address of the source document; each address once.
struct WantedFile {
  std::string address;
  std::string path;  // of its first place
};

struct Encoded {
  std::vector<Segment> segments;  // texts and holes in turn; one text when there are no holes
  size_t holes = 0;
  std::vector<FilePart> parts;
  std::vector<WantedFile> wanted;  // what Files::fetched is asked for
  // The whole document when there are no holes.
  std::string& text() { return segments.front().text; }
};

// A file that the target document points to.
struct FileLink {
  SourceFile file;
  std::string filename;  // as of FilePart
};
// The address that the document gets: ASCII that stands in JSON and in XML as it is.
using AddressOf = std::function<Result<std::string>(const FileLink& link)>;

struct EncodeOptions {
  bool pretty = false;
  AddressOf address;  // for mappings that give files an address
};

// Errors of the writers in core/codec, with the path in the target; too_large past limits::kMultipartParts parts; those
// of `address`.
Result<Encoded> encode(const Mapping& mapping, const Node& target, const EncodeOptions& options = {});

// One part of a received document as a document of its own, in the format it was received in.
Result<Encoded> encode_part(const Node& part, bool xml);

// Where the bytes of files are. What is opened once can be opened again. Kept until the document is sent.
using OpenRange = std::function<Result<std::unique_ptr<ByteSource>>(const BlobRange& range)>;
using OpenNamed = std::function<Result<std::unique_ptr<ByteSource>>(std::string_view name)>;
struct Files {
  OpenRange range;    // of the received body, as received
  OpenNamed part;     // of the part of that name in the received multipart body; null: error no_such_part
  OpenNamed fetched;  // of what was fetched from that address; null: error fetch_not_allowed
};
// One source over all segments, in constant memory, its total size known. A hole that is not verbatim is read twice,
// first to learn its size, so what is wrong with it is known before a byte is sent. Errors bad_base64 when such a hole
// holds something that has no place in base64, bad_zip and too_large (a ZIP that unpacks to too much) of a converted
// one, those of `files`, with the path in the source.
Result<std::unique_ptr<ByteSource>> open_segments(Encoded encoded, const Files& files);
// The bytes of a file that is sent beside the document, or that it points to, their number known. Errors as above.
Result<std::unique_ptr<ByteSource>> open_file(const SourceFile& file, const Files& files);

}  // namespace lt::mapping
