// The accept path: understand, check rights, route, admit, wait for the disk, answer with a receipt.
//
// Everything it uses is immutable or thread-safe, so one Accept serves all shards. A message is judged by one set of
// rules from its first byte understood to its answer; the rules are exchanged while the gate is closed and nobody is
// on his way.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "core/adapter/source.h"
#include "core/base/ids.h"
#include "core/journal/history.h"
#include "core/route/access.h"
#include "core/route/rules.h"
#include "core/runtime/body_store.h"
#include "core/runtime/cell_loop.h"
#include "core/runtime/current.h"
#include "core/runtime/gate.h"
#include "core/runtime/quota.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

// An endpoint as the accept path sees it.
struct EndpointPlan {
  std::string name;
  const schema::MessageType* type = nullptr;
  route::UnknownReceiver unknown = route::UnknownReceiver::refuse_all;
  Histogram* accept_time = nullptr;
  mutable std::atomic<Mono> busy_until{Mono{}};  // one was told to come again; until then others are, too
};

// journal::KeyClass that bodies of the type are sealed under.
uint8_t key_class_of(const schema::MessageType& type);
// What somebody is told who was not accepted.
Error answer_error(const engine::AdmitAnswer& answer);

// What the configuration says about accepting. Exchanged as a whole by a reload.
struct AcceptRules {
  std::shared_ptr<const schema::SchemaStore> schemas;
  std::shared_ptr<const route::Router> router;
  std::shared_ptr<const route::AccessRights> rights;
  std::shared_ptr<const route::Principals> principals;
  std::map<std::string, EndpointPlan, std::less<>> endpoints;
};

struct AcceptParts {
  CellLoop* cell = nullptr;
  const DedupeStore* dedupe = nullptr;  // may be null
  BodyStore* bodies = nullptr;
  const journal::WholeLog* log = nullptr;
  Quotas* quotas = nullptr;
  const DiskSpace* disk = nullptr;
  net::ShardPool* pool = nullptr;
  const Clock* clock = nullptr;
  IdSource* ids = nullptr;
  Metrics* metrics = nullptr;
};

class Accept {
 public:
  explicit Accept(AcceptParts parts);
  const AcceptParts& parts() const { return parts_; }
  Gate& gate() { return gate_; }
  // Before the first message, and then with the gate closed.
  void go_by(std::shared_ptr<const AcceptRules> rules) { rules_.exchange(std::move(rules)); }
  std::shared_ptr<const AcceptRules> rules() const { return rules_.get(); }
  // None, or why a message for this endpoint need not even be read.
  std::optional<Error> shed(const EndpointPlan& endpoint);
  // See adapter::Intake::submit. Error unavailable: the endpoint is not configured any more.
  net::Task<Result<adapter::Submitted>> submit(std::string endpoint, adapter::Inbound inbound);

 private:
  net::Task<Result<AcceptedFact>> make_fact(const AcceptRules* rules, const EndpointPlan* endpoint,
                                            const schema::MessageType* type, adapter::Inbound* inbound);
  Result<AcceptedFact> fact_of(const AcceptRules& rules, const EndpointPlan& endpoint, const schema::MessageType& type,
                               adapter::Inbound& inbound);
  AcceptedFact dead_fact(const EndpointPlan& endpoint, const schema::MessageType& type, adapter::Inbound& inbound,
                         const Error& why);
  net::Task<Result<adapter::Submitted>> admit(AcceptedFact fact, bool polled, std::optional<Error> refuse);
  Result<Receipt> first_receipt(Position position) const;

  AcceptParts parts_;
  Gate gate_;
  Current<AcceptRules> rules_;
  Counter &accepted_, &duplicates_, &refused_, &undecoded_;
};

// What one endpoint's source gets. Lives as long as the bus, whatever becomes of its endpoint.
class EndpointIntake final : public adapter::Intake {
 public:
  EndpointIntake(Accept& accept, std::string endpoint) : accept_(accept), endpoint_(std::move(endpoint)) {}
  net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit, bool multipart) override;
  Result<Body> keep(ByteSource& bytes, uint64_t limit) override;
  net::Task<Result<adapter::Submitted>> submit(adapter::Inbound inbound) override;
  Result<std::string> authenticate(std::string_view api_key) const override;
  std::optional<Error> paused() const override;

 private:
  journal::KeyClass key_class() const;

  Accept& accept_;
  std::string endpoint_;
};

}  // namespace lt::runtime
