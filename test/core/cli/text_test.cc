#include <doctest/doctest.h>

#include "core/cli/admin_client.h"
#include "core/cli/admin_text.h"
#include "core/cli/table.h"
#include "core/codec/json.h"

using namespace lt;
using namespace lt::cli;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Tree parsed(std::string json) {
  Tree tree;
  REQUIRE(codec::parse_json(std::move(json), tree));
  return tree;
}

}  // namespace

TEST_CASE("columns line up by what a terminal shows, not by bytes") {
  Table table({"Đích", "n"});
  table.add({"một cửa", "1"});
  table.add({"mo\xCC\xA3t", "2"});  // o and a dot below: one letter
  CHECK(table.text(false) == "Đích     n\nmột cửa  1\nmọt      2\n");
}

TEST_CASE("colours only when asked, and only where they mean something") {
  Table table({"state"});
  table.add({"dead"});
  table.add({"queued"});
  CHECK_FALSE(has(table.text(false), "\033"));
  CHECK(table.text(true) == "\033[1mstate\033[0m\n\033[31mdead\033[0m\nqueued\n");
}

TEST_CASE("a partner's words cannot steer the terminal") {
  CHECK(printable("a\033[2Jb\r\nc\x7F") == "a [2Jb  c ");
  CHECK(printable("\xC2\x9B"
                  "2J") == "  2J");
  CHECK(printable("x\xFFy") == "x?y");
}

TEST_CASE("a page of messages") {
  const Tree tree = parsed(
      R"({"items":[{"id":"i-1","accepted_at":"2026-11-20T08:30:00.123+07:00","type":"onestop/dossier","from":"H49.01",
    "keys":[{"name":"MaHoSo","value":"K1"},{"name":"So","value":"K2"}],"to":["H49.02"],"state":"dead","code":"LT-5021"}],"next_cursor":"abc"})");
  const std::string text = messages_text(tree.root(), {});
  CHECK(has(text, "2026-11-20 08:30:00  onestop/dossier  K1, K2"));
  CHECK(has(text, "dead"));
  CHECK(has(text, "--cursor abc"));
  const Tree none = parsed(R"({"items":[]})");
  CHECK(has(messages_text(none.root(), {}), "No messages"));
}

TEST_CASE("a message names its deliveries as replay wants them") {
  const Tree tree = parsed(R"({"id":"i-1","position":"0:4711","keys":[],"to":[],"body_size":3,"deliveries":[
    {"id":"0:4711/2","ordinal":2,"destination":"axis","state":"dead","attempts":5,"code":"LT-5021","title_vi":"Đối tác từ chối","title_en":"The partner refused it"}],"answers":[]})");
  CHECK(has(message_text(tree.root(), {}), "0:4711/2"));
  CHECK(has(message_text(tree.root(), {}), "LT-5021 Đối tác từ chối"));
  CHECK(has(message_text(tree.root(), {.colours = false, .english = true}), "LT-5021 The partner refused it"));
}

TEST_CASE("a message to many tells how many have it, and who answered what") {
  const Tree tree = parsed(R"({"id":"i-1","position":"0:9","keys":[],"to":[],"body_size":3,
    "reach":{"receivers":4,"delivered":3,"failed":1,"waiting":0,"read":1,"refused":1,"noted":0,"silent":2,"partial":true},
    "deliveries":[{"id":"0:9/0","ordinal":0,"part":2,"order_key":"dossier:K1","destination":"axis","state":"delivered","attempts":1,"receivers":[
      {"receiver":"H49.02","answer":{"kind":"read","code":"03","at":"2026-11-20T08:30:00.123+07:00","message_id":"i-2"}},
      {"receiver":"H49.03","outcome":"permanent","detail":"đã đóng"}]}],
    "strangers":[{"kind":"refused","code":"02","at":"2026-11-20T09:30:00+07:00","from":"H01","message_id":"i-3"}],"answers":["i-2","i-3"]})");
  const std::string text = message_text(tree.root(), {});
  CHECK(has(text, "4 nơi nhận/receivers: 3 đã giao/delivered, 1 hỏng/failed"));
  CHECK(has(text, "2 chưa trả lời/silent (chưa đếm hết/not all counted)"));
  CHECK(has(text, "0:9/0 "));
  CHECK(has(text, "2 dossier:K1"));
  CHECK(has(text, "read            03"));
  CHECK(has(text, "permanent"));
  CHECK(has(text, "H01"));
  const Tree one = parsed(R"({"id":"i-1","position":"0:9","keys":[],"to":[],"body_size":3,"reach":{"receivers":1,
    "delivered":1,"failed":0,"waiting":0,"read":0,"refused":0,"noted":0,"silent":1},
    "deliveries":[{"id":"0:9/0","ordinal":0,"destination":"axis","state":"delivered","attempts":1,"receivers":[{"receiver":"H49.77"}]}]})");
  CHECK_FALSE(has(message_text(one.root(), {}), "H49.77"));
}

