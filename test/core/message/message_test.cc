#include "core/message/message.h"

#include <doctest/doctest.h>

#include "core/message/wire.h"

using namespace lt;

namespace {

Envelope full_envelope() {
  Envelope e;
  for (size_t i = 0; i < e.id.bytes.size(); ++i) e.id.bytes[i] = static_cast<uint8_t>(i + 1);
  e.type = "onestop/dossier";
  e.endpoint = "onestop-in";
  e.principal = "mot-cua";
  e.from = "H49.02.05";
  e.content_type = "application/json";
  e.order_key = "MaHoSo:H49.02.05-260815-0042";
  e.dedupe_key = "d:1";
  e.keys = {{"MaHoSo", "H49.02.05-260815-0042"}, {"DocumentId", ""}};
  e.urgency = 4;
  e.key_class = 2;
  e.accepted = Wall(std::chrono::milliseconds(1'790'000'000'123));
  e.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  e.correlates = "x";
  e.headers = {{"X-A", "một"}, {"X-A", ""}};
  Attachment a;
  a.name = "Đơn.pdf";
  a.content_type = "application/pdf";
  a.path = "$.Tep[0]";
  a.offset = uint64_t{1} << 40;
  a.length = 77;
  a.carrier = Carrier::base64_zip;
  a.sha256 = sha256("abc");
  a.size = 55;
  a.escaped = true;
  Attachment part;
  part.carrier = Carrier::part;
  e.attachments = {a, Attachment{}, part};
  e.deliveries = {{"axis", {"H49", "H50"}, "submit", "onestop-to-axis"}, {"archive", {}, "", "", "", 2}};
  e.ties = {{"dossier:H49-1", false, 0, AnswerKind::noted, ""}, {"document:1/QĐ", true, 2, AnswerKind::refused, "02"}};
  e.split = "$.data[]";
  e.parts = {{"dossier:H49-1", {{"MaHoSo", "H49-1"}}}, {}};
  e.document = {uint64_t{1} << 33, 300};
  return e;
}

void check_equal(const Envelope& a, const Envelope& b) {
  CHECK(a.id == b.id);
  CHECK(a.type == b.type);
  CHECK(a.endpoint == b.endpoint);
  CHECK(a.principal == b.principal);
  CHECK(a.from == b.from);
  CHECK(a.content_type == b.content_type);
  CHECK(a.order_key == b.order_key);
  CHECK(a.dedupe_key == b.dedupe_key);
  CHECK(a.keys == b.keys);
  CHECK(a.urgency == b.urgency);
  CHECK(a.key_class == b.key_class);
  CHECK(a.accepted == b.accepted);
  CHECK(a.trace == b.trace);
  CHECK(a.correlates == b.correlates);
  CHECK(a.headers == b.headers);
  REQUIRE(a.attachments.size() == b.attachments.size());
  for (size_t i = 0; i < a.attachments.size(); ++i) {
    const auto &x = a.attachments[i], &y = b.attachments[i];
    CHECK(x.escaped == y.escaped);
    CHECK(x.name == y.name);
    CHECK(x.content_type == y.content_type);
    CHECK(x.path == y.path);
    CHECK(x.offset == y.offset);
    CHECK(x.length == y.length);
    CHECK(x.carrier == y.carrier);
    CHECK(x.sha256 == y.sha256);
    CHECK(x.size == y.size);
  }
  CHECK(a.ties == b.ties);
  CHECK(a.split == b.split);
  CHECK(a.document.offset == b.document.offset);
  CHECK(a.document.length == b.document.length);
  REQUIRE(a.parts.size() == b.parts.size());
  for (size_t i = 0; i < a.parts.size(); ++i) {
    CHECK(a.parts[i].order_key == b.parts[i].order_key);
    CHECK(a.parts[i].keys == b.parts[i].keys);
  }
  REQUIRE(a.deliveries.size() == b.deliveries.size());
  for (size_t i = 0; i < a.deliveries.size(); ++i) {
    CHECK(a.deliveries[i].destination == b.deliveries[i].destination);
    CHECK(a.deliveries[i].receivers == b.deliveries[i].receivers);
    CHECK(a.deliveries[i].operation == b.deliveries[i].operation);
    CHECK(a.deliveries[i].mapping == b.deliveries[i].mapping);
    CHECK(a.deliveries[i].part == b.deliveries[i].part);
  }
}

}  // namespace

TEST_CASE("every field of an envelope survives the journal") {
  const Envelope e = full_envelope();
  std::string bytes;
  encode(e, bytes);
  const auto back = decode_envelope(bytes);
  REQUIRE(back);
  check_equal(e, *back);
  std::string again;
  encode(*back, again);
  CHECK(again == bytes);
}

TEST_CASE("an envelope cut anywhere is record_malformed, bytes after it are skipped") {
  std::string bytes;
  encode(full_envelope(), bytes);
  const size_t before_documents = bytes.size() - 5 - 2;  // of multipart bodies were known: still read
  for (size_t n = 0; n < bytes.size(); ++n) {
    const auto cut = decode_envelope(std::string_view(bytes).substr(0, n));
    if (n == before_documents) {
      REQUIRE(cut);
      CHECK(cut->document.empty());
      CHECK(cut->parts.size() == full_envelope().parts.size());
      continue;
    }
    REQUIRE_FALSE(cut);
    REQUIRE(cut.error().code == Code::record_malformed);
  }
  const auto longer = decode_envelope(bytes + "a later field");
  REQUIRE(longer);
  check_equal(*longer, full_envelope());
}

