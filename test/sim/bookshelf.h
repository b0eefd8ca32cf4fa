// The catalog of a simulated machine: the real projector on real files, because SQLite brings its own.
//
// It is fed as the runtime feeds it, dies with the process, and catches up from the journal. What it writes is done
// before the world goes on, so that its thread changes nothing in a history.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/metrics.h"
#include "core/catalog/catalog.h"
#include "test/support/scratch.h"

namespace lt::journal {
class History;
class Journal;
}  // namespace lt::journal

namespace lt::sim {

class Bookshelf {
 public:
  explicit Bookshelf(const Clock& clock) : clock_(clock) {}
  ~Bookshelf();
  void open(const journal::Journal& journal, const journal::History* history);
  void close();
  // A durable fact; handed over with others, as in the runtime.
  void note(Position position, Wall written, const Fact& fact);
  void hand_over();
  // Does it answer as a catalog made anew from the journal, and does it show these deliveries? What is wrong, or "".
  std::string audit(const journal::Journal& journal, const journal::History* history,
                    const std::map<uint64_t, Id>& messages, const std::map<DeliveryId, DeliveryState>& states);

 private:
  const Clock& clock_;
  Metrics metrics_;
  test::Scratch folder_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::vector<catalog::Entry> batch_;
};

}  // namespace lt::sim
