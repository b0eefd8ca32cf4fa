#include "test/bench/side.h"

#include <fstream>
#include <stdexcept>

#include "test/bench/http.h"

namespace lt::bench {

namespace fs = std::filesystem;

Sink::Sink(const std::string& self, const fs::path& directory)
    : child_({self, "sink"}, {}, (directory / "sink.log").string()),
      port_(static_cast<uint16_t>(std::stoul(child_.first_line()))) {}

std::pair<uint64_t, uint64_t> Sink::figures() const {
  const std::string text = fetch(port_, "/figures");
  size_t used = 0;
  const uint64_t deliveries = std::stoull(text, &used);
  return {deliveries, std::stoull(text.substr(used))};
}

Side start_stick(const std::string& self, const fs::path& directory, uint16_t sink_port) {
  Side side;
  side.log = (directory / "log").string();
  side.child = std::make_unique<Child>(
      std::vector<std::string>{self, "stick", std::to_string(sink_port), (directory / "journal").string()},
      std::vector<std::string>{}, side.log);
  side.port = static_cast<uint16_t>(std::stoul(side.child->first_line()));
  return side;
}

Side start_product(const fs::path& directory, uint16_t sink_port, const std::string& sink_class,
                   const std::string& program) {
  Side side;
  side.log = (directory / "log").string();
  side.child = std::make_unique<Child>(
      std::vector<std::string>{program, "run", std::string(LT_SOURCE_DIR) + "/conf/bench"},
      std::vector<std::string>{"LIENTHONG_DATA=" + (directory / "data").string(), "LIENTHONG_LISTEN=127.0.0.1:0",
                               "LIENTHONG_ADMIN_LISTEN=127.0.0.1:0",
                               "BENCH_SINK=http://127.0.0.1:" + std::to_string(sink_port), "BENCH_CLASS=" + sink_class},
      side.log);
  const std::string& line = side.child->first_line();
  const size_t at = line.find("\"main\":");
  if (at == line.npos) throw std::runtime_error("no port in " + line);
  side.port = static_cast<uint16_t>(std::stoul(line.substr(at + 7)));
  return side;
}

double logged(const std::string& log, const std::string& name) {
  std::ifstream file(log);
  double value = 0;
  for (std::string line; std::getline(file, line);)
    if (const size_t at = line.rfind("\"" + name + "\":"); at != line.npos)
      value = std::stod(line.substr(at + name.size() + 3));
  return value;
}

std::string dossier_file() { return std::string(LT_SOURCE_DIR) + "/schemas/bench/dossier.json"; }

}  // namespace lt::bench
