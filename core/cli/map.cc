// lienthong map: the group, and what its subcommands share.
#include "core/cli/map.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>

#include "core/base/clock.h"
#include "core/schema/code_table.h"

namespace lt::cli {

void add_map(CLI::App& app, Action& chosen) {
  auto* group =
      app.add_subcommand("map", "Viết, kiểm tra và giải thích ánh xạ / write, test, explain and compare mappings");
  group->require_subcommand(1);
  add_map_test(*group, chosen);
  add_map_try(*group, chosen);
  add_map_explain(*group, chosen);
  add_map_diff(*group, chosen);
  add_map_prove(*group, chosen);
  add_map_fmt(*group, chosen);
  add_map_sheet(*group, chosen);
  add_map_draft(*group, chosen);
  add_map_complete(*group, chosen);
  add_map_schema(*group, chosen);
}

void add_mapping_place(CLI::App& command, workshop::MappingPlace& place) {
  command.add_option("--mappings", place.mappings, "folder in which names are looked up")->capture_default_str();
  add_schemas_place(command, place);
}

void add_schemas_place(CLI::App& command, workshop::MappingPlace& place) {
  command.add_option("--schemas", place.schemas, "folder of the schemas; found upwards from the file when not given");
}

std::unique_ptr<OpenedMapping> open_for_command(const workshop::MappingPlace& place, const std::string& named,
                                                bool reverse, int& code) {
  config::Diagnostics diagnostics;
  auto opened = std::make_unique<OpenedMapping>();
  auto entry = workshop::open_mapping(system_env(), place, named, diagnostics);
  if (!entry) {
    code = report_failure(entry.error());
    return nullptr;
  }
  std::cerr << diagnostics.text();
  if (!diagnostics.ok() || !entry->mapping) {
    code = kBadConfiguration;
    return nullptr;
  }
  opened->entry = std::move(*entry);
  opened->mapping = opened->entry.mapping;
  if (auto schemas = workshop::schemas_for(system_env(), place, opened->entry.file.file))
    opened->schemas = std::move(*schemas);
  if (!reverse) return opened;
  auto back = workshop::way_back(opened->entry);
  if (!back) {
    code = report_failure(back.error());
    return nullptr;
  }
  tell_if_lossy(opened->entry, **back);
  opened->mapping = std::move(*back);
  return opened;
}

Result<std::string> read_sample(const std::string& path) {
  if (path != "-") return read_file(system_env(), path);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

SampleContext::SampleContext(const std::string& as_of) {
  const Wall now = system_clock().wall();
  accepted = format_rfc3339(now);
  const auto today = std::chrono::floor<std::chrono::days>(now + kVietnamOffset).time_since_epoch().count();
  const auto day = as_of.empty() ? std::optional<schema::Day>() : schema::parse_day(as_of);
  run.as_of = day.value_or(static_cast<schema::Day>(today));
  run.message_id = "sample-message";
  run.accepted_at = accepted;
}

void tell_if_lossy(const mapping::MappingStore::Entry& entry, const mapping::Mapping& back) {
  if (&back == entry.reverse.get()) return;
  std::cerr
      << "Chiều ngược có mất dữ liệu: trường bắt buộc có thể thiếu / the reverse is lossy: required fields may be "
         "missing"
      << std::endl;
}

std::string check_day(const std::string& text) {
  return text.size() == 10 && schema::parse_day(text) ? std::string() : "a day looks like 2026-07-01";
}

}  // namespace lt::cli
