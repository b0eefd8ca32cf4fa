// edXML (QCVN 102:2016/BTTTT): what is common to all its dialects, and the hop every relay appends.
//
// Deployed systems disagree on prefixes, on the order of elements, on spelling ("Bussiness" is the regulation's) and on
// where `cid:` stands. Reading is by local name and in any order; `canonicalise` removes the rest of the differences,
// so that the paths of a type file hold for every dialect. A received file itself is never rewritten: it is relayed as
// it came, with our TraceHeader inserted in the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/message/tree.h"

namespace lt::codec {

// Brings a parsed edXML file to one shape: the spelling of the envelope and of Bussiness, no `cid:` in ContentId, two
// digits in StatusCode. Error bad_xml when the root is no edXML or has neither a document nor a status header.
Result<void> canonicalise_edxml(Tree& tree);

// A status reply (QCVN 102:2016): its header has a StatusCode.
bool is_edxml_status(const Node* root);

// Where text goes into the received bytes so that they gain one TraceHeader.
struct TraceInsertion {
  uint64_t offset = 0;
  uint64_t removed = 0;  // bytes at `offset` that the text stands for (the end of an empty list)
  std::string text;
};
// `head` is the received file up to at least the end of its header. None when a hop must not be added: a status
// message, or a signature covers the header. Error bad_xml when the header does not end within `head`.
Result<std::optional<TraceInsertion>> plan_trace_header(std::string_view head, std::string_view organ_id, Wall at);

// "2026/11/20 08:30:00" in Vietnam time, as edXML writes it.
std::string edxml_timestamp(Wall at);

}  // namespace lt::codec
