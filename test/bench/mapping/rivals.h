// What others take for parts of the work: RapidJSON and libxml2 as parsers, libxslt as translator. None of our code.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lt::bench {

// A new DOM each time, with its own copy of the texts. Returns its members.
size_t rapidjson_dom(std::string_view text);
// SAX2 events to callbacks that count elements; throws when it is not well-formed.
size_t libxml2_sax2(std::string_view text);

// Parse, apply, serialise, as xsltproc does it.
class Xslt {
 public:
  explicit Xslt(const std::string& text);
  ~Xslt();
  Xslt(const Xslt&) = delete;
  Xslt& operator=(const Xslt&) = delete;
  std::string operator()(std::string_view document) const;

 private:
  struct Sheet;
  std::unique_ptr<Sheet> sheet_;
};

}  // namespace lt::bench
