// The rules of the house that a compiler does not see: who may include whom, how long files get, what must not be
// written.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = LT_SOURCE_DIR;

// A room of core/ includes itself and the rooms before it.
const std::vector<std::string> kRooms = {"base",   "message",  "config",  "codec",   "schema",  "mapping",
                                         "proof",  "workshop", "journal", "blob",    "catalog", "route",
                                         "engine", "net",      "adapter", "runtime", "admin",   "cli"};
// What an adapter may see of core/.
const std::set<std::string> kSeenByAdapters = {"adapter", "base", "message", "config", "codec", "blob", "net"};

constexpr size_t kLongestFile = 500, kLongestHeader = 170;
// Headers that may be longer, and why.
const std::map<std::string, std::string> kLongHeaders = {{"core/config/spec_fields.h", "bodies of templates"}};

struct SourceFile {
  std::string path;  // from the root
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Below `folder`, without what is built or downloaded.
std::vector<SourceFile> files_below(const std::string& folder, const std::set<std::string>& extensions) {
  std::vector<SourceFile> out;
  for (auto at = fs::recursive_directory_iterator(kRoot / folder); at != fs::recursive_directory_iterator(); ++at) {
    const std::string name = at->path().filename().string();
    if (at->is_directory() && (name.starts_with('.') || name.starts_with("build"))) {
      at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file()) continue;
    if (!extensions.empty() && !extensions.contains(at->path().extension().string())) continue;
    out.push_back({fs::relative(at->path(), kRoot).generic_string(), lines_of(at->path())});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

const std::vector<SourceFile>& sources() {
  static const auto all = [] {
    auto out = files_below("core", {".h", ".cc"});
    for (auto& file : files_below("adapters", {".h", ".cc"})) out.push_back(std::move(file));
    return out;
  }();
  return all;
}

struct Include {
  const SourceFile* file;
  size_t line;
  std::string what;
};

std::vector<Include> includes() {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> out;
  for (const auto& file : sources()) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (std::regex_search(file.lines[i], match, pattern)) out.push_back({&file, i + 1, match[1]});
    }
  }
  return out;
}

std::string at(const Include& include) {
  return include.file->path + ':' + std::to_string(include.line) + " includes " + include.what;
}

// "core/net/x.h" -> {"core", "net"}; {"", ""} for what is not of this tree.
std::pair<std::string, std::string> place_of(const std::string& path) {
  const size_t first = path.find('/');
  const size_t second = first == std::string::npos ? first : path.find('/', first + 1);
  if (second == std::string::npos) return {};
  const std::string top = path.substr(0, first);
  if (top != "core" && top != "adapters" && top != "test") return {};
  return {top, path.substr(first + 1, second - first - 1)};
}

size_t floor_of(const std::string& room) {
  return static_cast<size_t>(std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin());
}

}  // namespace

TEST_CASE("every room of core stands in the list, and every room and adapter has a README") {
  REQUIRE(sources().size() > 100);
  for (const auto& entry : fs::directory_iterator(kRoot / "core")) {
    if (!entry.is_directory()) continue;
    const std::string room = entry.path().filename().string();
    CAPTURE(room);
    CHECK(floor_of(room) < kRooms.size());
    CHECK(fs::exists(entry.path() / "README.md"));
  }
  for (const auto& entry : fs::directory_iterator(kRoot / "adapters")) {
    if (!entry.is_directory()) continue;
    const std::string adapter = entry.path().filename().string();
    CAPTURE(adapter);
    CHECK(fs::exists(entry.path() / "README.md"));
  }
}

TEST_CASE(
    "core includes downwards only, and never an adapter; adapters see their own folder and the rooms made for them") {
  for (const auto& include : includes()) {
    const auto [top, room] = place_of(include.file->path);
    const auto [seen_top, seen_room] = place_of(include.what);
    if (seen_top.empty()) continue;
    CAPTURE(at(include));
    CHECK(seen_top != "test");
    if (top == "core") {
      CHECK(seen_top == "core");
      CHECK(floor_of(seen_room) <= floor_of(room));
    } else if (seen_top == "core") {
      CHECK(kSeenByAdapters.contains(seen_room));
    } else {
      CHECK(seen_room == room);
    }
  }
}

