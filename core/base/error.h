// One error type for the whole house. Every error says what, where, and what to do.
//
// The catalogue (error_codes.def) holds, per code, the title and the hint in Vietnamese and English, the HTTP status it
// answers with and whether a repeat may help. An Error adds what is known on the spot: `detail` (values, names;
// English, never personal data) and `place` (file:line:column, or a path in a document, or a journal position).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lt {

enum class Code : uint16_t {
  none = 0,
#define LT_ERROR(number, name, status, retry, title_vi, title_en, hint_vi, hint_en) name = number,
#include "core/base/error_codes.def"
#undef LT_ERROR
};

// May the same call succeed if it is made again? `ambiguous`: it may already have taken effect.
enum class Retry : uint8_t { never, later, ambiguous };

struct CodeInfo {
  Code code;
  std::string_view name;  // identifier, e.g. "yaml_syntax"
  int http_status;        // what an HTTP caller is answered
  Retry retry;
  std::string_view title_vi, title_en;
  std::string_view hint_vi, hint_en;
};

// The catalogue entry of `code`. Every Code has one.
const CodeInfo& info(Code code);
// All entries, ordered by number. For docs, `lienthong schema` and tests.
const CodeInfo* catalogue_begin();
const CodeInfo* catalogue_end();
// "LT-2103"
std::string code_text(Code code);

// Where it happened. Empty members are unknown. Lines and columns count from 1; columns count code points.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  std::string path;  // path in a document, e.g. "$.TaiLieuNop[2].Tep", or a journal position

  // "conf/a.yaml:3:7 at $.x", or what of it is known, or "".
  std::string text() const;
};

struct Error {
  Code code = Code::none;
  std::string detail;
  Place place;
  std::string hint;  // replaces the catalogue's hint when not empty
  int after_s = 0;   // seconds after which a repeat may help; 0 = nothing is known
  std::shared_ptr<const Error> cause;

  Error(Code c, std::string d = {}, Place p = {}, std::string h = {})
      : code(c), detail(std::move(d)), place(std::move(p)), hint(std::move(h)) {}

  Retry retry() const { return info(code).retry; }
  Error&& at(std::string path) && {
    place.path = std::move(path);
    return std::move(*this);
  }
  Error&& because(Error inner) && {
    cause = std::make_shared<const Error>(std::move(inner));
    return std::move(*this);
  }
  // One line for people and logs: "LT-2103 a.yaml:3:5 No row in the table: value "99" -> add the row".
  std::string text() const;
};

}  // namespace lt
