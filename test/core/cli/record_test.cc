#include <doctest/doctest.h>

#include "core/cli/record_text.h"
#include "core/message/fact.h"

using namespace lt;
using namespace lt::cli;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

struct Kept {
  explicit Kept(const Fact& fact) : header(encode_fact_header(fact)) {
    record.position = {0, 592};
    record.type = static_cast<journal::RecordType>(fact_record_type(fact));
    record.header = header;
    record.written = Wall(std::chrono::seconds(1'790'000'000));
  }
  std::string header;
  journal::OfflineRecord record;
};

Kept accepted() {
  auto message = std::make_shared<Message>();
  message->envelope.type = "onestop/dossier";
  message->envelope.keys.push_back({"MaHoSo", "K1"});
  message->envelope.attachments.push_back({"Nguyễn Thị Hoa.pdf", "", "$.a", 0, 1, Carrier::plain, {}, 1});
  DeliverySpec spec;
  spec.destination = "judicial";
  message->envelope.deliveries.push_back(spec);
  message->body = Body::of("{\"hoTen\":\"Nguyễn Thị Hoa\"}");
  AcceptedFact fact;
  fact.message = message;
  return Kept(fact);
}

}  // namespace

TEST_CASE("an accepted message is shown without its body, sealed or not") {
  const std::string body = "{\"hoTen\":\"Nguyễn Thị Hoa\"}";
  Kept kept = accepted();
  kept.record.body_size = body.size();
  kept.record.sealed = true;
  const std::string sealed = record_text(kept.record, {});
  CHECK(sealed.starts_with("0:592  2026-09-21 21:13:20  accepted"));
  CHECK(has(sealed, "message_type=onestop/dossier"));
  CHECK(has(sealed, "keys=MaHoSo=K1"));
  CHECK(has(sealed, "destinations=judicial"));
  CHECK_FALSE(has(sealed, "Hoa"));
  kept.record.body = body;
  CHECK_FALSE(has(record_text(kept.record, {}), "Hoa"));
  CHECK(has(record_text(kept.record, {.json = true, .bodies = true}),
            "\"body\":\"{\\\"hoTen\\\":\\\"Nguyễn Thị Hoa\\\"}\""));
  kept.record.body.reset();
  CHECK(has(record_text(kept.record, {.json = true, .bodies = true}),
            "\"body_sealed\":\"" + std::to_string(body.size()) + "\""));
}

TEST_CASE("outcomes and actions") {
  OutcomeFact outcome;
  outcome.delivery = {{0, 592}, 1};
  outcome.attempt = 4;
  outcome.state = DeliveryState::dead;
  outcome.outcome.kind = OutcomeKind::permanent;
  outcome.outcome.code = Code::partner_refused;
  CHECK(has(record_text(Kept(outcome).record, {}),
            "outcome  delivery=0:592/1  attempt=4  outcome=permanent  state=dead  code=LT-5021"));
  ActionFact action;
  action.kind = ActionKind::discard;
  action.delivery = {{0, 592}, 1};
  action.by = "Lan";
  action.why = "trùng";
  CHECK(has(record_text(Kept(action).record, {.json = true, .bodies = false}),
            R"("action":"discard","delivery":"0:592/1","by":"Lan","why":"trùng"})"));
}

TEST_CASE("a record that cannot be read says so") {
  Kept kept = accepted();
  kept.record.header = kept.record.header.substr(0, 3);
  CHECK(has(record_text(kept.record, {}), "unreadable=LT-6010"));
  kept.record.type = journal::RecordType::checkpoint;
  CHECK(has(record_text(kept.record, {}), "checkpoint"));
}
