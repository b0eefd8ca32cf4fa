// edXML: a file with one hop more is still the same file.
#include "core/codec/edxml.h"

#include "core/codec/edxml_read.h"
#include "core/codec/xml.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto text = view(bytes, size);
  const auto read = codec::read_edxml(text);
  if (!read) check_error(read.error());
  Tree tree;
  if (codec::parse_xml(text, tree))
    if (const auto shaped = codec::canonicalise_edxml(tree); !shaped) check_error(shaped.error());
  const auto plan = codec::plan_trace_header(text, "H57.01.02", Wall{});
  if (!plan) {
    check_error(plan.error());
    return 0;
  }
  if (!read || !*plan) return 0;
  const codec::TraceInsertion& hop = **plan;
  require(hop.offset <= size && hop.removed <= size - hop.offset, "a hop goes into the file");
  std::string relayed(text);
  relayed.replace(hop.offset, hop.removed, hop.text);
  const auto again = codec::read_edxml(relayed);
  require(again.has_value(), "a file with a hop more can be read");
  require(again->hops.size() == read->hops.size() + 1, "a hop is added");
  require(again->header_hash == read->header_hash, "the rest of the header is as it was");
  return 0;
}
