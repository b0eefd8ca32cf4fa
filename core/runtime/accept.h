// The accept path: understand, check rights, route, admit, wait for the disk, answer with a receipt.
//
// Everything it uses is immutable or thread-safe, so one Accept serves all shards.
#pragma once

#include <memory>
#include <string>

#include "core/adapter/source.h"
#include "core/base/ids.h"
#include "core/journal/history.h"
#include "core/route/access.h"
#include "core/route/rules.h"
#include "core/runtime/body_store.h"
#include "core/runtime/cell_loop.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

// An endpoint as the accept path sees it.
struct EndpointPlan {
  std::string name;
  const schema::MessageType* type = nullptr;
  route::UnknownReceiver unknown = route::UnknownReceiver::refuse_all;
  Histogram* accept_time = nullptr;
};

struct AcceptParts {
  std::shared_ptr<const schema::SchemaStore> schemas;
  std::shared_ptr<const route::Router> router;
  std::shared_ptr<const route::AccessRights> rights;
  std::shared_ptr<const route::Principals> principals;
  CellLoop* cell = nullptr;
  BodyStore* bodies = nullptr;
  const journal::WholeLog* log = nullptr;
  net::ShardPool* pool = nullptr;
  const Clock* clock = nullptr;
  IdSource* ids = nullptr;
  Metrics* metrics = nullptr;
};

class Accept {
 public:
  explicit Accept(AcceptParts parts);
  const AcceptParts& parts() const { return parts_; }
  // See adapter::Intake::submit.
  net::Task<Result<adapter::Submitted>> submit(const EndpointPlan* endpoint, adapter::Inbound inbound);

 private:
  net::Task<Result<AcceptedFact>> make_fact(const EndpointPlan* endpoint, const schema::MessageType* type,
                                            adapter::Inbound* inbound);
  Result<AcceptedFact> fact_of(const EndpointPlan& endpoint, const schema::MessageType& type,
                               adapter::Inbound& inbound);
  AcceptedFact dead_fact(const EndpointPlan& endpoint, const schema::MessageType& type, adapter::Inbound& inbound,
                         const Error& why);
  net::Task<Result<adapter::Submitted>> admit(AcceptedFact fact, bool polled);
  Result<Receipt> first_receipt(Position position) const;

  AcceptParts parts_;
  Counter &accepted_, &duplicates_, &refused_, &undecoded_;
};

// What one endpoint's source gets.
class EndpointIntake final : public adapter::Intake {
 public:
  EndpointIntake(Accept& accept, EndpointPlan plan) : accept_(accept), plan_(std::move(plan)) {}
  net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit) override;
  Result<Body> keep(ByteSource& bytes, uint64_t limit) override;
  net::Task<Result<adapter::Submitted>> submit(adapter::Inbound inbound) override;
  Result<std::string> authenticate(std::string_view api_key) const override;

 private:
  Accept& accept_;
  EndpointPlan plan_;
};

}  // namespace lt::runtime
