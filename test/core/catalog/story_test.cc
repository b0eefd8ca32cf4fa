// What happened to a message: details, timelines, causes, counts; and what must never be told.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "core/catalog/rows.h"
#include "core/catalog/wording.h"
#include "test/core/catalog/bed.h"

using namespace lt;
using namespace lt::catalog;
using lt::test::Bed;
using namespace std::chrono_literals;

TEST_CASE("details tell the envelope, each delivery and each receiver, in Vietnamese as it came") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("H26-1", "axis", [](Envelope& e) {
    e.deliveries[0].receivers = {"H49.05", "H49.06"};
  });
  bed.outcome(message, DeliveryState::retry, [&](OutcomeFact& f) {
    f.outcome.kind = OutcomeKind::retry;
    f.outcome.code = Code::io_error;
    f.outcome.detail = "Hệ thống đang bảo trì";
    f.next_at = bed.clock.wall() + 1min;
  });
  bed.wait();
  auto details = bed.catalog->details(bed.id_of(message));
  REQUIRE(details.has_value());
  REQUIRE(details->deliveries.size() == 1);
  CHECK(details->deliveries[0].state == DeliveryState::retry);
  CHECK(details->deliveries[0].next_at == bed.clock.wall() + 1min);
  CHECK(details->deliveries[0].detail == "Hệ thống đang bảo trì");
  CHECK(details->deliveries[0].sent_sha256.empty());
  bed.outcome(message, DeliveryState::delivered, [](OutcomeFact& f) {
    f.attempt = 2;
    f.outcome.reference = "TRUC-99";
    f.outcome.sent_sha256.fill(0xAB);
    f.outcome.sent_bytes = 12;
    f.outcome.mapping_version = "to-axis@3";
    f.outcome.receivers = {{"H49.06", OutcomeKind::permanent, "Đơn vị đã sáp nhập"}};
  });
  bed.wait();
  details = bed.catalog->details(bed.id_of(message));
  REQUIRE(details.has_value());
  const auto& delivery = details->deliveries[0];
  CHECK(details->message.state == DeliveryState::delivered);
  CHECK(delivery.attempts == 2);
  CHECK(!delivery.next_at);
  CHECK(delivery.reference == "TRUC-99");
  CHECK(delivery.code == Code::none);
  CHECK(delivery.sent_sha256 ==
        std::string(32, 'a').replace(0, 32, "abababababababababababababababab") + "abababababababababababababababab");
  CHECK(delivery.mapping_version == "to-axis@3");
  REQUIRE(delivery.receivers.size() == 2);
  CHECK(delivery.receivers[0].outcome.empty());
  CHECK(delivery.receivers[1].outcome == "permanent");
  CHECK(delivery.receivers[1].detail == "Đơn vị đã sáp nhập");
  CHECK(details->body_sha256 == hex(sha256("{\"HoTen\":\"Nguyễn Thị Bí Mật\"}")));
  CHECK(bed.catalog->details(bed.ids.next()).error().code == Code::no_such_message);
}

TEST_CASE("a timeline holds the request, its answers and what was done, also an answer that came before the outcome") {
  Bed bed;
  bed.open();
  const auto request = bed.accept("HS-7");
  const auto stranger = bed.accept("HS-8");
  const auto answer = bed.accept("partner-55", "onestop", [&](Envelope& e) {
    e.type = "axis/result";
    e.from = "G01";
    e.correlates = bed.id_of(request).text();
  });
  bed.outcome(request, DeliveryState::dead, [](OutcomeFact& f) {
    f.outcome.code = Code::bad_agency_code;
    f.outcome.detail = "H49.99";
  });
  bed.action(request, ActionKind::replay, "chị Lan", "đã thêm mã đơn vị");
  bed.outcome(request, DeliveryState::delivered, [](OutcomeFact& f) { f.attempt = 2; });
  bed.outcome(answer, DeliveryState::delivered, [](OutcomeFact& f) { f.outcome.kind = OutcomeKind::duplicate; });
  bed.outcome(stranger, DeliveryState::delivered);
  bed.wait();
  auto timeline = bed.catalog->timeline("hs-7");
  REQUIRE(timeline.has_value());
  CHECK(timeline->messages == std::vector{bed.id_of(request), bed.id_of(answer)});
  std::vector<std::string> what;
  for (const auto& event : timeline->events) what.emplace_back(what_name(event.what));
  CHECK(what == std::vector<std::string>{"accepted", "accepted", "dead", "replay", "delivered", "duplicate"});
  CHECK(timeline->events[1].message == bed.id_of(answer));
  CHECK(timeline->events[1].from == "G01");
  CHECK(timeline->events[3].by == "chị Lan");
  CHECK(timeline->events[2].vi.find("Không giao được tới H49.05.01") == 0);
  CHECK(timeline->events[2].vi.find("H49.99") != std::string::npos);
  CHECK(timeline->events[3].vi == "chị Lan cho gửi lại tới H49.05.01, lý do: đã thêm mã đơn vị");
  CHECK(timeline->events[3].en == "chị Lan had it sent again to H49.05.01, because: đã thêm mã đơn vị");
  // From the answer's side, and by the id of the request, the same two belong together.
  CHECK(bed.catalog->timeline("partner-55")->messages == timeline->messages);
  CHECK(bed.catalog->timeline(bed.id_of(request).text())->messages == timeline->messages);
  CHECK(bed.catalog->details(bed.id_of(request))->answers == std::vector{bed.id_of(answer)});
  CHECK(bed.catalog->timeline("nobody")->events.empty());
}

