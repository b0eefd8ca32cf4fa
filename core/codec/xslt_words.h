// What libxslt and libxml2 say while they compile or run a stylesheet, caught and made fit for an error. Inside
// core/codec only.
#pragma once

#include <libxml/xmlerror.h>

#include <cstdarg>
#include <string>
#include <string_view>

namespace lt::codec {

// One line of at most 200 bytes.
std::string one_line(std::string_view text);

class XsltWords {
 public:
  enum class Quotes { kept, cut };  // text between quotes may be a value of the document

  // While it lives it catches what either library says in this thread without a context of its own.
  explicit XsltWords(Quotes quotes);
  ~XsltWords();
  XsltWords(const XsltWords&) = delete;
  XsltWords& operator=(const XsltWords&) = delete;

  // Handlers for contexts that take their own; the context is an XsltWords.
  static void say(void* words, const char* format, ...) __attribute__((format(printf, 2, 3)));
  static void complain(void* words, xmlErrorPtr error);
  // To be set once as the handler of libxslt itself: finds the words of this thread.
  static void say_anywhere(void*, const char* format, ...) __attribute__((format(printf, 2, 3)));

  int line() const { return line_; }                       // of the stylesheet, where the first complaint was
  const std::string& complaint() const { return first_; }  // the first, or empty
  const std::string& message() const { return message_; }  // the last xsl:message, or empty
  bool endless() const { return endless_; }                // templates or variables were nested too deep

 private:
  void take(const char* format, va_list arguments);
  void take_words(std::string_view text);

  const Quotes quotes_;
  xmlStructuredErrorFunc before_;
  void* before_context_;
  xmlGenericErrorFunc generic_before_;
  void* generic_before_context_;
  int line_ = 0;
  std::string first_, message_;
  bool placed_ = false;
  bool endless_ = false;
};

}  // namespace lt::codec
