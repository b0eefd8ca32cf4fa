#include "core/runtime/retention_config.h"

namespace lt::runtime {
namespace {

constexpr int64_t kDay = 24 * 3'600'000LL;
// Longer than repeats are recognised: the window counts in whole days.
constexpr int64_t kJournalLeast = 8 * kDay;

}  // namespace

const config::Spec<RetentionRules>& retention_spec() {
  static const auto spec =
      config::Spec<RetentionRules>("retention")
          .duration("personal", &RetentionRules::personal,
                    {.doc_en = "How long bodies with personal data can be read; then their key is destroyed",
                     .doc_vi = "Thời gian còn đọc được nội dung có dữ liệu cá nhân; sau đó khoá bị huỷ",
                     .least = kDay})
          .duration("document", &RetentionRules::document,
                    {.doc_en = "How long bodies of documents can be read; then their key is destroyed",
                     .doc_vi = "Thời gian còn đọc được nội dung văn bản; sau đó khoá bị huỷ",
                     .least = kDay})
          .duration("journal", &RetentionRules::journal,
                    {.doc_en = "Journal segments are kept at least so long, and as long as a body in them can be read",
                     .doc_vi = "Giữ các đoạn nhật ký ít nhất chừng này, và chừng nào nội dung còn đọc được",
                     .least = kJournalLeast})
          .duration("history", &RetentionRules::history,
                    {.doc_en = "Headers and outcomes without bodies",
                     .doc_vi = "Thông tin đầu và kết quả, không có nội dung",
                     .least = kDay})
          .duration("blob_grace", &RetentionRules::blob_grace,
                    {.doc_en = "A stored body younger than this is never freed",
                     .doc_vi = "Nội dung mới lưu chưa quá chừng này thì không bao giờ bị xoá",
                     .least = kDay})
          .duration("every", &RetentionRules::every,
                    {.doc_en = "Between two rounds of retention",
                     .doc_vi = "Khoảng cách giữa hai lượt dọn",
                     .least = 60'000});
  return spec;
}

}  // namespace lt::runtime
