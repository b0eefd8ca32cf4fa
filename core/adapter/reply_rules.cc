#include "core/adapter/reply_rules.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/config/spec.h"

namespace lt::adapter {
namespace {

// Partners' words kept for people; more would only fill the journal.
constexpr size_t kKeptText = 300;

Result<ReplyRule::Statuses> parse_statuses(std::string_view text) {
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '5') {
    const int hundred = (text[0] - '0') * 100;
    if (text.substr(1) == "xx") return ReplyRule::Statuses{hundred, hundred + 99};
    if (auto number = config::parse_integer(text))
      return ReplyRule::Statuses{static_cast<int>(*number), static_cast<int>(*number)};
  }
  return fail(Code::wrong_type, "not an HTTP status like 200 or 5xx");
}

std::string shortened(std::string_view text) {
  if (text.size() <= kKeptText) return std::string(text);
  return std::string(cut_text(text, kKeptText)) + "...";
}

bool matches(const ReplyRule& rule, const Reply& reply, const std::string& words) {
  if (reply.status < rule.status.least || reply.status > rule.status.most) return false;
  if (!rule.codes.empty() && std::find(rule.codes.begin(), rule.codes.end(), reply.code) == rule.codes.end())
    return false;
  return rule.text.empty() || words.find(rule.text) != std::string::npos;
}

Code code_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::retry:
      return Code::partner_busy;
    case OutcomeKind::permanent:
      return Code::partner_refused;
    case OutcomeKind::ambiguous:
      return Code::partner_unclear;
    case OutcomeKind::held:
      return Code::partner_refused;
    default:
      return Code::none;
  }
}

}  // namespace

const config::Spec<ReplyRule>& reply_rule_spec() {
  static const auto spec =
      config::Spec<ReplyRule>("reply rule")
          .parsed("status", &ReplyRule::status, "HTTP status", parse_statuses,
                  {.doc_en = "HTTP status it answers with: 200, or a class: 5xx",
                   .doc_vi = "Mã HTTP: 200, hoặc cả nhóm: 5xx",
                   .example = "200"})
          .texts("codes", &ReplyRule::codes,
                 {.doc_en = "The partner's own code, any of these",
                  .doc_vi = "Mã riêng của đối tác, một trong các giá trị"})
          .text("text", &ReplyRule::text,
                {.doc_en = "Fragment of the partner's words; case, blanks and Unicode form do not matter",
                 .doc_vi = "Đoạn chữ trong câu trả lời; không phân biệt hoa thường, dấu cách, dạng Unicode"})
          .one_of("is", &ReplyRule::is,
                  {{"delivered", OutcomeKind::delivered},
                   {"duplicate", OutcomeKind::duplicate},
                   {"retry", OutcomeKind::retry},
                   {"permanent", OutcomeKind::permanent},
                   {"ambiguous", OutcomeKind::ambiguous},
                   {"redo_as", OutcomeKind::redo_as},
                   {"held", OutcomeKind::held}},
                  {.required = true, .doc_en = "What it means", .doc_vi = "Ý nghĩa"})
          .one_of("scope", &ReplyRule::scope,
                  {{"delivery", RetryScope::delivery}, {"lane", RetryScope::lane}, {"session", RetryScope::session}},
                  {.doc_en = "For retry: what it holds back", .doc_vi = "Khi thử lại: phạm vi phải chờ"})
          .text(
              "operation", &ReplyRule::operation,
              {.doc_en = "For redo_as: the operation to send as", .doc_vi = "Khi redo_as: gửi lại bằng thao tác này"});
  return spec;
}

std::vector<ReplyRule> joined(std::vector<ReplyRule> configured, std::vector<ReplyRule> known) {
  configured.insert(configured.end(), std::make_move_iterator(known.begin()), std::make_move_iterator(known.end()));
  return configured;
}

ReplyRules::ReplyRules(std::vector<ReplyRule> rules) : rules_(std::move(rules)) {
  for (auto& rule : rules_) rule.text = normalise(rule.text);
}

Outcome ReplyRules::judge(const Reply& reply) const {
  const std::string words = normalise(reply.text);
  Outcome outcome;
  outcome.reference = reply.reference;
  const auto rule =
      std::find_if(rules_.begin(), rules_.end(), [&](const ReplyRule& r) { return matches(r, reply, words); });
  if (rule != rules_.end()) {
    outcome.kind = rule->is;
    outcome.scope = rule->scope;
    outcome.operation = rule->operation;
  } else if (reply.status >= 500 || reply.status == 429 || reply.status == 408) {
    outcome.kind = OutcomeKind::retry;
    outcome.scope = RetryScope::lane;
  } else if (reply.status >= 200 && reply.status < 300) {
    outcome.kind = OutcomeKind::ambiguous;
  } else {
    outcome.kind = OutcomeKind::permanent;
  }
  outcome.code = code_of(outcome.kind);
  if (outcome.code != Code::none || outcome.kind == OutcomeKind::duplicate || outcome.kind == OutcomeKind::redo_as) {
    outcome.detail = "HTTP " + std::to_string(reply.status);
    if (!reply.code.empty()) outcome.detail += ", code " + reply.code;
    if (!reply.text.empty()) outcome.detail += ": " + shortened(reply.text);
  }
  return outcome;
}

Outcome judge_failure(const Error& error, bool sent) {
  Outcome outcome;
  outcome.kind = sent ? OutcomeKind::ambiguous : OutcomeKind::retry;
  outcome.scope = RetryScope::lane;
  outcome.code = error.code;
  outcome.detail = error.detail;
  return outcome;
}

}  // namespace lt::adapter
