// map diff: two versions of a mapping over samples or over stored messages.
#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

#include "core/cli/file_source.h"
#include "core/cli/map.h"
#include "core/cli/stored_messages.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/workshop/diff.h"

namespace lt::cli {
namespace {

constexpr size_t kMostMessages = 100'000;

struct Options {
  workshop::MappingPlace place;
  std::string before, after, data, key_file, as_of;
  std::vector<std::string> on;
};

// "last-100" -> 100.
std::optional<size_t> last_of(const std::string& text) {
  constexpr std::string_view kLast = "last-";
  size_t count = 0;
  if (!text.starts_with(kLast)) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto [stop, bad] = std::from_chars(text.data() + kLast.size(), end, count);
  if (bad != std::errc() || stop != end || count == 0) return std::nullopt;
  return std::min(count, kMostMessages);
}

class Comparison {
 public:
  Comparison(const mapping::Mapping& before, const mapping::Mapping& after) : before_(before), after_(after) {}

  void add(const std::string& name, const Node* document, const mapping::RunContext& context) {
    const auto one = workshop::diff(before_, after_, document, name, context);
    summary_.add(one);
    std::cout << one.text();
  }
  Result<void> add_file(const std::string& path, const mapping::RunContext& context) {
    LT_ASSIGN(const auto source, open_file_source(system_env(), path));
    Tree tree;
    const auto read = before_.source_is_xml() ? codec::parse_xml(*source, tree) : codec::parse_json(*source, tree);
    if (!read) {
      Error error = read.error();
      error.place.file = path;
      return fail(std::move(error));
    }
    add(path, tree.root(), context);
    return {};
  }
  int finish() const {
    std::cout << summary_.text() << std::flush;
    return summary_.changed() ? kFailure : kOk;
  }

 private:
  const mapping::Mapping& before_;
  const mapping::Mapping& after_;
  workshop::DiffSummary summary_;
};

int on_stored(const Options& options, const OpenedMapping& opened, size_t last, Comparison& comparison) {
  config::Diagnostics diagnostics;
  const auto types = schema::SchemaStore::load(system_env(), opened.schemas, diagnostics);
  if (!types) {
    std::cerr << diagnostics.text();
    return kBadConfiguration;
  }
  StoredQuery query;
  query.data = options.data;
  query.key_file = options.key_file;
  query.last = last;
  query.mapping = opened.mapping->name();
  query.source = opened.entry.parts.source;
  query.source_schema = opened.mapping->source_schema();
  const auto counts = read_stored(system_env(), *types, query,
                                  [&](const std::string& name, const Node* document,
                                      const mapping::RunContext& context) { comparison.add(name, document, context); });
  if (!counts) return report_failure(counts.error());
  std::cout << "Thông điệp / messages: " << counts->messages << "; tài liệu / documents: " << counts->documents
            << "; không có khóa / sealed: " << counts->sealed << "; không đọc được / unreadable: " << counts->unreadable
            << "\n";
  const int code = comparison.finish();
  // Nothing compared proves nothing.
  if (counts->documents > 0 || code != kOk) return code;
  return report_failure(Error(Code::no_such_message, "no message of " + query.mapping + " in " + options.data, {},
                              counts->sealed > 0 ? "name the key with --master-key" : "check --data"));
}

int compare(const Options& options) {
  int code = kOk;
  const auto before = open_for_command(options.place, options.before, false, code);
  if (!before) return code;
  const auto after = open_for_command(options.place, options.after, false, code);
  if (!after) return code;
  if (before->mapping->source_is_xml() != after->mapping->source_is_xml() ||
      before->mapping->target_is_xml() != after->mapping->target_is_xml()) {
    report_failure(Error(Code::usage, "the two mappings read or write different formats"));
    return kUsage;
  }
  Comparison comparison(*before->mapping, *after->mapping);
  const auto last = options.on.size() == 1 ? last_of(options.on[0]) : std::nullopt;
  if (last.has_value() == options.data.empty()) {
    report_failure(Error(Code::usage, "--on last-N and --data go together"));
    return kUsage;
  }
  if (last) return on_stored(options, *before, *last, comparison);
  const SampleContext context(options.as_of);
  for (const std::string& path : options.on)
    if (auto done = comparison.add_file(path, context.run); !done) return report_failure(done.error());
  return comparison.finish();
}

}  // namespace

void add_map_diff(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = group.add_subcommand(
      "diff", "What changes between two versions of a mapping; exit code 1 when anything does. Shows values");
  command->add_option("old", options->before, "file or name")->required();
  command->add_option("new", options->after, "file or name")->required();
  command->add_option("--on", options->on, "sample files, or last-N: the last N stored messages")->required();
  command->add_option("--data", options->data, "data directory of a bus, running or not, for last-N");
  command->add_option("--master-key", options->key_file,
                      "file of the master key, for sealed bodies; default: master.key of the data directory");
  command->add_option("--as-of", options->as_of, "day that tables are read as of with files; default: today")
      ->check(check_day);
  add_mapping_place(*command, options->place);
  command->footer(
      "  lienthong map diff old.map.yaml new.map.yaml --on samples/*.json\n  lienthong map diff old.map.yaml "
      "new.map.yaml --on last-1000 --data /var/lib/lienthong");
  command->callback([options, &chosen] { chosen = [options] { return compare(*options); }; });
}

}  // namespace lt::cli
