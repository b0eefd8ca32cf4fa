// Checkpoints, trimming, keys that run out, blobs: with real stores and a real engine on a disk in memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "core/message/carried.h"
#include "core/runtime/erasure.h"
#include "test/core/runtime/house.h"

using namespace lt;
using namespace lt::runtime;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

void must(const Result<void>& done) {
  if (!done) FAIL(done.error().text());
}

Retained retain(House& house) {
  auto done = house.upkeep->retain();
  if (!done) FAIL(done.error().text());
  return *done;
}

std::string body_of(House& house, Position at) {
  const auto message = house.message_at(at);
  return message ? std::string((*message)->body.view()) : code_text(message.error().code);
}

std::vector<std::string> checkpoints(const House& house) {
  std::vector<std::string> out;
  for (const auto& path : house.env.files())
    if (path.ends_with(".ckp")) out.push_back(path);
  return out;
}

// Three messages wait; much has come and gone since; all of it is long past its time.
std::vector<Position> age(House& house) {
  std::vector<Position> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(house.accept("waiting " + std::to_string(i), "stuck"));
    house.fill(10);
  }
  house.clock.advance(100 * 24h);
  house.fill(2);
  return waiting;
}

}  // namespace

TEST_CASE("a start from a checkpoint and the journal after it gives the state that folding all gives") {
  House house;
  must(house.open());
  house.accept("waiting", "stuck");
  house.fill(20);
  house.upkeep->stop();  // writes what it was offered
  house.crash(1);
  must(house.open());
  CHECK(house.from_checkpoint);
  CHECK(house.folded < 42);
  const std::string state = house.state();
  house.close();
  for (const auto& path : checkpoints(house)) must(house.env.remove(path));
  must(house.open());
  CHECK_FALSE(house.from_checkpoint);
  CHECK(house.folded == 41);
  CHECK(house.state() == state);
}

TEST_CASE("a stop in order leaves nothing to fold at the next start") {
  House house;
  must(house.open());
  house.fill(5);
  const std::string state = house.state();
  house.close();
  must(house.open());
  CHECK(house.from_checkpoint);
  CHECK(house.folded == 0);
  CHECK(house.state() == state);
}

