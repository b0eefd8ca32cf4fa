// Open requests and cursors, asked of the cell.
#pragma once

#include "core/adapter/services.h"
#include "core/runtime/cell_loop.h"

namespace lt::runtime {

class CellWatches final : public adapter::Watches {
 public:
  explicit CellWatches(CellLoop& cell) : cell_(cell) {}
  net::Task<std::vector<WatchChange>> open(std::string set) override;
  net::Task<std::string> cursor(std::string source) override;

 private:
  CellLoop& cell_;
};

}  // namespace lt::runtime