TEST_CASE("an outcome days later goes to the day of its message") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("late");
  bed.clock.advance(72h);
  bed.accept("today");
  bed.outcome(message, DeliveryState::delivered);
  bed.wait();
  CHECK(bed.catalog->details(bed.id_of(message))->deliveries[0].state == DeliveryState::delivered);
  Span only_then;
  only_then.until = bed.clock.wall() - 24h;
  const auto counts = bed.catalog->counts(only_then);
  REQUIRE(counts->size() == 1);
  CHECK(counts->at(0).state == DeliveryState::delivered);
  CHECK(counts->at(0).count == 1);
}

TEST_CASE("around midnight messages of two days mix by position and stay apart by day") {
  Bed bed;
  bed.open();
  const Wall midnight = parse_rfc3339("2026-11-21T00:00:00+07:00").value();
  std::vector<Position> messages;
  for (const auto at : {-2s, 1s, -1s, 2s}) {
    messages.push_back(bed.accept("M", "axis", [&](Envelope& e) { e.accepted = midnight + at; }));
  }
  for (const auto message : messages) bed.outcome(message, DeliveryState::delivered);
  bed.wait();
  CHECK(std::filesystem::exists(bed.path("catalog-20261120.db")));
  CHECK(std::filesystem::exists(bed.path("catalog-20261121.db")));
  for (const auto message : messages)
    CHECK(bed.catalog->details(bed.id_of(message))->message.state == DeliveryState::delivered);
  Span second;
  second.since = midnight;
  CHECK(bed.catalog->counts(second)->at(0).count == 2);
}

TEST_CASE("what waits for a person is grouped by code, destination and the detail without its numbers") {
  Bed bed;
  bed.open();
  std::vector<Position> messages;
  for (int i = 0; i < 4; ++i) {
    messages.push_back(bed.accept("G" + std::to_string(i)));
    bed.outcome(messages.back(), i == 3 ? DeliveryState::held : DeliveryState::dead, [&](OutcomeFact& f) {
      f.outcome.code = Code::bad_json;
      f.outcome.detail = "HTTP 503 cho hồ sơ 000.00.19.H26-24112" + std::to_string(i);
    });
    bed.clock.advance(24h);
  }
  bed.outcome(messages[0], DeliveryState::retry);
  bed.outcome(messages[0], DeliveryState::dead, [](OutcomeFact& f) { f.outcome.code = Code::bad_xml; });
  bed.wait();
  auto groups = bed.catalog->causes({}, "", 10);
  REQUIRE(groups.has_value());
  REQUIRE(groups->size() == 3);
  CHECK(groups->at(0).count == 2);
  CHECK(groups->at(0).code == Code::bad_json);
  CHECK(groups->at(0).detail == "HTTP 503 cho hồ sơ #");
  CHECK(groups->at(0).samples == std::vector{bed.id_of(messages[2]), bed.id_of(messages[1])});
  CHECK(groups->at(0).first_seen < groups->at(0).last_seen);
  CHECK(bed.catalog->causes({}, "portal", 10)->empty());
  CHECK(bed.catalog->causes({}, "axis", 1)->size() == 1);
  bed.action(messages[3], ActionKind::discard, "anh Minh", "hồ sơ thử");
  bed.wait();
  CHECK(bed.catalog->causes({}, "axis", 10)->size() == 2);
}

