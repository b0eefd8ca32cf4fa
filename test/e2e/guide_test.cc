// Follows docs/how-to/connect-a-system.md to the letter, in both languages.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <vector>

#include "core/base/env.h"
#include "test/e2e/program.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::test;

namespace {

const std::string kRoot = LT_SOURCE_DIR;
const std::string kMark = "@@@ block ";

struct Block {
  std::string commands, printed;
  bool shown = false;
};

// Every ```sh block and, when one follows it, the ```text block of what it prints.
std::vector<Block> blocks_of(const std::string& file) {
  const std::string text = *read_file(system_env(), kRoot + "/docs/how-to/" + file);
  std::vector<Block> blocks;
  size_t at = 0;
  while ((at = text.find("\n```", at)) != std::string::npos) {
    const size_t line_end = text.find('\n', at + 1);
    const size_t end = text.find("\n```\n", line_end);
    REQUIRE_MESSAGE(end != std::string::npos, file << ": a block without an end");
    const std::string kind = text.substr(at + 4, line_end - at - 4);
    std::string inside = text.substr(line_end + 1, end + 1 - (line_end + 1));
    if (kind == "sh") {
      blocks.push_back({std::move(inside), {}, false});
    } else if (kind == "text") {
      REQUIRE_MESSAGE((!blocks.empty() && !blocks.back().shown), file << ": output of no command");
      blocks.back().printed = std::move(inside);
      blocks.back().shown = true;
    }
    at = end + 4;
  }
  return blocks;
}

// "..." stands for any text, line ends included.
bool matches(std::string_view printed, std::string_view shown) {
  constexpr std::string_view kAny = "...";
  size_t at = 0;
  bool anywhere = false;
  for (;;) {
    const size_t wild = shown.find(kAny);
    const std::string_view part = shown.substr(0, wild);
    if (wild == std::string_view::npos)
      return anywhere ? printed.size() >= at + part.size() && printed.ends_with(part) : printed.substr(at) == part;
    const size_t found = printed.find(part, at);
    if (found == std::string_view::npos || (!anywhere && found != at)) return false;
    at = found + part.size();
    anywhere = true;
    shown.remove_prefix(wild + kAny.size());
    // A line of dots may stand for no line at all.
    if (shown.starts_with('\n') && (part.empty() || part.ends_with('\n'))) shown.remove_prefix(1);
  }
}

// Ports that were free a moment ago; held together so that they differ.
std::vector<std::string> free_ports(size_t count) {
  std::vector<std::string> ports;
  std::vector<int> sockets;
  for (size_t i = 0; i < count; ++i) {
    sockets.push_back(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(sockets.back(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ports.push_back(std::to_string(ntohs(address.sin_port)));
  }
  for (const int each : sockets) ::close(each);
  return ports;
}

}  // namespace

TEST_CASE("the guide: both languages have the same commands") {
  const auto vi = blocks_of("connect-a-system.md"), en = blocks_of("connect-a-system.en.md");
  REQUIRE(vi.size() > 10);
  REQUIRE(vi.size() == en.size());
  for (size_t i = 0; i < vi.size(); ++i) {
    CHECK(vi[i].commands == en[i].commands);
    CHECK(vi[i].printed == en[i].printed);
  }
}

TEST_CASE("the guide: followed to the letter, every command works and prints what the guide shows") {
  CHECK(matches("a\nb\nc\n", "a\n...\nc\n"));
  CHECK_FALSE(matches("a\nb\nd\n", "a\n...\nc\n"));
  CHECK_FALSE(matches("b\na\n", "a\n...\n"));
  const auto blocks = blocks_of("connect-a-system.md");
  Scratch scratch;
  std::string script = "exec 2>&1\nset -eu\ncd '" + scratch.path() + "'\n";
  for (size_t i = 0; i < blocks.size(); ++i)
    script += "echo '" + kMark + std::to_string(i) + "'\n" + blocks[i].commands;
  script += "echo '" + kMark + std::to_string(blocks.size()) + "'\n";
  const std::string file = scratch.path() + "/guide.sh";
  REQUIRE(replace_file(system_env(), file, script));

  const auto ports = free_ports(4);
  const std::string program = LT_PROGRAM;
  const char* path = std::getenv("PATH");
  const std::map<std::string, std::string> environment = {
      {"PATH", program.substr(0, program.rfind('/')) + ":" + (path ? path : "/usr/bin:/bin")},
      {"LIENTHONG_SOURCE", kRoot},
      {"PORT", ports[0]},
      {"ADMIN_PORT", ports[1]},
      {"MINISTRY_PORT", ports[2]},
      {"COMMUNE_PORT", ports[3]}};
  // timeout leads a process group of its own, which is ended whatever the guide left running.
  auto process = cli::Process::start("/usr/bin/timeout", {"60", "bash", file}, environment, "/dev/null");
  REQUIRE(process);
  std::vector<std::string> printed(1);
  std::string all;
  while (auto line = process->read_line()) {
    all += *line + "\n";
    if (line->starts_with(kMark))
      printed.emplace_back();
    else
      printed.back() += *line + "\n";
  }
  // The group outlives its leader as long as one of its processes does, and its number is not given away till then.
  const pid_t group = process->id();
  const int exit_code = process->wait();
  ::kill(-group, SIGKILL);
  CHECK_MESSAGE(exit_code == 0, all);
  REQUIRE_MESSAGE(printed.size() == blocks.size() + 2, all);
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (!blocks[i].shown) continue;
    CHECK_MESSAGE(matches(printed[i + 1], blocks[i].printed), "printed:\n"
                                                                  << printed[i + 1] << "the guide shows:\n"
                                                                  << blocks[i].printed);
  }
}
