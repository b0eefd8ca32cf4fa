#include "core/runtime/exchange_config.h"

#include "core/base/limits.h"
#include "core/runtime/delivery_config.h"

namespace lt::runtime {
namespace {

using config::Spec;

constexpr int64_t kAttemptsMost = 10;
constexpr int64_t kDeadlineMost = 120'000;
constexpr int64_t kKeptMost = int64_t{30} * 24 * 3'600'000;

const Spec<CacheSection>& cache_spec() {
  static const auto spec =
      Spec<CacheSection>("exchange cache")
          .texts("key", &CacheSection::key,
                 {.doc_en = "What makes two requests the same question: business keys of the type, or paths such as "
                            "$.MaSo; the whole request when absent",
                  .doc_vi = "Hai yêu cầu là một câu hỏi khi trùng: khoá nghiệp vụ của kiểu, hoặc đường dẫn như $.MaSo; "
                            "bỏ trống là cả yêu cầu",
                  .example = "[$.MaSo]",
                  .most = static_cast<int64_t>(limits::kExtractedKeys)})
          .duration("for", &CacheSection::kept,
                    {.required = true,
                     .doc_en = "How old an answer may be that is given again",
                     .doc_vi = "Trả lời cũ được dùng lại trong bao lâu",
                     .example = "10m",
                     .least = 1,
                     .most = kKeptMost})
          .integer("entries", &CacheSection::entries,
                   {.doc_en = "Answers kept at most",
                    .doc_vi = "Số trả lời giữ tối đa",
                    .least = 1,
                    .most = static_cast<int64_t>(limits::kCachedAnswers)})
          .size("bytes", &CacheSection::bytes,
                {.doc_en = "Memory for them at most",
                 .doc_vi = "Bộ nhớ tối đa cho chúng",
                 .least = 1,
                 .most = static_cast<int64_t>(limits::kCachedBytes)})
          .place(&CacheSection::place);
  return spec;
}

bool check(const ExchangeSection& section, config::Diagnostics& diagnostics) {
  const size_t before = diagnostics.errors();
  constexpr const char* kDeclare =
      "declare `idempotent: true` if asking twice has no second effect at the partner, or leave this out";
  if (!section.idempotent && section.attempts && section.attempts->value > 1)
    diagnostics.error(Code::missing_key, section.attempts->place,
                      "a service that is not idempotent is never asked a second time", kDeclare);
  if (!section.idempotent && section.cache)
    diagnostics.error(Code::missing_key, section.cache->place,
                      "the answers of a service that is not idempotent cannot be cached", kDeclare);
  if (!section.reply.value.empty() && section.reply_type.value.empty())
    diagnostics.error(Code::missing_key, section.reply.place, "a mapping of the reply needs its type",
                      "add reply_type: the type file of what the partner answers");
  return diagnostics.errors() == before;
}

}  // namespace

const Spec<ExchangeSection>& exchange_spec() {
  static const auto spec =
      Spec<ExchangeSection>("exchange")
          .text("destination", &ExchangeSection::destination,
                {.required = true, .doc_en = "Who is asked", .doc_vi = "Hỏi đích nào", .example = "bhxh"})
          .text("operation", &ExchangeSection::operation,
                {.doc_en = "What it is asked to do", .doc_vi = "Thao tác yêu cầu ở đích"})
          .text("request", &ExchangeSection::request,
                {.doc_en = "Mapping of the request; as received when absent",
                 .doc_vi = "Ánh xạ yêu cầu; bỏ trống là gửi nguyên văn"})
          .text("reply", &ExchangeSection::reply,
                {.doc_en = "Mapping of the reply; as received when absent",
                 .doc_vi = "Ánh xạ trả lời; bỏ trống là trả nguyên văn"})
          .text("reply_type", &ExchangeSection::reply_type,
                {.doc_en = "Message type the reply must be of; unchecked when absent",
                 .doc_vi = "Kiểu của trả lời; bỏ trống là không kiểm tra"})
          .duration("deadline", &ExchangeSection::deadline,
                    {.doc_en = "For the whole: mapping, all calls, mapping back",
                     .doc_vi = "Cho toàn bộ: ánh xạ, mọi lượt gọi, ánh xạ ngược",
                     .least = 1,
                     .most = kDeadlineMost})
          .boolean("idempotent", &ExchangeSection::idempotent,
                   {.doc_en = "Asking twice has no second effect at the partner: it may be repeated and cached",
                    .doc_vi = "Hỏi hai lần không có tác dụng thứ hai ở đối tác: được hỏi lại và lưu đệm"})
          .integer("attempts", &ExchangeSection::attempts,
                   {.doc_en = "Calls at most, within the deadline; 3 when idempotent, else 1",
                    .doc_vi = "Số lượt gọi tối đa, trong thời hạn; 3 khi idempotent, nếu không là 1",
                    .least = 1,
                    .most = kAttemptsMost})
          .object("cache", &ExchangeSection::cache, cache_spec(),
                  {.doc_en = "Answers given again; in memory only", .doc_vi = "Dùng lại trả lời; chỉ trong bộ nhớ"})
          .parsed("rate", &ExchangeSection::rate, kRateForm, parse_rate,
                  {.doc_en = "Questions of each principal at most, cached ones too; no limit when absent",
                   .doc_vi = "Số lượt hỏi tối đa của mỗi bên gọi, kể cả từ bộ nhớ đệm; bỏ trống là không giới hạn",
                   .example = "10/s"})
          .integer("burst", &ExchangeSection::burst,
                   {.doc_en = "Questions at once after a rest, within `rate`; 0 = what a second allows",
                    .doc_vi = "Số lượt hỏi dồn sau lúc nghỉ, trong `rate`; 0 = mức của một giây",
                    .least = 0,
                    .most = 1'000'000})
          .place(&ExchangeSection::place)
          .check([](const ExchangeSection& section, const config::Value&, config::Diagnostics& diagnostics) {
            return check(section, diagnostics);
          });
  return spec;
}

}  // namespace lt::runtime