TEST_CASE("a doubt that a person confirmed is delivered, and the timeline says by whom") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("HS-9");
  bed.outcome(message, DeliveryState::unknown,
              [](OutcomeFact& f) { f.outcome.kind = OutcomeKind::ambiguous, f.outcome.code = Code::outcome_unknown; });
  bed.action(message, ActionKind::confirm, "chị Lan", "đã gọi điện");
  bed.wait();
  CHECK(bed.catalog->details(bed.id_of(message))->message.state == DeliveryState::delivered);
  const auto timeline = bed.catalog->timeline("HS-9");
  REQUIRE(timeline->events.size() == 3);
  CHECK(what_name(timeline->events[2].what) == "confirm");
  CHECK(timeline->events[2].vi == "chị Lan xác nhận H49.05.01 đã nhận được, lý do: đã gọi điện");
  CHECK(timeline->events[2].en == "chị Lan confirmed that H49.05.01 has it, because: đã gọi điện");
  CHECK(bed.catalog->causes({}, "", 10)->empty());
}

TEST_CASE("what could not be decoded is kept as refused, and counts as dead") {
  Bed bed;
  bed.open();
  Message message;
  message.envelope.id = bed.ids.next();
  message.envelope.principal = "truc";
  message.envelope.accepted = bed.clock.wall();
  message.body = Body::of("<broken");
  AcceptedFact fact;
  fact.dead = Code::bad_xml;
  fact.dead_detail = "dòng 1";
  const Id id = message.envelope.id;
  fact.message = std::make_shared<const Message>(std::move(message));
  bed.write(std::move(fact));
  bed.wait();
  CHECK(bed.catalog->details(id)->message.state == DeliveryState::dead);
  CHECK(bed.catalog->causes({}, "", 10)->at(0).code == Code::bad_xml);
  const auto timeline = bed.catalog->timeline(id.text());
  REQUIRE(timeline->events.size() == 1);
  CHECK(timeline->events[0].what == TimelineEvent::What::refused);
  CHECK(timeline->events[0].vi.find("Giữ lại ngay khi tiếp nhận từ truc: XML không hợp lệ (LT-3002): dòng 1") == 0);
}

TEST_CASE("bodies, headers and attachment names never reach the files") {
  Bed bed;
  bed.open();
  bed.accept("P-1", "axis", [](Envelope& e) {
    e.headers = {{"x-citizen", "001099012345"}};
    Attachment attachment;
    attachment.name = "CCCD-Nguyen-Van-An.pdf";
    e.attachments.push_back(attachment);
  });
  bed.wait();
  CHECK(bed.catalog->details(bed.catalog->list({}, {})->items[0].id)->attachments == 1);
  bed.close();
  for (const auto& name : bed.files()) {
    const auto bytes = read_file(system_env(), bed.path(name)).value();
    for (const char* secret : {"001099012345", "Nguyen-Van-An", "Bí Mật"})
      CHECK(bytes.find(secret) == std::string::npos);
  }
}

TEST_CASE("answers are valid JSON, whatever bytes a partner wrote") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("J\"1");
  bed.outcome(message, DeliveryState::dead, [](OutcomeFact& f) { f.outcome.detail = "l\xE4 l\"a\nĐược"; });
  bed.wait();
  const auto details = to_json(*bed.catalog->details(bed.id_of(message)));
  rapidjson::Document parsed;
  parsed.Parse<rapidjson::kParseValidateEncodingFlag>(details.c_str());
  REQUIRE(!parsed.HasParseError());
  CHECK(std::string(parsed["keys"][0]["value"].GetString()) == "J\"1");
  CHECK(std::string(parsed["deliveries"][0]["detail"].GetString()) == "l\xEF\xBF\xBD l\"a\nĐược");
  CHECK(std::string(parsed["accepted_at"].GetString()).ends_with("+07:00"));
  for (const auto& text :
       {to_json(*bed.catalog->timeline("J\"1")), to_json(*bed.catalog->list({}, {})), to_json(*bed.catalog->counts({})),
        to_json(*bed.catalog->causes({}, "", 5)), to_json(bed.catalog->status())}) {
    parsed.Parse<rapidjson::kParseValidateEncodingFlag>(text.c_str());
    CHECK(!parsed.HasParseError());
  }
}

