#include "core/cli/stored_messages.h"

#include <doctest/doctest.h>

#include "core/base/metrics.h"
#include "core/blob/blob_store.h"
#include "core/config/diagnostics.h"
#include "core/journal/file_journal.h"
#include "core/message/fact.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::cli;

namespace {

// A data directory with messages in it, as a bus leaves it or is writing it.
struct Data {
  test::Scratch scratch;
  std::string root = scratch.path() + "/data";
  ManualClock clock;
  Metrics metrics;
  SeededIds ids{clock, 7};
  std::unique_ptr<journal::KeyStore> keys;
  std::unique_ptr<blob::BlobStore> blobs;
  std::unique_ptr<journal::Journal> journal;
  std::shared_ptr<const schema::SchemaStore> types;

  Data() {
    Env& env = system_env();
    const std::string master(64, 'a');
    REQUIRE(env.make_directories(root + "/journal"));
    REQUIRE(replace_file(env, root + "/master.key", master));
    keys = std::move(*journal::KeyStore::open(env, root, *journal::parse_master_key(master)));
    blobs = std::move(*blob::open_file_store(env, root + "/blobs", clock, *keys));
    journal = std::move(*journal::open_file_journal(env, clock, keys.get(), metrics, {.directory = root + "/journal"}));
    const std::string schemas = scratch.path() + "/schemas";
    REQUIRE(env.make_directories(schemas + "/a"));
    for (const char* name : {"one", "other"}) {
      REQUIRE(replace_file(env, schemas + "/a/" + name + ".schema.json", R"({"type":"object"})"));
      REQUIRE(replace_file(env, schemas + "/a/" + name + ".type.yaml",
                           "type: a/" + std::string(name) + "\nformat: json\nschema: " + name +
                               ".schema.json\ntitle: {vi: a, en: a}\n"));
    }
    config::Diagnostics found;
    types = schema::SchemaStore::load(env, schemas, found);
    REQUIRE_MESSAGE(types, found.text());
  }
  void accept(Body body, const std::string& type, const std::string& mapping = {},
              journal::KeyClass key_class = journal::KeyClass::personal) {
    clock.advance(std::chrono::seconds(1));
    auto message = std::make_shared<Message>();
    message->envelope.id = ids.next();
    message->envelope.type = type;
    message->envelope.accepted = clock.wall();
    message->envelope.key_class = static_cast<uint8_t>(key_class);
    if (!mapping.empty()) message->envelope.deliveries.push_back({"d", {}, "", mapping});
    message->body = std::move(body);
    AcceptedFact fact;
    fact.message = message;
    journal::Record record{journal::RecordType::accepted, key_class, encode_fact_header(fact),
                           std::string(message->body.view())};
    journal->append(std::move(record), [](Result<Position>) {});
    journal->flush();
  }
  std::string read(size_t last, StoredCounts& counts, const std::string& key_file = {}) {
    StoredQuery query;
    query.data = root;
    query.key_file = key_file;
    query.last = last;
    query.mapping = "m";
    query.source_schema = "a/one.schema.json";
    std::string out;
    const auto done = read_stored(system_env(), *types, query,
                                  [&](const std::string&, const Node* document, const mapping::RunContext& context) {
                                    const Node* n = document->find("n");
                                    out += std::string(n->text) + (document->find("big") ? "+blob" : "") + " ";
                                    CHECK(context.as_of > 20'000);
                                    CHECK_FALSE(context.message_id.empty());
                                  });
    REQUIRE_MESSAGE(done, (done ? "" : done.error().text()));
    counts = *done;
    return out;
  }
};

}  // namespace

TEST_CASE("the last messages of a mapping: sealed inline bodies and stored ones, by type or by delivery") {
  Data data;
  for (int i = 1; i <= 3; ++i) data.accept(Body::of("{\"n\":" + std::to_string(i) + "}"), "a/one");
  data.accept(Body::of(R"({"n":99})"), "a/other");
  data.accept(Body::of(R"({"n":4})"), "a/other", "m");
  auto upload = data.blobs->create(journal::KeyClass::personal);
  REQUIRE(upload);
  REQUIRE((*upload)->write(R"({"n":5,"big":")" + std::string(100'000, 'A') + "\"}"));
  data.accept(*(*upload)->commit(), "a/one");
  // Another body is just arriving: it must be there afterwards.
  auto arriving = data.blobs->create(journal::KeyClass::personal);
  REQUIRE(arriving);
  REQUIRE((*arriving)->write(R"({"n":6})"));

  StoredCounts counts;
  CHECK(data.read(100, counts) == "1 2 3 4 5+blob ");
  CHECK(counts.messages == 5);
  CHECK(counts.sealed == 0);
  CHECK(data.read(2, counts) == "4 5+blob ");
  CHECK((*arriving)->commit());
}

TEST_CASE("without the key sealed bodies are counted, not read") {
  Data data;
  data.accept(Body::of(R"({"n":1})"), "a/one");
  data.accept(Body::of(R"({"n":2})"), "a/one", "", journal::KeyClass::none);
  REQUIRE(system_env().rename(data.root + "/master.key", data.scratch.path() + "/elsewhere"));
  StoredCounts counts;
  CHECK(data.read(100, counts) == "2 ");
  CHECK(counts.sealed == 1);
  CHECK(data.read(100, counts, data.scratch.path() + "/elsewhere") == "1 2 ");
}
