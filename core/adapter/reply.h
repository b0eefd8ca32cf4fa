// Where a partner's reply keeps what the rules look at.
#pragma once

#include <string>

#include "core/adapter/reply_rules.h"
#include "core/net/client.h"

namespace lt::adapter {

// Member names of a JSON object, tried in the order given (partners mix cases: STATUS, status). Nested with dots.
struct ReplyFields {
  std::vector<std::string> code;
  std::vector<std::string> text;  // all that are there are looked at together
  std::vector<std::string> reference;
};

// The reply of a partner as the rules see it. A body that is no JSON object is all text.
Reply read_reply(const net::Response& response, const ReplyFields& fields);

// The outcome of a call: judged by the rules when there is an answer, by what was sent when there is none.
Outcome judge_call(const net::CallResult& result, const ReplyFields& fields, const ReplyRules& rules);

}  // namespace lt::adapter
