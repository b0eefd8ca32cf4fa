// All findings of one check, collected before anything is said, so that one run shows every mistake.
//
//   conf/demo/http.yaml:12:5: error LT-1002: unknown key "lisen" in http endpoint
//     12 |     lisen: 0.0.0.0:8080
//        |     ^
//        hint: did you mean "listen"?
//
// Not thread-safe. Beyond limits::kFindings, findings are only counted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace lt::config {

enum class Severity : uint8_t { error, warning };

struct Finding {
  Code code = Code::none;
  Severity severity = Severity::error;
  Place place;
  std::string message;  // English, one line, values quoted unless secret
  std::string hint;     // "" = the catalogue's
  std::string source;   // the line of the file, "" when unknown or not to be shown
};

// How much of the source line a finding quotes. `key_only` ends after the key: its value may be a secret.
enum class Quote : uint8_t { line, key_only, none };

class Diagnostics {
 public:
  void error(Code code, Place place, std::string message, std::string hint = {}, Quote quote = Quote::line);
  void warning(Code code, Place place, std::string message, std::string hint = {}, Quote quote = Quote::line);
  // An Error of a Result, with its causes appended to the message. `fallback` when the error has no file of its own.
  void add(const Error& error, const Place& fallback = {});

  // Remembers the text of a file so that findings can quote from it.
  void add_source(const std::string& file, std::shared_ptr<const std::string> text);

  bool ok() const { return errors_ == 0; }
  size_t errors() const { return errors_; }
  size_t warnings() const { return warnings_; }
  // Sorted by file, line, column; equal places in the order found.
  std::vector<Finding> findings() const;

  // As above, one block per finding, then a line with the counts when there are any. "" when nothing was found.
  std::string text() const;
  // {"ok":false,"errors":1,"warnings":0,"findings":[{"code","severity","file","line","column","path","message","hint",
  //  "hint_vi","title","title_vi","source"}]}
  std::string json() const;

 private:
  void record(Finding finding, Quote quote);
  std::string quoted_line(const Place& place, Quote quote) const;

  std::vector<Finding> findings_;
  std::map<std::string, std::shared_ptr<const std::string>> sources_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

// The candidate most like `name` (few edits, case and '-'/'_' ignored), or none. For hints.
std::optional<std::string> did_you_mean(std::string_view name, const std::vector<std::string>& candidates);
// `did you mean "x"?`, else `known: a, b, c`, else "".
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace lt::config