TEST_CASE("JSON names deliveries as replay wants them: all of a message, and of a row the one it tells of") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("K1", "axis", [](Envelope& e) {
    e.deliveries.push_back({"other", {}, "submit", "b"});
  });
  bed.outcome(message, DeliveryState::delivered, {}, 0);
  bed.outcome(message, DeliveryState::dead, {}, 1);
  bed.wait();
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(to_json(*bed.catalog->list({}, {})), "\"delivery\":\"" + DeliveryId{message, 1}.text() + "\""));
  const std::string details = to_json(*bed.catalog->details(bed.id_of(message)));
  for (const uint16_t ordinal : {0, 1}) CHECK(has(details, "{\"id\":\"" + DeliveryId{message, ordinal}.text() + "\""));
}

TEST_CASE("every kind of event has its sentence in both languages") {
  for (int what = 0; what <= static_cast<int>(TimelineEvent::What::discard); ++what) {
    TimelineEvent event;
    event.what = static_cast<TimelineEvent::What>(what);
    event.to = "H49.05";
    event.from = "H49.02";
    describe(event, "in", std::nullopt);
    CHECK(!event.vi.empty());
    CHECK(!event.en.empty());
    CHECK(!what_name(event.what).empty());
  }
}

TEST_CASE("details lose their numbers but keep short codes") {
  CHECK(normalise_detail("HTTP 503 from 10.0.0.1:80, id 0190a6c2-aaaa-7bbb-8ccc-0123456789ab.") ==
        "HTTP 503 from #, id #.");
  CHECK(normalise_detail("  không\n có  mã  ") == "không có mã");
  CHECK(normalise_detail(std::string(500, 'x')).size() == 240);
}

TEST_CASE("a question to a partner is told as one: who asked, what came of it, and what came from the cache") {
  Bed bed;
  bed.open();
  const auto ask = [&](Position cached) {
    auto message = std::make_shared<Message>();
    message->envelope.id = bed.ids.next();
    message->envelope.endpoint = "insurance";
    message->envelope.principal = "mot-cua";
    message->envelope.accepted = bed.clock.wall();
    message->envelope.keys = {{"MaHoSo", "H49-1"}};
    message->envelope.deliveries.push_back({"bhxh", {}, "", ""});
    message->body = Body::of("{}");
    bed.clock.advance(1s);
    return bed.write(AskedFact{std::move(message), cached});
  };
  const auto end = [&](Position of, DeliveryState state, Code code) {
    AnsweredFact fact;
    fact.outcome.delivery.message = of;
    fact.outcome.attempt = 1;
    fact.outcome.at = bed.clock.wall();
    fact.outcome.state = state;
    fact.outcome.outcome.code = code;
    bed.clock.advance(1s);
    bed.write(fact);
  };
  const Position first = ask({});
  bed.wait();
  CHECK(bed.catalog->list({}, {})->items.at(0).state == DeliveryState::in_flight);
  end(first, DeliveryState::delivered, Code::none);
  ask(first);
  end(ask({}), DeliveryState::dead, Code::exchange_refused);
  end(ask({}), DeliveryState::unknown, Code::exchange_late);
  bed.wait();
  const auto story = bed.catalog->timeline("H49-1");
  REQUIRE(story);
  std::vector<std::string> told;
  for (const auto& event : story->events)
    if (event.what != TimelineEvent::What::accepted) told.push_back(event.en);
  REQUIRE(told.size() == 7);
  CHECK(told[0] == "mot-cua asks bhxh");
  CHECK(told[1] == "bhxh answered");
  CHECK(told[2] == "mot-cua asks bhxh and is answered from the cache");
  CHECK(told[4].starts_with("No answer from bhxh: The partner refused to answer"));
  CHECK(told[6].starts_with("No answer from bhxh, which may have acted: "));
  for (const auto& event : story->events) CHECK_FALSE(event.vi.empty());
  const auto details = bed.catalog->details(story->messages.at(1));
  REQUIRE(details);
  CHECK(details->deliveries.at(0).state == DeliveryState::delivered);
  CHECK(details->deliveries.at(0).detail == "from the cache, as answered to " + first.text());
}
