// details: everything the catalog knows of one message.
#include "core/base/hash.h"
#include "core/catalog/json_out.h"
#include "core/catalog/read_rows.h"
#include "core/catalog/rows.h"

namespace lt::catalog {
namespace {

std::vector<ReceiverRow> merge_receivers(std::vector<std::string> addressed,
                                         const std::vector<ReceiverOutcome>& outcomes) {
  std::vector<ReceiverRow> rows;
  for (auto& receiver : addressed) rows.push_back({std::move(receiver), {}, {}, {}});
  for (const auto& outcome : outcomes) {
    ReceiverRow* row = nullptr;
    for (auto& candidate : rows) {
      if (candidate.receiver == outcome.receiver) row = &candidate;
    }
    if (!row) row = &rows.emplace_back(ReceiverRow{outcome.receiver, {}, {}, {}});
    row->outcome = outcome_name(outcome.kind);
    row->detail = outcome.detail;
  }
  return rows;
}

// The column `asks`.
Result<std::string> add_envelope(Database& database, MessageDetails& details) {
  LT_ASSIGN(Statement * query,
            database.prepare(
                "SELECT content_type, trace, urgency, size, sha256, attachments, asks FROM message WHERE pos=?"));
  std::string asks;
  LT_ASSIGN(const bool row, query->bind(1, static_cast<int64_t>(details.message.position.offset)).step());
  if (row) {
    details.content_type = query->text(0);
    details.trace = query->text(1);
    details.urgency = static_cast<Urgency>(query->integer(2));
    details.body_size = static_cast<uint64_t>(query->integer(3));
    details.body_sha256 = hex(query->text(4));
    details.attachments = static_cast<uint32_t>(query->integer(5));
    asks = query->text(6);
  }
  query->reset();
  return asks;
}

Result<void> add_delivery_rows(Database& database, MessageDetails& details) {
  LT_ASSIGN(
      Statement * query,
      database.prepare("SELECT ordinal, destination, operation, mapping, mapping_version, state, attempts, changed, "
                       "next_at, code, detail,"
                       " reference, receivers, outcomes, sent, sent_bytes, part, order_key FROM delivery WHERE pos=? "
                       "ORDER BY ordinal"));
  query->bind(1, static_cast<int64_t>(details.message.position.offset));
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    DeliveryRow& delivery = details.deliveries.emplace_back();
    delivery.ordinal = static_cast<uint16_t>(query->integer(0));
    delivery.destination = query->text(1);
    delivery.operation = query->text(2);
    delivery.mapping = query->text(3);
    delivery.mapping_version = query->text(4);
    delivery.state = static_cast<DeliveryState>(query->integer(5));
    delivery.attempts = static_cast<uint32_t>(query->integer(6));
    delivery.changed = from_ms(query->integer(7));
    if (query->integer(8) != 0) delivery.next_at = from_ms(query->integer(8));
    delivery.code = static_cast<Code>(query->integer(9));
    delivery.detail = query->text(10);
    delivery.reference = query->text(11);
    delivery.receivers = merge_receivers(split_lines(query->text(12)), unpack(query->text(13)));
    if (!query->is_null(14)) delivery.sent_sha256 = hex(query->text(14));
    delivery.sent_bytes = static_cast<uint64_t>(query->integer(15));
    delivery.part = static_cast<uint16_t>(query->integer(16));
    delivery.order_key = query->text(17);
  }
  query->reset();
  return {};
}

}  // namespace

Result<MessageDetails> message_details(ReadFiles& files, const Id& id) {
  LT_ASSIGN(auto found, find_message(files, id));
  if (!found) return fail(Code::no_such_message, id.text());
  LT_ASSIGN(Database * own, files.open(found->day));
  if (!own) return fail(Code::no_such_message, id.text());
  MessageDetails details;
  std::string asks;
  {
    LT_ASSIGN(const auto snapshot, Snapshot::begin(*own));
    details.message = std::move(found->message);
    details.message.to.clear();
    details.message.deliveries = 0;
    LT_TRY(add_deliveries(*own, details.message));  // again, so that the summary and the rows are of one instant
    LT_ASSIGN(asks, add_envelope(*own, details));
    LT_TRY(add_delivery_rows(*own, details));
  }
  LT_TRY(add_answers(files, asks, details));
  return details;
}

}  // namespace lt::catalog