TEST_CASE("a round frees segments also when none of the checkpoints it could start from was written yet") {
  House house;
  house.upkeep_sleeps = true;
  must(house.open());
  house.accept("waiting", "stuck", 20'000);  // carried forward it is a reason for the next checkpoint
  house.fill(30);
  house.clock.advance(100 * 24h);
  house.fill(2);
  const Retained done = retain(house);
  CHECK(done.carried == 1);
  CHECK(done.segments_freed > 3);
}

TEST_CASE("a damaged newest checkpoint costs a longer fold, nothing else - also over a trimmed journal") {
  House house;
  must(house.open());
  const auto waiting = age(house);
  REQUIRE(retain(house).segments_freed > 3);
  house.fill(10);
  const std::string state = house.state();
  house.close();
  auto files = checkpoints(house);
  REQUIRE(files.size() == 2);
  house.env.flip(files[1], 100);
  must(house.open());
  CHECK(house.from_checkpoint);
  CHECK(house.folded > 0);
  CHECK(house.state() == state);
  CHECK(house.unfinished() == waiting);
  house.close();
  SUBCASE("and with none left a trimmed journal is refused, saying what to do") {
    for (const auto& path : checkpoints(house)) house.env.flip(path, 100);
    const auto opened = house.open();
    REQUIRE(!opened);
    CHECK(opened.error().code == Code::journal_corrupt);
    CHECK(opened.error().hint.find("restore a checkpoint") != std::string::npos);
  }
  SUBCASE("one beyond the end of the journal is of another life, and goes") {
    files = checkpoints(house);
    const std::string beyond = "d/journal/checkpoint-00000000ffffff00.ckp";
    must(journal::write_checkpoint(house.env, "d/journal", {{0, 0xffffff00}, "from the future"}));
    must(house.open());
    CHECK(house.unfinished() == waiting);
    CHECK_FALSE(*house.env.exists(beyond));
  }
}

TEST_CASE("what is unfinished outlives its segment, under its old name, and is read where it was carried to") {
  House house;
  must(house.open());
  const auto waiting = age(house);
  const auto log = house.log();
  const std::string body = body_of(house, waiting[1]);
  const Retained done = retain(house);
  CHECK(done.carried == 3);
  CHECK(done.segments_freed > 3);
  CHECK(house.unfinished() == waiting);
  CHECK(house.journal->read_at(waiting[1], [](const auto&) {}).error().code == Code::no_such_record);
  const Position moved = house.stored(waiting[1]);
  CHECK(moved > house.journal->oldest());
  CHECK(body_of(house, moved) == body);
  CHECK(body.starts_with("waiting 1xxx"));
  CHECK(house.log() == log);  // nothing of the story is lost, nothing told twice

  // Nothing to do for another round; and after a crash it is still where it was.
  CHECK(retain(house).carried == 0);
  house.crash(3);
  must(house.open());
  CHECK(house.stored(waiting[1]) == moved);
  CHECK(body_of(house, moved) == body);
  CHECK(house.log() == log);

  // Carried once more when that place gets old too.
  house.fill(20);
  house.clock.advance(100 * 24h);
  house.fill(2);
  CHECK(retain(house).carried == 3);
  const Position again = house.stored(waiting[1]);
  CHECK(again > moved);
  CHECK(body_of(house, again) == body);
  house.close();
  must(house.open());
  CHECK(body_of(house, house.stored(waiting[1])) == body);
}

TEST_CASE("dead deliveries are carried too; delivered and discarded ones are not") {
  House house;
  must(house.open());
  house.answer.kind = OutcomeKind::permanent;
  const Position dead = house.accept("dead", "out");
  const Position dropped = house.accept("dropped", "out");
  house.fill(0);
  house.answer.kind = OutcomeKind::delivered;
  std::promise<std::optional<Error>> done;
  ActionFact discard;
  discard.kind = ActionKind::discard;
  discard.delivery = {dropped, 0};
  discard.by = "An";
  discard.why = "test";
  house.cell->operate(discard, [&](auto error) { done.set_value(error); });
  REQUIRE_FALSE(done.get_future().get());
  age(house);
  CHECK(retain(house).carried == 4);
  CHECK(house.stored(dead) > dead);
  CHECK(house.stored(dropped) == Position{});
}

TEST_CASE("young segments stay, however full the journal is") {
  House house;
  must(house.open());
  house.fill(40);
  house.clock.advance(89 * 24h);
  house.fill(1);
  const Retained done = retain(house);
  CHECK(done.segments_freed == 0);
  CHECK(done.carried == 0);
  CHECK(house.journal->segments().front().base == 0);
}

TEST_CASE("a power cut at any step of a round leaves a state that opens, and the next round ends it") {
  // Steps of a round differ a little from run to run: the engine writes beside it. All that must hold does not depend
  // on which step it was.
  size_t cuts = 0;
  for (uint64_t steps = 0; steps < 400; steps += 1 + steps / 40) {
    House house;
    must(house.open());
    const auto waiting = age(house);
    const auto log = house.log();
    std::vector<std::string> bodies;
    for (const Position at : waiting) bodies.push_back(body_of(house, at));
    house.env.power_off_after(steps);
    const bool whole = house.upkeep->retain().has_value() && !house.env.powered_off();
    CAPTURE(steps);
    cuts += !whole;
    house.crash(steps);
    must(house.open());
    CHECK(house.unfinished() == waiting);
    CHECK(house.log() == log);
    for (size_t i = 0; i < waiting.size(); ++i) CHECK(body_of(house, house.stored(waiting[i])) == bodies[i]);
    retain(house);
    // By then there are two checkpoints after the border, whatever was lost.
    house.fill(10);
    retain(house);
    CHECK(house.journal->segments().front().base > 0);
    CHECK(house.unfinished() == waiting);
    for (size_t i = 0; i < waiting.size(); ++i) CHECK(body_of(house, house.stored(waiting[i])) == bodies[i]);
    if (whole) break;
  }
  CHECK(cuts > 20);
}

TEST_CASE("a disk that refuses one call of a round breaks nothing: the next round does it") {
  using lt::test::Operation;
  for (const auto operation : {Operation::open, Operation::rename, Operation::remove, Operation::sync_directory}) {
    for (uint64_t nth = 1; nth <= 6; ++nth) {
      House house;
      must(house.open());
      const auto waiting = age(house);
      const auto log = house.log();
      house.env.fail(operation, nth);
      (void)house.upkeep->retain();
      CAPTURE(static_cast<int>(operation));
      CAPTURE(nth);
      if (house.journal->figures().failed) continue;
      retain(house);
      CHECK(house.log() == log);
      CHECK(house.unfinished() == waiting);
      house.crash(nth);
      must(house.open());
      CHECK(house.log() == log);
      for (const Position at : waiting) CHECK(body_of(house, house.stored(at)).starts_with("waiting"));
    }
  }
}

TEST_CASE("bodies run out by class and day; headers stay; what is still on its way keeps its body") {
  House house;
  house.rules.personal = 10 * 24h;
  must(house.open());
  const Position personal = house.accept("personal", "out", 100, 1);
  const Position document = house.accept("document", "out", 100, 2);
  house.clock.advance(2 * 24h);
  const Position waiting = house.accept("waiting", "stuck", 100, 1);
  house.fill(1);
  house.clock.advance(11 * 24h);
  Retained done = retain(house);
  CHECK(done.keys_destroyed == 1);
  CHECK(done.keys_in_use == 1);
  CHECK(body_of(house, personal) == "LT-6022");
  CHECK(body_of(house, document).starts_with("document"));
  CHECK(body_of(house, waiting).starts_with("waiting"));
  CHECK(house.journal->read_header_at(personal, [](const journal::RecordView& view) {
    const auto message = decode_message_header(static_cast<uint8_t>(view.type), view.header);
    REQUIRE(message);
    CHECK((*message)->envelope.trace == "personal");
  }));
  house.clock.advance(100 * 24h);
  CHECK(retain(house).keys_in_use >= 1);
  // The state, with erased bodies in it, is folded as before.
  const std::string state = house.state();
  house.crash(5);
  must(house.open());
  CHECK(house.state() == state);
}

TEST_CASE("the message of an erased body is carried without it, and says so when it is read") {
  House house;
  must(house.open());
  const auto waiting = age(house);
  const uint32_t day = journal::key_day(house.clock.wall() - 100 * 24h);
  for (uint32_t d = day - 2; d <= day; ++d) CHECK(house.keys->destroy({d, journal::KeyClass::personal}));
  CHECK(retain(house).carried == 3);
  CHECK(house.unfinished() == waiting);
  CHECK(body_of(house, house.stored(waiting[0])) == "LT-6022");
  house.crash(2);
  must(house.open());
  CHECK(body_of(house, house.stored(waiting[0])) == "LT-6022");
}

TEST_CASE("erasing is ordered by a named person, on record before the key goes; of a day that is over") {
  House house;
  must(house.open());
  const Position at = house.accept("secret", "stuck");
  const Position document = house.accept("document", "stuck", 100, 2);
  ErasureRecord order{journal::key_day(house.clock.wall()), 1, "Bình", "yêu cầu số 12", house.clock.wall()};
  house.close();
  const auto erase_now = [&] {
    auto keys = *journal::KeyStore::open(house.env, "d", CipherKey{7});
    return erase(house.env, house.clock, "d", *keys, order);
  };
  CHECK(erase_now().error().code == Code::usage);
  house.clock.advance(24h);
  const auto erased = erase_now();
  REQUIRE(erased);
  CHECK(*erased);
  CHECK(*erase_now() == false);
  must(house.open());
  CHECK(body_of(house, at) == "LT-6022");
  CHECK(body_of(house, document).starts_with("document"));
  CHECK(house.unfinished().size() == 2);
  std::string by;
  CHECK(house.journal->read_headers({}, [&](const journal::RecordView& view) {
    if (view.type == journal::RecordType::erasure) by = decode_erasure(view.header)->by;
    return true;
  }));
  CHECK(by == "Bình");
  // The record stays in history for years.
  house.fill(20);
  house.clock.advance(100 * 24h);
  house.fill(2);
  REQUIRE(retain(house).segments_freed > 0);
  size_t told = 0;
  CHECK(house.history->read({}, [&](const journal::RecordView& view) {
    told += view.type == journal::RecordType::erasure;
    return true;
  }));
  CHECK(told == 2);
}

TEST_CASE("an erasure that was ordered is carried out by the next start, if the order was all that got to the disk") {
  House house;
  must(house.open());
  const Position at = house.accept("secret", "stuck");
  const uint32_t day = journal::key_day(house.clock.wall());
  house.clock.advance(24h);
  journal::Record record;
  record.type = journal::RecordType::erasure;
  record.header = encode_erasure({day, 1, "Bình", "yêu cầu số 12", house.clock.wall()});
  house.journal->append(std::move(record), [](Result<Position> done) { CHECK(done); });
  house.journal->flush();
  house.crash(1);
  must(house.open());
  CHECK(body_of(house, at) == "LT-6022");
  CHECK(house.unfinished() == std::vector<Position>{at});
}

TEST_CASE("blobs go when no record names them any more; never a young one, never one that a carried record names") {
  House house;
  must(house.open());
  const Position waiting = house.accept_stored("waiting", "stuck", std::string(80'000, 'w'));
  const Position done = house.accept_stored("done", "out", std::string(80'000, 'd'));
  const BlobId kept = (*house.message_at(waiting))->body.blob, gone = (*house.message_at(done))->body.blob;
  house.fill(10);
  house.clock.advance(100 * 24h);
  house.fill(10);
  // Uploaded, and not accepted yet - one of them for the second time.
  auto young = house.blobs->create(journal::KeyClass::personal);
  REQUIRE((*young)->write("young"));
  const BlobId fresh = (*young)->commit()->blob;
  CHECK(house.blobs->open(gone));
  const Retained first = retain(house);
  CHECK(first.segments_freed > 0);
  CHECK(first.blobs_freed == 1);
  CHECK(house.blobs->open(kept));
  CHECK(house.blobs->open(fresh));
  CHECK(house.blobs->open(gone).error().code == Code::no_such_blob);
  // Nobody came back for it.
  house.clock.advance(25h);
  CHECK(retain(house).blobs_freed == 1);
  CHECK(house.blobs->open(fresh).error().code == Code::no_such_blob);
  CHECK(house.blobs->open(kept));
}

TEST_CASE("a blob received again just before a sweep stays, although its first copy is old and unnamed") {
  House house;
  must(house.open());
  const auto upload = [&] {
    auto one = house.blobs->create(journal::KeyClass::none);
    REQUIRE((*one)->write("the same"));
    return (*one)->commit()->blob;
  };
  const BlobId id = upload();
  house.clock.advance(3 * 24h);
  CHECK(upload() == id);
  CHECK(retain(house).blobs_freed == 0);
  CHECK(house.blobs->open(id));
  house.clock.advance(25h);
  CHECK(retain(house).blobs_freed == 1);
}

TEST_CASE("a receipt made from history is the same to the byte") {
  House house;
  must(house.open());
  const Position at = house.accept("first", "out");
  const auto receipt = [&] {
    std::string out;
    const auto read = journal::WholeLog(*house.journal, house.history.get()).read_at(at, [&](const auto& view) {
      const auto message = decode_message_header(static_cast<uint8_t>(view.type), view.header);
      REQUIRE(message);
      const Receipt r = make_receipt((*message)->envelope, (*message)->body.sha256, at);
      out = r.receipt_id + r.position.text() + hex(r.body_sha256) + format_rfc3339(r.accepted);
    });
    REQUIRE(read);
    return out;
  };
  const std::string before = receipt();
  age(house);
  REQUIRE(retain(house).segments_freed > 3);
  REQUIRE_FALSE(house.journal->read_header_at(at, [](const auto&) {}));
  CHECK(receipt() == before);
}

TEST_CASE("history is kept for its years and then goes, oldest first") {
  House house;
  house.rules.history = 200 * 24h;
  must(house.open());
  age(house);
  REQUIRE(retain(house).segments_freed > 3);
  CHECK(house.history->oldest().offset > 0);
  house.clock.advance(150 * 24h);
  CHECK(retain(house).history_freed > 0);
}

TEST_CASE("the upkeep makes its rounds by itself, on the clock it was given") {
  House house;
  house.rules.every = 24h;
  must(house.open());
  const auto waiting = age(house);
  house.clock.advance(25h);
  house.upkeep->clock_moved();
  while (house.journal->segments().front().base == 0) std::this_thread::yield();
  CHECK(house.unfinished() == waiting);
}

TEST_CASE("plans: what is old enough, what two checkpoints allow, which keys have run out") {
  const Wall now(std::chrono::days(1'000));
  std::vector<journal::SegmentSpan> segments(4);
  for (size_t i = 0; i < segments.size(); ++i) {
    segments[i].base = i * 100;
    segments[i].next = segments[i].base + 100;
    segments[i].filled = Wall(std::chrono::days(900 + 30 * i));
  }
  segments.back().filled = Wall{};
  CHECK(old_enough(segments, now, 90 * 24h) == 100);
  CHECK(old_enough(segments, now, 60 * 24h) == 200);
  CHECK(old_enough(segments, now, 1h) == 300);
  CHECK(old_enough(segments, now, 200 * 24h) == 0);
  CHECK(old_enough({}, now, 1h) == 0);
  const auto at = [](uint64_t offset) { return Position{0, offset}; };
  CHECK(trimmable(segments, 300, std::vector<Position>{at(390), at(350)}) == 300);
  CHECK(trimmable(segments, 200, std::vector<Position>{at(390), at(350)}) == 200);
  CHECK(trimmable(segments, 300, std::vector<Position>{at(390), at(299)}) == 200);
  CHECK(trimmable(segments, 300, std::vector<Position>{at(390)}) == 0);
  CHECK(trimmable(segments, 300, {}) == 0);
  RetentionRules rules;
  rules.personal = 10 * 24h;
  rules.document = 20 * 24h;
  const uint32_t today = journal::key_day(now);
  using journal::KeyClass;
  const std::vector<journal::KeyId> keys = {{today - 30, KeyClass::none},     {today - 21, KeyClass::document},
                                            {today - 20, KeyClass::document}, {today - 11, KeyClass::personal},
                                            {today - 10, KeyClass::personal}, {today, KeyClass::personal}};
  CHECK(expired(keys, now, rules) == std::vector<journal::KeyId>{keys[1], keys[3]});
}

TEST_CASE("the larger the backlog, the rarer its checkpoints: they cost a small part of what the journal takes") {
  House house;
  must(house.open());
  for (int i = 0; i < 1'500; ++i) house.accept("waiting " + std::to_string(i), "stuck", 100);
  const uint64_t written = house.journal->end().offset;
  house.close();
  CAPTURE(written);
  CHECK(house.offered > 0);
  CHECK(house.offered < written / 4);
  must(house.open());
  CHECK(house.from_checkpoint);
}
