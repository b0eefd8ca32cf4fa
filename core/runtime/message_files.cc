#include "core/runtime/message_files.h"

namespace lt::runtime {

mapping::Files files_of(const Body& body, adapter::Bodies& bodies) {
  mapping::Files files;
  files.range = [&bodies, body](const BlobRange& range) { return bodies.open(body, range.offset, range.length); };
  return files;
}

}  // namespace lt::runtime