TEST_CASE("folders do not include each other in circles") {
  std::map<std::string, std::set<std::string>> seen;
  for (const auto& include : includes()) {
    const auto from = place_of(include.file->path), to = place_of(include.what);
    if (!to.first.empty() && from != to) seen[from.first + '/' + from.second].insert(to.first + '/' + to.second);
  }
  enum class Mark { none, under_way, done };
  std::map<std::string, Mark> marks;
  std::function<void(const std::string&, const std::string&)> walk = [&](const std::string& folder,
                                                                         const std::string& trail) {
    if (marks[folder] == Mark::done) return;
    if (marks[folder] == Mark::under_way) {
      FAIL_CHECK(std::string("a circle: " + trail + folder));
      return;
    }
    marks[folder] = Mark::under_way;
    for (const auto& next : seen[folder]) walk(next, trail + folder + " -> ");
    marks[folder] = Mark::done;
  };
  std::vector<std::string> folders;
  for (const auto& [folder, others] : seen) folders.push_back(folder);
  for (const auto& folder : folders) walk(folder, "");
}

TEST_CASE("Asio and Beast stay inside core/net") {
  for (const auto& include : includes()) {
    if (!include.what.starts_with("boost/asio") && !include.what.starts_with("boost/beast")) continue;
    CAPTURE(at(include));
    CHECK(include.file->path.starts_with("core/net/"));
  }
}

TEST_CASE("files stay short") {
  auto all = sources();
  for (auto& file : files_below("test", {".h", ".cc"})) all.push_back(std::move(file));
  for (const auto& file : all) {
    CAPTURE(file.path);
    CHECK(file.lines.size() <= kLongestFile);
    const bool header =
        file.path.ends_with(".h") && !file.path.starts_with("test/") && !kLongHeaders.contains(file.path);
    if (header) CHECK(file.lines.size() <= kLongestHeader);
  }
}

TEST_CASE("nothing is left to do and nothing is only pretended") {
  static const std::regex banned(R"(\b(TODO|FIXME|XXX|HACK)\b|not implemented|\b[Pp]laceholder)");
  static const std::set<std::string> texts = {".h",   ".cc",  ".cpp",   ".md", ".yaml", ".yml", ".json",
                                              ".txt", ".csv", ".cmake", ".sh", ".in",   ""};
  for (const auto& file : files_below(".", texts)) {
    // XXX is a letter of date patterns there.
    if (file.path.starts_with("test/") || file.path.starts_with("core/mapping/date_pattern.")) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].size() > 10'000 || !std::regex_search(file.lines[i], banned)) continue;
      FAIL_CHECK(std::string(file.path + ':' + std::to_string(i + 1) + ": " + file.lines[i]));
    }
  }
}

TEST_CASE("each test that the README names as proof exists") {
  static const std::regex named(R"re(`([a-z0-9_/]+_test\.cc)` "((?:[^"\\]|\\.)+)")re");
  size_t found = 0;
  for (const std::string& line : lines_of(kRoot / "README.md")) {
    for (auto at = std::sregex_iterator(line.begin(), line.end(), named); at != std::sregex_iterator(); ++at) {
      const std::string file = (*at)[1], name = (*at)[2];
      CAPTURE(file);
      CAPTURE(name);
      const fs::path core = kRoot / "test/core" / file;
      bool exists = false;
      for (const std::string& text : lines_of(fs::exists(core) ? core : kRoot / "test" / file)) {
        exists = exists || text.find('"' + name + '"') != std::string::npos;
      }
      CHECK(exists);
      ++found;
    }
  }
  CHECK(found > 20);
}
