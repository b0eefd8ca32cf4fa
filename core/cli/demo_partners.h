// The simulated partners of the demo and the bus between them, each a process of its own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/cli/call.h"
#include "core/cli/process.h"
#include "core/message/tree.h"

namespace lt::cli {

// What a partner reports of itself (see core/adapter/simulator.h).
struct Report {
  Tree tree;
  int64_t number(std::string_view name) const;
  bool flag(std::string_view name) const;
  const Node* object(std::string_view name) const;
};

struct DemoOptions {
  std::string home;  // directory with conf/, schemas/, mappings/
  std::string data;  // made anew
  int64_t messages = 200;
  std::string down;  // partner that stays down until the others are done; "" = none
};

class DemoPartners {
 public:
  // Starts the partners, then the bus, then tells the partners to begin.
  static Result<std::unique_ptr<DemoPartners>> start(const DemoOptions& options);
  ~DemoPartners();  // ends all of them

  static const std::vector<std::string>& names();
  Result<Report> report(const std::string& partner);
  Result<void> control(const std::string& partner, const std::string& settings);
  // What the bus says of its lanes (GET /api/v1/lanes).
  Result<Report> lanes();
  bool bus_runs() { return bus_.running(); }
  std::string url(const std::string& partner) const { return urls_.at(partner); }
  std::string bus_url() const { return bus_url_; }
  std::string admin_url() const { return admin_url_; }

 private:
  Result<void> start_partner(const std::string& name, const std::string& kind, const std::string& settings);
  Result<void> start_bus(const DemoOptions& options);
  Result<void> begin(const DemoOptions& options);
  Result<Report> read(const std::string& url);

  Caller caller_;
  std::string logs_;
  std::map<std::string, Process> partners_;
  std::map<std::string, std::string> urls_;
  Process bus_;
  std::string bus_url_, admin_url_;
};

}  // namespace lt::cli
