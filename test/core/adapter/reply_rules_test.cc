#include "core/adapter/reply_rules.h"

#include <doctest/doctest.h>

#include "core/config/spec.h"
#include "core/config/yaml.h"

using namespace lt;
using adapter::Reply;
using adapter::ReplyRule;
using adapter::ReplyRules;

namespace {

ReplyRule rule(OutcomeKind is, std::string text, std::vector<std::string> codes = {}) {
  ReplyRule out;
  out.is = is;
  out.text = std::move(text);
  out.codes = std::move(codes);
  return out;
}

Reply reply(int status, std::string text, std::string code = {}) {
  return {status, std::move(code), std::move(text), {}};
}

}  // namespace

TEST_CASE("words decide, whatever their case, blanks and Unicode form") {
  const ReplyRules rules({rule(OutcomeKind::delivered, "gửi thông tin thành công"),
                          rule(OutcomeKind::duplicate, "đã được tiếp nhận, không thể cập nhật thông tin")});
  CHECK(rules.judge(reply(200, "Gửi  thông tin\nTHÀNH CÔNG")).kind == OutcomeKind::delivered);
  // decomposed: u + horn + hook above, ...
  CHECK(rules.judge(reply(200, "gư\xCC\x89i thông tin thành công")).kind == OutcomeKind::delivered);
  const auto already = rules.judge(reply(200, "Hồ sơ đã được tiếp nhận, không thể cập nhật thông tin"));
  CHECK(already.kind == OutcomeKind::duplicate);
  CHECK(already.detail.find("đã được tiếp nhận") != std::string::npos);
}

TEST_CASE("the first rule that matches decides") {
  const ReplyRules rules({rule(OutcomeKind::redo_as, "đã tồn tại", {"3", "-3"}),
                          rule(OutcomeKind::permanent, "", {"-3"}), rule(OutcomeKind::delivered, "", {"0"})});
  CHECK(rules.judge(reply(200, "Hồ sơ đã tồn tại", "-3")).kind == OutcomeKind::redo_as);
  CHECK(rules.judge(reply(200, "khác", "-3")).kind == OutcomeKind::permanent);
  CHECK(rules.judge(reply(200, "đã tồn tại", "0")).kind == OutcomeKind::delivered);
}

TEST_CASE("without a rule: 2xx is a doubt, 5xx and 429 are tried again, 4xx is final") {
  const ReplyRules rules({});
  CHECK(rules.judge(reply(200, "?")).kind == OutcomeKind::ambiguous);
  CHECK(rules.judge(reply(200, "?")).code == Code::partner_unclear);
  CHECK(rules.judge(reply(503, "")).kind == OutcomeKind::retry);
  CHECK(rules.judge(reply(503, "")).scope == RetryScope::lane);
  CHECK(rules.judge(reply(429, "")).kind == OutcomeKind::retry);
  CHECK(rules.judge(reply(400, "sai")).kind == OutcomeKind::permanent);
  CHECK(rules.judge(reply(400, "sai")).code == Code::partner_refused);
}

TEST_CASE("a call without an answer is a doubt only when bytes were sent") {
  const Error lost(Code::io_error, "gone");
  CHECK(adapter::judge_failure(lost, false).kind == OutcomeKind::retry);
  CHECK(adapter::judge_failure(lost, true).kind == OutcomeKind::ambiguous);
}

TEST_CASE("long replies are cut between characters") {
  std::string words;
  for (int i = 0; i < 400; ++i) words += "ệ";
  const auto outcome = ReplyRules({}).judge(reply(400, words));
  CHECK(outcome.detail.size() < 340);
  CHECK(outcome.detail.find("\xE1\xBB...") == std::string::npos);
}

TEST_CASE("rules are read from the configuration, mistakes with their place") {
  config::Diagnostics diagnostics;
  const auto value =
      config::parse_yaml("status: 5xx\ncodes: [\"3\", \"-3\"]\nis: retry\nscope: lane\n", "r.yaml", diagnostics);
  const auto read = adapter::reply_rule_spec().read(value, diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(read.status.least == 500);
  CHECK(read.status.most == 599);
  CHECK(read.codes == std::vector<std::string>{"3", "-3"});
  CHECK(read.scope == RetryScope::lane);

  const auto wrong = config::parse_yaml("status: 6xx\nis: delivred\n", "r.yaml", diagnostics);
  adapter::reply_rule_spec().read(wrong, diagnostics);
  REQUIRE(diagnostics.findings().size() == 2);
  CHECK(diagnostics.findings()[0].place.line == 1);
  CHECK(diagnostics.findings()[1].place.line == 2);
  CHECK(diagnostics.findings()[1].hint.find("delivered") != std::string::npos);
}
