// libxml2 and libxslt as this process starts them: once, loading nothing, their memory countable. Whoever calls either
// of them starts it here first. Inside core/codec only.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/base/result.h"

struct _xmlDoc;

namespace lt::codec {

void start_xml_library();

// Bounds what the two libraries allocate in this thread while it lives; only one at a time per thread. Blocks that were
// freed count too: copying the same text again and again is work. `when_spent` is called once, from inside an
// allocation, and shall make the library stop soon; far beyond the total, and for a block above `kLargest`, allocations
// fail.
class XmlAllowance {
 public:
  static constexpr size_t kLargest = 64 << 20;

  XmlAllowance(size_t total, void (*when_spent)(void*), void* context);
  ~XmlAllowance();
  XmlAllowance(const XmlAllowance&) = delete;
  XmlAllowance& operator=(const XmlAllowance&) = delete;

  bool spent() const { return spent_; }
  bool take(size_t bytes);  // false: the allocation fails

 private:
  const size_t total_;
  size_t used_ = 0;
  bool spent_ = false;
  void (*const when_spent_)(void*);
  void* const context_;
};

struct FreeXmlDocument {
  void operator()(_xmlDoc* document) const;
};
using XmlDocument = std::unique_ptr<_xmlDoc, FreeXmlDocument>;

// Parses `text` into a document of libxml2, as hardened as parse_xml (core/codec/xml.h) and with its errors, but whole:
// no text is lifted. At most `most` bytes. The document's URL is `url`.
Result<XmlDocument> parse_xml_document(std::string_view text, size_t most, const char* url);

}  // namespace lt::codec
