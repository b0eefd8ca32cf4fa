#include "core/cli/stored_messages.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/adapter/services.h"
#include "core/blob/blob_store.h"
#include "core/cli/data_files.h"
#include "core/cli/read_only_env.h"
#include "core/journal/offline.h"
#include "core/message/carried.h"
#include "core/message/fact.h"
#include "core/runtime/understand.h"
#include "core/schema/doc_path.h"

namespace lt::cli {
namespace {

using journal::RecordType;

class BlobSource final : public ByteSource {
 public:
  BlobSource(std::unique_ptr<blob::Reader> reader, uint64_t offset, uint64_t length)
      : reader_(std::move(reader)), at_(std::min(offset, reader_->size())) {
    left_ = std::min(length, reader_->size() - at_);
  }
  Result<size_t> read(char* out, size_t size) override {
    LT_ASSIGN(const size_t n, reader_->read_at(at_, out, static_cast<size_t>(std::min<uint64_t>(size, left_))));
    at_ += n;
    left_ -= n;
    return n;
  }

 private:
  std::unique_ptr<blob::Reader> reader_;
  uint64_t at_, left_ = 0;
};

// Inline bodies, and those of the blob store when there are keys to open it with.
class StoredBodies final : public adapter::Bodies {
 public:
  explicit StoredBodies(const blob::BlobStore* blobs) : blobs_(blobs) {}
  Result<std::unique_ptr<ByteSource>> open(const Body& body, uint64_t offset, uint64_t length) override {
    if (!body.stored())
      return std::unique_ptr<ByteSource>(
          std::make_unique<MemorySource>(body.view().substr(std::min<uint64_t>(offset, body.view().size()), length)));
    if (!blobs_) return fail(Code::bad_master_key, "the body is sealed", {}, "name the key with --master-key");
    LT_ASSIGN(auto reader, blobs_->open(body.blob));
    return std::unique_ptr<ByteSource>(std::make_unique<BlobSource>(std::move(reader), offset, length));
  }

 private:
  const blob::BlobStore* blobs_;
};

struct Kept {
  std::shared_ptr<const Message> message;
  std::set<uint16_t> parts;  // 0: the whole
};

class Collector {
 public:
  Collector(const schema::SchemaStore& types, const StoredQuery& query, StoredCounts& counts)
      : types_(types), query_(query), counts_(counts) {}
  std::map<std::pair<Wall, Id>, Kept> kept;

  void take(const journal::OfflineRecord& record) {
    if (record.type != RecordType::accepted && record.type != RecordType::carried && record.type != RecordType::asked)
      return;
    const auto header = message_of_header(record);
    if (!header) return;
    Kept one{*header, parts_of((*header)->envelope)};
    if (one.parts.empty()) return;
    const Envelope& envelope = (*header)->envelope;
    if (!(*header)->body.stored()) {
      if (!record.body) {
        sealed_.insert(envelope.id);
        return;
      }
      auto whole = std::make_shared<Message>(**header);
      whole->body = Body::of(std::string(*record.body));
      // Of a carried record whose key was gone the header alone came along.
      if (whole->body.size != (*header)->body.size) {
        sealed_.insert(envelope.id);
        return;
      }
      one.message = std::move(whole);
    }
    sealed_.erase(envelope.id);
    // A carried record is the message once more.
    kept.insert_or_assign({envelope.accepted, envelope.id}, std::move(one));
    if (kept.size() > query_.last) kept.erase(kept.begin());
  }
  void finish() { counts_.sealed += sealed_.size(); }

 private:
  static Result<std::shared_ptr<const Message>> message_of_header(const journal::OfflineRecord& record) {
    if (record.type != RecordType::asked)
      return decode_message_header(static_cast<uint8_t>(record.type), record.header);
    LT_ASSIGN(const Fact fact, decode_fact_header(static_cast<uint8_t>(record.type), record.header));
    return std::get<AskedFact>(fact).message;
  }

  std::set<uint16_t> parts_of(const Envelope& envelope) const {
    std::set<uint16_t> out;
    for (const DeliverySpec& delivery : envelope.deliveries)
      if (delivery.mapping == query_.mapping) out.insert(delivery.part);
    if (!out.empty()) return out;
    const schema::MessageType* type = types_.find(envelope.type);
    if (!type) return out;
    if (envelope.parts.empty()) {
      if (type->file.schema == query_.source_schema) out.insert(0);
    } else if (query_.source && type->parts_are(*query_.source)) {
      for (uint16_t part = 1; part <= envelope.parts.size(); ++part) out.insert(part);
    }
    return out;
  }

  const schema::SchemaStore& types_;
  const StoredQuery& query_;
  StoredCounts& counts_;
  std::set<Id> sealed_;
};

Result<const Node*> part_of(const Envelope& envelope, const Node* root, uint16_t part) {
  if (part == 0) return root;
  LT_ASSIGN(const auto path, schema::DocPath::parse(envelope.split));
  const auto nodes = path.all(root, part);
  if (nodes.size() < part) return fail(Code::bad_parts, "part " + std::to_string(part) + " of " + envelope.split);
  return nodes[part - 1];
}

}  // namespace

Result<StoredCounts> read_stored(
    Env& env, const schema::SchemaStore& types, const StoredQuery& query,
    const std::function<void(const std::string& name, const Node* document, const mapping::RunContext&)>& visit) {
  ReadOnlyEnv files(env);
  LT_ASSIGN(const std::string directory, journal_directory(files, query.data));
  std::string key_file = query.key_file;
  if (key_file.empty()) {
    LT_ASSIGN(const bool there, files.exists(query.data + "/master.key"));
    if (there) key_file = query.data + "/master.key";
  }
  std::unique_ptr<journal::KeyStore> keys;
  std::unique_ptr<blob::BlobStore> blobs;
  if (!key_file.empty()) {
    LT_ASSIGN(keys, open_keys(files, query.data, key_file));
    LT_ASSIGN(const bool stored, files.exists(query.data + "/blobs/incoming"));
    if (stored) {
      LT_ASSIGN(blobs, blob::open_file_store(files, query.data + "/blobs", system_clock(), *keys));
    }
  }
  StoredCounts counts;
  Collector collector(types, query, counts);
  LT_TRY(journal::read_journal_files(files, directory, keys.get(), {}, [&](const journal::OfflineRecord& record) {
    collector.take(record);
    return true;
  }));
  collector.finish();
  StoredBodies bodies(blobs.get());
  for (const auto& [when, one] : collector.kept) {
    const Envelope& envelope = one.message->envelope;
    const schema::MessageType* type = types.find(envelope.type);
    Tree tree;
    if (!type || !runtime::decode(*type, one.message->body, envelope.document, bodies, tree)) {
      ++counts.unreadable;
      continue;
    }
    ++counts.messages;
    mapping::RunContext context;
    const auto day = std::chrono::floor<std::chrono::days>(envelope.accepted + kVietnamOffset);
    context.as_of = static_cast<schema::Day>(day.time_since_epoch().count());
    const std::string accepted = format_rfc3339(envelope.accepted);
    context.accepted_at = accepted;
    for (const uint16_t part : one.parts) {
      const auto document = part_of(envelope, tree.root(), part);
      if (!document) {
        ++counts.unreadable;
        continue;
      }
      const std::string name = envelope.id.text() + (part != 0 ? "." + std::to_string(part) : std::string());
      context.message_id = name;
      visit(name, *document, context);
      ++counts.documents;
    }
  }
  return counts;
}

}  // namespace lt::cli
