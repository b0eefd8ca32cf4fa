// Reads the XML that almost every system sends, without libxml2: elements, attributes, namespaces, text with the five
// entities and character references, names in ASCII. Inside core/codec only.
//
// Whatever else a document holds (comments, CDATA, processing instructions, a DOCTYPE, other names, long texts), and
// everything that is wrong with it, is not for this reader: then libxml2 reads it from the start, and its errors are
// the errors. So this reader must never take what libxml2 refuses, nor build another tree of it: test/fuzz/xml.cc
// compares the two.
#pragma once

#include <string_view>

#include "core/codec/xml.h"
#include "core/message/tree.h"

namespace lt::codec {

// The root element, made in `tree`, which keeps a copy of `body`; or null: not a document for this reader. `body` is
// valid UTF-8.
Node* read_plain_xml(std::string_view body, Tree& tree, const XmlOptions& options);

}  // namespace lt::codec
