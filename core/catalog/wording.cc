#include "core/catalog/wording.h"

#include <fmt/format.h>

namespace lt::catalog {
namespace {

std::string cause(const TimelineEvent& event, bool vietnamese) {
  std::string out;
  if (event.code != Code::none) {
    const auto& entry = info(event.code);
    out = fmt::format("{} ({})", vietnamese ? entry.title_vi : entry.title_en, code_text(event.code));
  }
  if (!event.detail.empty()) out += (out.empty() ? "" : ": ") + event.detail;
  if (out.empty()) out = vietnamese ? "không rõ lý do" : "no reason given";
  return out;
}

std::string reference(const TimelineEvent& event, bool vietnamese) {
  if (event.reference.empty()) return {};
  return fmt::format(fmt::runtime(vietnamese ? ", số tham chiếu {}" : ", reference {}"), event.reference);
}

}  // namespace

void describe(TimelineEvent& event, std::string_view endpoint, std::optional<Wall> next_at) {
  using What = TimelineEvent::What;
  const std::string vi = cause(event, true), en = cause(event, false);
  const std::string due = next_at ? format_rfc3339(*next_at) : std::string();
  switch (event.what) {
    case What::accepted:
      event.vi = fmt::format("Đã tiếp nhận từ {} qua {}{}{}", event.from, endpoint,
                             event.to.empty() ? "" : ", gửi tới ", event.to);
      event.en =
          fmt::format("Accepted from {} at {}{}{}", event.from, endpoint, event.to.empty() ? "" : ", for ", event.to);
      break;
    case What::refused:
      event.vi = fmt::format("Giữ lại ngay khi tiếp nhận từ {}: {}", event.from, vi);
      event.en = fmt::format("Kept at intake from {}: {}", event.from, en);
      break;
    case What::attempt:
      event.vi = fmt::format("Bắt đầu gửi tới {}, lần {}", event.to, event.attempt);
      event.en = fmt::format("Sending to {}, attempt {}", event.to, event.attempt);
      break;
    case What::delivered:
      event.vi = fmt::format("Đã giao tới {}{}", event.to, reference(event, true));
      event.en = fmt::format("Delivered to {}{}", event.to, reference(event, false));
      break;
    case What::duplicate:
      event.vi = fmt::format("{} báo đã nhận từ trước{}", event.to, reference(event, true));
      event.en = fmt::format("{} says it already had it{}", event.to, reference(event, false));
      break;
    case What::retry:
      event.vi = fmt::format("Lần {} chưa giao được tới {}: {}; sẽ gửi lại lúc {}", event.attempt, event.to, vi, due);
      event.en = fmt::format("Attempt {} to {} failed: {}; next at {}", event.attempt, event.to, en, due);
      break;
    case What::held:
      event.vi = fmt::format("Tạm giữ, chưa gửi tới {}: {}; chờ sửa phía ta", event.to, vi);
      event.en = fmt::format("Held, not sent to {}: {}; waits for a fix on our side", event.to, en);
      break;
    case What::unknown:
      event.vi = fmt::format("Chưa rõ {} đã nhận hay chưa: {}; chờ người xử lý", event.to, vi);
      event.en = fmt::format("Not known whether {} has it: {}; waits for a person", event.to, en);
      break;
    case What::dead:
      event.vi = fmt::format("Không giao được tới {}: {}", event.to, vi);
      event.en = fmt::format("Could not be delivered to {}: {}", event.to, en);
      break;
    case What::queued:
      event.vi = fmt::format("Đưa lại vào hàng đợi gửi tới {}", event.to);
      event.en = fmt::format("Queued again for {}", event.to);
      break;
    case What::superseded:
      event.vi = fmt::format("Đã được thay bằng lần gửi khác tới {}", event.to);
      event.en = fmt::format("Superseded by another delivery to {}", event.to);
      break;
    case What::replay:
      event.vi = fmt::format("{} cho gửi lại tới {}, lý do: {}", event.by, event.to, event.detail);
      event.en = fmt::format("{} had it sent again to {}, because: {}", event.by, event.to, event.detail);
      break;
    case What::confirm:
      event.vi = fmt::format("{} xác nhận {} đã nhận được, lý do: {}", event.by, event.to, event.detail);
      event.en = fmt::format("{} confirmed that {} has it, because: {}", event.by, event.to, event.detail);
      break;
    case What::asked:
      event.vi = fmt::format("{} hỏi {}", event.by, event.to);
      event.en = fmt::format("{} asks {}", event.by, event.to);
      break;
    case What::cached:
      event.vi = fmt::format("{} hỏi {}, được trả lời từ bộ nhớ đệm", event.by, event.to);
      event.en = fmt::format("{} asks {} and is answered from the cache", event.by, event.to);
      break;
    case What::answered:
      event.vi = fmt::format("{} đã trả lời{}", event.to, reference(event, true));
      event.en = fmt::format("{} answered{}", event.to, reference(event, false));
      break;
    case What::unanswered:
      event.vi = fmt::format("{} không trả lời được: {}", event.to, vi);
      event.en = fmt::format("No answer from {}: {}", event.to, en);
      break;
    case What::unsure:
      event.vi = fmt::format("Không có trả lời của {}, có thể đã xử lý: {}", event.to, vi);
      event.en = fmt::format("No answer from {}, which may have acted: {}", event.to, en);
      break;
    case What::discard:
      event.vi = fmt::format("{} loại bỏ việc gửi tới {}, lý do: {}", event.by, event.to, event.detail);
      event.en = fmt::format("{} discarded the delivery to {}, because: {}", event.by, event.to, event.detail);
      break;
  }
}

}  // namespace lt::catalog
