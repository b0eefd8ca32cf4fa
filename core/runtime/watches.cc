#include "core/runtime/watches.h"

#include "core/net/promise.h"

namespace lt::runtime {

net::Task<std::vector<WatchChange>> CellWatches::open(std::string set) {
  net::Promise<std::vector<WatchChange>> promise;
  auto future = promise.future();
  cell_.inspect([promise, set](const engine::Cell& cell) mutable { promise.set(cell.watches(set)); });
  co_return co_await future.wait();
}

net::Task<std::string> CellWatches::cursor(std::string source) {
  net::Promise<std::string> promise;
  auto future = promise.future();
  cell_.inspect([promise, source](const engine::Cell& cell) mutable { promise.set(cell.cursor(source)); });
  co_return co_await future.wait();
}

}  // namespace lt::runtime
