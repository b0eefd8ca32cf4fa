// What simulated document-management systems have in common: synthetic documents and statuses, and a ledger of what
// took effect at them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/codec/edxml_read.h"
#include "core/codec/edxml_write.h"

namespace lt::adapter {

// The statuses every receiver reports, in this order.
inline constexpr const char* kReportedStatuses[] = {"01", "03", "06"};

struct SampleDocument {
  std::string from;
  std::vector<std::string> to;
  int64_t number = 0;  // rises with what the sender writes
  size_t file_bytes = 1'000;
  std::string updates;  // DocumentId of an earlier document that this one updates
  Wall at{};
};
// The same file for the same arguments: a document with a PDF (zipped) and every third time a second file (not zipped).
Result<std::string> sample_document(const SampleDocument& sample);
std::string sample_document_id(const std::string& from, int64_t number);
// What `from` reports about a document it received.
Result<std::string> sample_status(const codec::EdxmlFile& about, const std::string& from, const std::string& code,
                                  Wall at);

// "H49.02, G15.01" -> its items.
std::vector<std::string> split_list(std::string_view text, char separator);

// Counts by identity: a document at a receiver by (DocumentId, receiver), a status by (DocumentId, sender, code).
class DocumentLedger {
 public:
  // A document we send, said before it leaves; from now on each of its receivers owes its statuses.
  void sent(const codec::EdxmlFile& document);
  // A document took effect at `receiver`. False: it had already.
  bool document(const codec::EdxmlFile& file, const std::string& receiver);
  // A status took effect. False: it had already.
  bool status(const codec::EdxmlFile& file);

  size_t sent_count() const { return sent_.size(); }
  bool all_reported() const { return owed_ == 0; }  // every status owed has come
  // Members of a JSON object, without braces: applied, duplicated, out_of_order, documents_received, statuses_received,
  // unknown_statuses, sent_documents and received_documents {DocumentId: {header, files: [sha256]}}.
  std::string report() const;

 private:
  struct Content {
    std::string header_hash;
    std::vector<std::string> files;
  };
  static Content content_of(const codec::EdxmlFile& file);
  bool goes_back(const codec::EdxmlFile& file, const std::string& receiver);

  std::map<std::string, Content> sent_, received_;
  std::set<std::string> applied_documents_, applied_statuses_;
  std::set<std::string> owed_keys_;
  std::map<std::string, int64_t> last_number_;    // by receiver, sender and order key
  std::map<std::string, std::string> last_code_;  // by DocumentId and sender
  size_t owed_ = 0, duplicated_ = 0, out_of_order_ = 0, unknown_ = 0, differing_ = 0;
};

}  // namespace lt::adapter