TEST_CASE("an attachment written before there were parts is read as what it was") {
  Envelope e;
  e.attachments = {{"a.pdf", "", "$.a", 1, 2, Carrier::plain, {}, 2}};
  std::string now;
  encode(e, now);
  const std::string path = "$.a";
  const size_t at = now.find(path) - 9;  // the length of the attachment, before its name, type and path
  std::string then = now;
  const size_t length = static_cast<unsigned char>(now[at]);
  REQUIRE(length < 0x80);
  then[at] = static_cast<char>(length - 1);
  then.erase(at + length, 1);
  const auto back = decode_envelope(then);
  REQUIRE_MESSAGE(back, back.error().text());
  REQUIRE(back->attachments.size() == 1);
  CHECK(back->attachments[0].name == "a.pdf");
  CHECK(back->attachments[0].carrier == Carrier::plain);
  CHECK(back->attachments[0].size == 2);
}

TEST_CASE("hostile envelopes never crash and never reserve the world") {
  std::string bytes;
  encode(full_envelope(), bytes);
  uint64_t seed = 42;
  for (int round = 0; round < 20'000; ++round) {
    std::string hostile = bytes;
    for (int change = 0; change < 3; ++change) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      hostile[(seed >> 33) % hostile.size()] = static_cast<char>(seed >> 25);
    }
    if (const auto got = decode_envelope(hostile); !got) CHECK(got.error().code == Code::record_malformed);
  }
  std::string lying;
  WireWriter(lying).varint(2);
  lying.append(16 + 7, '\0');
  WireWriter(lying).varint(~uint64_t{0});
  CHECK(decode_envelope(lying).error().code == Code::record_malformed);
  CHECK(decode_envelope(std::string("\x03") + bytes.substr(1)).error().detail == "envelope: version 3");
}

TEST_CASE(
    "a delivery has the order and the keys of its part, else of the message; a part that is not there is refused") {
  Envelope e = full_envelope();
  e.parts = {{"dossier:a", {{"MaHoSo", "a"}}}, {"dossier:b", {}}};
  e.deliveries = {{"x", {}, "", "", "", 2}, {"x", {}, "", "", "", 1}, {"y", {}, "", ""}};
  CHECK(order_key_of(e, e.deliveries[0]) == "dossier:b");
  CHECK(keys_of(e, e.deliveries[1]) == e.parts[0].keys);
  CHECK(order_key_of(e, e.deliveries[2]) == e.order_key);
  CHECK(keys_of(e, e.deliveries[2]) == e.keys);
  e.deliveries[0].part = 3;
  std::string bytes;
  encode(e, bytes);
  CHECK(decode_envelope(bytes).error().code == Code::record_malformed);
}

TEST_CASE("a receipt is the same each time it is made") {
  const Envelope e = full_envelope();
  const Sha256 hash = sha256("abc");
  const Receipt receipt = make_receipt(e, hash, {3, 4711});
  CHECK(receipt.receipt_id == e.id.text() + "-ba7816bf");
  CHECK(receipt_json(receipt) == "{\"receipt_id\":\"" + e.id.text() + "-ba7816bf\",\"message_id\":\"" + e.id.text() +
                                     "\",\"position\":\"3:4711\",\"sha256\":\"" + hex(hash) + "\",\"accepted_at\":\"" +
                                     format_rfc3339(e.accepted) + "\"}");
  CHECK(receipt_json(make_receipt(e, hash, {3, 4711})) == receipt_json(receipt));
}

TEST_CASE("positions and delivery ids have one text each") {
  const Position p{7, 18'446'744'073'709'551'615u};
  CHECK(p.text() == "7:18446744073709551615");
  CHECK(Position::parse(p.text()) == p);
  const DeliveryId d{{0, 4711}, 2};
  CHECK(d.text() == "0:4711/2");
  CHECK(DeliveryId::parse("0:4711/2") == d);
  CHECK(Position::parse("0:0") == Position{});
  for (const char* bad : {"", ":", "1", "1:", ":1", "1:2:3", " 1:2", "+1:2", "01:2", "1:02", "1:2 ", "-1:2",
                          "4294967296:0", "0:18446744073709551616"})
    CHECK_MESSAGE(!Position::parse(bad), bad);
  for (const char* bad : {"", "0:1", "0:1/", "0:1/65536", "0:1/01", "/1", "0:1/2/3"})
    CHECK_MESSAGE(!DeliveryId::parse(bad), bad);
  CHECK(Position{0, 9} < Position{1, 0});
}

TEST_CASE("an inline body knows its size and hash") {
  const Body body = Body::of("abc");
  CHECK(body.size == 3);
  CHECK(body.view() == "abc");
  CHECK_FALSE(body.stored());
  CHECK(hex(body.sha256) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
