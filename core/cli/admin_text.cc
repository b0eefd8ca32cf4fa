#include "core/cli/admin_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "core/cli/admin_client.h"
#include "core/cli/table.h"

namespace lt::cli {
namespace {

const Node* items_of(const Node* object, std::string_view name) {
  const Node* list = object ? object->find(name) : nullptr;
  return list && list->kind == Kind::array ? list->first : nullptr;
}

std::string joined(const Node* first, std::string_view member = {}) {
  std::string out;
  for (const Node* item = first; item; item = item->next) {
    if (!out.empty()) out += ", ";
    out += member.empty() ? std::string(item->text) : text_of(item, member);
  }
  return out;
}

std::string code_of(const Node* object, const TextOptions& options) {
  const std::string code = text_of(object, "code");
  return code.empty() ? code : code + " " + text_of(object, options.english ? "title_en" : "title_vi");
}

std::string stopped(const Node* object) {
  std::string out;
  for (const auto name : {"paused", "draining"}) {
    if (text_of(object, name) == "true") out += (out.empty() ? "" : " ") + std::string(name);
  }
  return out;
}

void field(std::string& out, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  out += std::string(name) + "  " + printable(value) + "\n";
}

// "12.3 GB"
std::string size_text(const std::string& bytes) {
  static constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  double size = std::strtod(bytes.c_str(), nullptr);
  size_t unit = 0;
  for (; std::abs(size) >= 1024 && unit + 1 < std::size(kUnits); ++unit) size /= 1024;
  return fmt::format("{:.{}f} {}", size, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string disk_text(const Node* disk) {
  if (!disk) return {};
  std::string out = "Đĩa/disk: trống/free " + size_text(text_of(disk, "free")) + ", dự trữ/reserve " +
                    size_text(text_of(disk, "reserve"));
  if (const auto growth = text_of(disk, "growth_per_day"); !growth.empty())
    out += ", tăng/grows " + size_text(growth) + "/ngày/day";
  if (const auto days = text_of(disk, "full_in_days"); !days.empty()) out += ", đầy sau/full in " + days + " ngày/days";
  if (text_of(disk, "accepting") == "false")
    out +=
        "\n  DƯỚI MỨC DỰ TRỮ: không nhận thông điệp mới, hãy giải phóng đĩa. / BELOW THE RESERVE: nothing new is "
        "accepted, free some space.";
  return out + "\n";
}

// "699 of 700": how far it came, and what was answered.
std::string reach_text(const Node* details) {
  const Node* reach = details->find("reach");
  if (!reach) return {};
  const auto n = [&](const char* name) { return text_of(reach, name); };
  return fmt::format(
      "{} nơi nhận/receivers: {} đã giao/delivered, {} hỏng/failed, {} đang chờ/waiting; {} đã tiếp nhận/read, {} từ "
      "chối/refused, {} mới báo nhận/noted, {} chưa trả lời/silent{}",
      n("receivers"), n("delivered"), n("failed"), n("waiting"), n("read"), n("refused"), n("noted"), n("silent"),
      n("partial") == "true" ? " (chưa đếm hết/not all counted)" : "");
}

void add_answer(const std::string& delivery, const std::string& receiver, const Node* row, const Node* answer,
                Table& table) {
  table.add({delivery, receiver, row ? text_of(row, "outcome") : "", answer ? text_of(answer, "kind") : "",
             answer ? text_of(answer, "code") : "", answer ? short_time(text_of(answer, "at")) : "",
             row ? text_of(row, "detail") : ""});
}

// Who has it and who answered what: of messages to several, and wherever somebody answered.
std::string receivers_text(const Node* details, const TextOptions& options) {
  Table table({"Lượt/Delivery", "Nơi nhận/Receiver", "Giao/Delivered", "Trả lời/Answer", "Mã/Status", "Lúc/At",
               "Chi tiết/Detail"});
  bool several = text_of(details->find("reach"), "receivers") != "1", answered = false;
  for (const Node* row = items_of(details, "deliveries"); row; row = row->next)
    for (const Node* one = items_of(row, "receivers"); one; one = one->next) {
      const Node* answer = one->find("answer");
      answered = answered || answer;
      add_answer(text_of(row, "id"), text_of(one, "receiver"), one, answer, table);
    }
  for (const Node* answer = items_of(details, "strangers"); answer; answer = answer->next) {
    answered = true;
    add_answer("", text_of(answer, "from"), nullptr, answer, table);
  }
  return table.empty() || !(several || answered) ? std::string() : "\n" + table.text(options.colours);
}

}  // namespace

std::string short_time(std::string_view rfc3339) {
  std::string out(rfc3339.substr(0, 19));
  if (out.size() == 19) out[10] = ' ';
  return out;
}

std::string messages_text(const Node* page, const TextOptions& options) {
  Table table({"Nhận/Accepted", "Loại/Type", "Khoá/Key", "Từ/From", "Đến/To", "Trạng thái/State", "Lỗi/Code", "Mã/Id"});
  for (const Node* row = items_of(page, "items"); row; row = row->next) {
    table.add({short_time(text_of(row, "accepted_at")), text_of(row, "type"), joined(items_of(row, "keys"), "value"),
               text_of(row, "from"), joined(items_of(row, "to")), text_of(row, "state"), text_of(row, "code"),
               text_of(row, "id")});
  }
  const std::string next = text_of(page, "next_cursor");
  std::string out =
      table.empty() ? "Không có thông điệp nào ở đây. / No messages here.\n" : table.text(options.colours);
  if (!next.empty()) out += "\nCòn nữa / more: --cursor " + printable(next) + "\n";
  return out;
}

std::string message_text(const Node* details, const TextOptions& options) {
  std::string out;
  field(out, "Mã/Id             ", text_of(details, "id"));
  field(out, "Vị trí/Position   ", text_of(details, "position"));
  field(out, "Nhận/Accepted     ", short_time(text_of(details, "accepted_at")));
  field(out, "Loại/Type         ", text_of(details, "type"));
  field(out, "Cổng vào/Endpoint ", text_of(details, "endpoint"));
  field(out, "Bên gửi/Principal ", text_of(details, "principal"));
  field(out, "Từ/From           ", text_of(details, "from"));
  field(out, "Đến/To            ", joined(items_of(details, "to")));
  for (const Node* key = items_of(details, "keys"); key; key = key->next)
    field(out, "Khoá/Key          ", text_of(key, "name") + " = " + text_of(key, "value"));
  field(out, "Trả lời/Answers   ", text_of(details, "correlates"));
  field(out, "Nội dung/Body     ",
        text_of(details, "content_type") + ", " + text_of(details, "body_size") + " byte, sha256 " +
            text_of(details, "body_sha256"));
  field(out, "Trạng thái/State  ", text_of(details, "state"));
  field(out, "Lỗi/Code          ", code_of(details, options));
  field(out, "Chi tiết/Detail   ", text_of(details, "detail"));
  field(out, "Tới nơi/Reach     ", reach_text(details));
  field(out, "Hồi đáp/Replies   ", joined(items_of(details, "answers")));
  Table table({"Lượt/Delivery", "Phần/Part", "Đích/Destination", "Trạng thái/State", "Lần/Attempts", "Đổi/Changed",
               "Thử lại/Next", "Số của bên nhận/Reference", "Lỗi/Code", "Chi tiết/Detail"});
  for (const Node* row = items_of(details, "deliveries"); row; row = row->next) {
    std::string part = text_of(row, "part");
    if (!part.empty()) part += " " + text_of(row, "order_key");
    table.add({text_of(row, "id"), part, text_of(row, "destination"), text_of(row, "state"), text_of(row, "attempts"),
               short_time(text_of(row, "changed_at")), short_time(text_of(row, "next_at")), text_of(row, "reference"),
               code_of(row, options), text_of(row, "detail")});
  }
  if (!table.empty()) out += "\n" + table.text(options.colours);
  return out + receivers_text(details, options);
}

std::string timeline_text(const Node* timeline, const TextOptions& options) {
  Table table({"Lúc/At", "Loại/Type", "Việc gì/What happened"});
  for (const Node* event = items_of(timeline, "events"); event; event = event->next)
    table.add(
        {short_time(text_of(event, "at")), text_of(event, "type"), text_of(event, options.english ? "en" : "vi")});
  if (table.empty()) return {};
  std::string out = printable(text_of(timeline, "key")) + "\n\n" + table.text(options.colours);
  if (text_of(timeline, "truncated") == "true")
    out += "\nQuá dài, phần sau bị lược. / Too long: the rest is left out.\n";
  return out;
}

std::string status_text(const Node* status, const Node* lanes, const Node* controls, const TextOptions& options) {
  const Node* catalog = status ? status->find("catalog") : nullptr;
  const Node* journal = status ? status->find("journal") : nullptr;
  std::string out = printable(text_of(status, "name")) + ": ";
  out += text_of(status, "ready") == "true"
             ? "sẵn sàng / ready\n"
             : "chưa sẵn sàng / not ready: " + printable(text_of(status, "problem")) + "\n";
  out += "Sổ ghi/journal: " + text_of(journal, "oldest") + " … " + text_of(journal, "end") + "\n";
  out += disk_text(status ? status->find("disk") : nullptr);
  out += "Danh mục/catalog: " + text_of(catalog, "applied") + ", chậm/lag " + text_of(catalog, "lag_records");
  if (text_of(catalog, "lagging") == "true") out += " (đang đọc bù / catching up)";
  if (const auto paused = text_of(catalog, "paused"); !paused.empty()) out += ", tạm dừng/paused: " + printable(paused);
  out += "\n\n";
  Table table({"Đích/Destination", "queued", "in_flight", "retry", "held", "unknown", "behind", "dead", "delivered",
               "Ngắt/Breaker", "Lệnh/Stopped", "Mở lại/Opens", "Cũ nhất/Oldest", "Lỗi cuối/Last error"});
  for (const Node* lane = items_of(lanes, "items"); lane; lane = lane->next) {
    std::vector<std::string> cells;
    for (const auto name :
         {"destination", "queued", "in_flight", "retry", "held", "unknown", "behind", "dead", "delivered", "breaker"})
      cells.push_back(text_of(lane, name));
    cells.push_back(stopped(lane));
    cells.push_back(short_time(text_of(lane, "opens_at")));
    cells.push_back(short_time(text_of(lane, "oldest_at")));
    cells.push_back(text_of(lane, "last_error"));
    table.add(std::move(cells));
  }
  out += table.text(options.colours);
  Table stops({"Dừng/Stopped", "Tên/Name", "Lệnh/How", "Người/By", "Lý do/Why", "Lúc/At"});
  for (const Node* control = items_of(controls, "items"); control; control = control->next) {
    stops.add({text_of(control, "scope"), text_of(control, "name"), stopped(control), text_of(control, "by"),
               text_of(control, "why"), short_time(text_of(control, "at"))});
  }
  return stops.empty() ? out : out + "\n" + stops.text(options.colours);
}

}  // namespace lt::cli
