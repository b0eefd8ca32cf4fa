#include "core/codec/xslt_words.h"

#include <libxml/globals.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "core/base/text.h"

namespace lt::codec {
namespace {

constexpr size_t kWords = 200;

thread_local XsltWords* listener = nullptr;

std::string without_quoted(std::string_view text) {
  const size_t from = text.find('\''), to = text.rfind('\'');
  if (from == to) return std::string(text.substr(0, from));
  return std::string(text.substr(0, from)) + "'...'" + std::string(text.substr(to + 1));
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, kWords));
  if (const size_t bad = find_bad_utf8(line); bad != std::string::npos) line.resize(bad);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  const size_t from = line.find_first_not_of(' ');
  if (from == std::string::npos) return {};
  return line.substr(from, line.find_last_not_of(' ') + 1 - from);
}

XsltWords::XsltWords(Quotes quotes)
    : quotes_(quotes), before_(xmlStructuredError), before_context_(xmlStructuredErrorContext) {
  listener = this;
  generic_before_ = xmlGenericError;
  generic_before_context_ = xmlGenericErrorContext;
  xmlSetStructuredErrorFunc(this, complain);
  xmlSetGenericErrorFunc(this, say);
}

XsltWords::~XsltWords() {
  xmlSetStructuredErrorFunc(before_context_, before_);
  xmlSetGenericErrorFunc(generic_before_context_, generic_before_);
  listener = nullptr;
}

void XsltWords::say(void* words, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  static_cast<XsltWords*>(words)->take(format, arguments);
  va_end(arguments);
}

void XsltWords::say_anywhere(void*, const char* format, ...) {
  if (!listener) return;
  va_list arguments;
  va_start(arguments, format);
  listener->take(format, arguments);
  va_end(arguments);
}

void XsltWords::complain(void* words, xmlErrorPtr error) {
  if (error->level < XML_ERR_ERROR || !error->message) return;
  static_cast<XsltWords*>(words)->take_words(error->message);
}

void XsltWords::take(const char* format, va_list arguments) {
  char text[1024];
  const int size = std::vsnprintf(text, sizeof text, format, arguments);
  if (size <= 0) return;
  const std::string_view words(text, std::min(static_cast<size_t>(size), sizeof text - 1));
  if (words.find_first_not_of(" \n") == std::string_view::npos) return;
  // libxslt says where and then what: "runtime error: file x line 3 element y". A text that it hands over as it is and
  // without a place before is an xsl:message.
  const bool literal = std::string_view(format) == "%s";
  if (!literal && std::string_view(format).starts_with("%s: ")) {
    constexpr std::string_view kLine = " line ";
    const size_t at = words.find(kLine);
    if (line_ == 0 && at != std::string_view::npos)
      std::from_chars(words.data() + at + kLine.size(), words.data() + words.size(), line_);
    placed_ = true;
  } else if (literal && !placed_) {
    message_ = one_line(words);
  } else {
    placed_ = false;
    take_words(words);
  }
}

void XsltWords::take_words(std::string_view text) {
  endless_ = endless_ || text.find("infinite template recursion") != std::string_view::npos ||
             text.find("maximum number of variables") != std::string_view::npos;
  if (first_.empty()) first_ = one_line(quotes_ == Quotes::cut ? without_quoted(text) : std::string(text));
}

}  // namespace lt::codec
