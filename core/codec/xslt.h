// A stylesheet that a ministry hands over: XSLT 1.0 by libxslt, which here reaches nothing but the document given to
// it.
//
// Hardened: no file, no network, no xsl:include, xsl:import or document(), no writing anywhere; no DOCTYPE in
// stylesheet or document. Steps, depth of templates, memory and sizes are bounded; the work inside one call of
// translate() or contains() on a long text is bounded by the size of the document only. Of EXSLT there are
// exsl:node-set, str and math, without math:random; no dates, which would read the clock. The same document gives the
// same bytes: generate-id() counts. Output is UTF-8 whatever xsl:output says.
//
// Errors: bad_stylesheet (not XML, not XSLT 1.0, something forbidden) with file and line; for a document that is not
// what parse_xml (core/codec/xml.h) takes, the errors of that; stylesheet_failed with the words of libxslt or of an
// xsl:message that ends the run, one line of at most 200 bytes, values of the document left out unless the stylesheet
// quotes them itself; too_much_work beyond the steps, depth or memory; too_large beyond the sizes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt::codec {

class Stylesheet {
 public:
  // `file_name` is for places.
  static Result<Stylesheet> compile(std::string_view text, std::string_view file_name);
  Stylesheet(Stylesheet&&) noexcept;
  Stylesheet& operator=(Stylesheet&&) noexcept;
  ~Stylesheet();

  // The document translated. Any number of threads may call it at once.
  Result<std::string> run(std::string_view document) const;

 private:
  struct Compiled;
  explicit Stylesheet(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace lt::codec