TEST_CASE("a timeline in either language; nothing when there is nothing") {
  const Tree tree = parsed(
      R"({"key":"K1","messages":["i"],"events":[{"at":"2026-11-20T08:30:00+07:00","type":"t","vi":"Đã nhận","en":"Accepted"}],"truncated":true})");
  CHECK(has(timeline_text(tree.root(), {}), "2026-11-20 08:30:00  t          Đã nhận"));
  CHECK(has(timeline_text(tree.root(), {.colours = false, .english = true}), "Accepted"));
  CHECK(has(timeline_text(tree.root(), {}), "Too long"));
  const Tree none = parsed(R"({"key":"K1","messages":[],"events":[],"truncated":false})");
  CHECK(timeline_text(none.root(), {}).empty());
}

TEST_CASE("status says what is wrong and what waits") {
  const Tree status = parsed(
      R"({"name":"demo","ready":false,"problem":"LT-6021 broken","journal":{"oldest":"0:592","end":"0:9","records":1,"failed":true},
    "disk":{"free":5368709120,"reserve":268435456,"accepting":false,"growth_per_day":1073741824,"full_in_days":4},
    "catalog":{"applied":"0:8","lagging":true,"lag_records":4}})");
  const Tree lanes = parsed(
      R"({"items":[{"destination":"axis","queued":3,"dead":2,"breaker":"open","paused":true,"oldest_at":"2026-11-20T08:30:00+07:00"}]})");
  const Tree controls = parsed(
      R"({"items":[{"scope":"route","name":"documents","paused":true,"draining":true,"by":"Lan","why":"đóng sổ"}]})");
  const std::string text = status_text(status.root(), lanes.root(), controls.root(), {});
  CHECK(has(text, "not ready: LT-6021 broken"));
  CHECK(has(text, "free 5.0 GB"));
  CHECK(has(text, "grows 1.0 GB/ngày/day"));
  CHECK(has(text, "full in 4 "));
  CHECK(has(text, "BELOW THE RESERVE"));
  CHECK(has(text, "lag 4"));
  CHECK(has(text, "catching up"));
  CHECK(has(text, "axis"));
  CHECK(has(text, "paused"));
  CHECK(has(text, "documents"));
  CHECK(has(text, "paused draining"));
  CHECK(has(text, "đóng sổ"));
  CHECK(has(text, "2026-11-20 08:30:00"));
}

TEST_CASE("a problem for people; what is none as it came") {
  Answer answer;
  answer.status = 409;
  answer.tree = parsed(
      R"({"code":"LT-5003","title":"Replay","title_vi":"Gửi lại","detail":"later ones","path":"0:1/0","hint":"add x","hint_vi":"thêm x"})");
  const std::string text = problem_text(answer);
  CHECK(text == "LT-5003 Gửi lại / Replay: later ones\n   tại / at 0:1/0\n   → thêm x\n   → add x\n");
  Answer plain;
  plain.status = 502;
  plain.body = "<html>";
  CHECK(problem_text(plain) == "HTTP 502: <html>\n");
}
