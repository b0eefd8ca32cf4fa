// How a partner's reply is judged: rules in configuration, because partners decide success by Vietnamese text and odd
// codes . The first rule that matches decides.
//
//   replies:
//     - {status: 200, text: "gửi thông tin thành công", is: delivered}
//     - {text: "đã được tiếp nhận", is: duplicate}
//     - {code: ["3", "-3"], text: "đã tồn tại", is: redo_as, operation: update}
//     - {status: "5xx", is: retry, scope: lane}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/message/outcome.h"

namespace lt::config {
template <class T>
class Spec;
}  // namespace lt::config

namespace lt::adapter {

// A reply as far as rules look at it.
struct Reply {
  int status = 0;         // HTTP
  std::string code;       // the partner's own code as text; numbers and strings alike
  std::string text;       // the partner's words (raw body when it has no field for them)
  std::string reference;  // the partner's number for what it took
};

struct ReplyRule {
  struct Statuses {
    int least = 0, most = 999;
  } status;                        // "200", "5xx" = 500..599
  std::vector<std::string> codes;  // any of; empty = any
  std::string text;                // fragment, matched after NFC, lower case and blanks collapsed; "" = any
  OutcomeKind is = OutcomeKind::delivered;
  RetryScope scope = RetryScope::delivery;
  std::string operation;  // for redo_as
};

// One rule as written in the configuration.
const config::Spec<ReplyRule>& reply_rule_spec();
// Rules of the configuration come before what an adapter knows by itself.
std::vector<ReplyRule> joined(std::vector<ReplyRule> configured, std::vector<ReplyRule> known);

class ReplyRules {
 public:
  explicit ReplyRules(std::vector<ReplyRule> rules);
  // No rule matches: 2xx without a rule is ambiguous (we do not know what it means), 5xx and 429 retry, 4xx permanent.
  Outcome judge(const Reply& reply) const;

 private:
  std::vector<ReplyRule> rules_;
};

// A call that got no answer at all: not sent -> retry (scope lane), sent -> ambiguous.
Outcome judge_failure(const Error& error, bool sent);

}  // namespace lt::adapter
