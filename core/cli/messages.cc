// The commands that ask a running bus: messages, message, dossier, status.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/text.h"
#include "core/cli/admin_client.h"
#include "core/cli/admin_text.h"
#include "core/cli/command.h"
#include "core/cli/table.h"
#include "core/codec/json.h"
#include "core/net/http.h"

namespace lt::cli {
namespace {

struct Common {
  AdminOptions admin;
  bool english = false;
  TextOptions text() const { return {colours_wanted(), english}; }
};

void add_common(CLI::App& command, Common& common) {
  add_admin_options(command, common.admin);
  command.add_flag("--en", common.english, "sentences and titles in English");
}

// Asks, prints the answer as JSON or as `show` writes it.
int ask(const Common& common, const std::string& target, std::string (*show)(const Node*, const TextOptions&)) {
  AdminClient client(common.admin.url);
  auto answer = client.get(target);
  if (!answer) return report_failure(answer.error());
  if (!answer->good()) return report_refusal(*answer, common.admin.json);
  const std::string text = show(answer->tree.root(), common.text());
  if (common.admin.json)
    std::cout << answer->body << std::endl;
  else
    std::cout << text << std::flush;
  if (!text.empty()) return kOk;
  return report_failure(Error(Code::no_such_message, "nothing known under this key"));
}

using Filter = std::map<std::string, std::string>;  // parameter of the API -> value

std::string target_of(std::string path, const Filter& filter) {
  char mark = '?';
  for (const auto& [name, value] : filter) {
    if (value.empty()) continue;
    path += mark + name + "=" + percent_encode(value);
    mark = '&';
  }
  return path;
}

void add_list(CLI::App& app, Action& chosen) {
  auto common = std::make_shared<Common>();
  auto filter = std::make_shared<Filter>();
  auto* command = app.add_subcommand("messages", "Search messages, newest first");
  const auto add = [&](const std::string& name, const std::string& about) {
    return command->add_option("--" + name, (*filter)[name], about);
  };
  add("key", "dossier code, document number, partner's number; without tone marks too");
  add("match", "exact, prefix or substring")->check(CLI::IsMember({"exact", "prefix", "substring"}));
  add("from", "sender's agency code, and all below it");
  add("to", "receiver's agency code, and all below it; or a destination");
  add("type", "message type, or a whole system: onestop/");
  add("endpoint", "where it came in");
  add("destination", "where it goes");
  add("state", "a delivery is in this state: dead, held, unknown, ...");
  add("code", "last error of a delivery: LT-5021");
  add("since", "date or RFC 3339");
  add("until", "date (that day included) or RFC 3339");
  add("limit", "how many, 1 to 500");
  add("cursor", "go on from there");
  add_common(*command, *common);
  command->footer(
      "  lienthong messages --state dead --since 2026-11-20\n  lienthong messages --key H49.01-261120 --match prefix "
      "--json");
  command->callback([common, filter, &chosen] {
    chosen = [common, filter] { return ask(*common, target_of("/api/v1/messages", *filter), messages_text); };
  });
}

void add_one(CLI::App& app, Action& chosen) {
  auto common = std::make_shared<Common>();
  auto id = std::make_shared<std::string>();
  auto* command = app.add_subcommand("message", "Everything about one message and its deliveries");
  command->add_option("id", *id, "id of the message")->required();
  add_common(*command, *common);
  command->footer("  lienthong message 019aa1b2-...");
  command->callback([common, id, &chosen] {
    chosen = [common, id] { return ask(*common, "/api/v1/messages/" + percent_encode(*id), message_text); };
  });
}

void add_dossier(CLI::App& app, Action& chosen) {
  auto common = std::make_shared<Common>();
  auto key = std::make_shared<std::string>();
  auto* command = app.add_subcommand("dossier", "The whole story of a dossier or a document");
  command->add_option("key", *key, "dossier code, document number or partner's number")->required();
  add_common(*command, *common);
  command->footer("  lienthong dossier H49.01-261120-00001");
  command->callback([common, key, &chosen] {
    chosen = [common, key] { return ask(*common, target_of("/api/v1/timeline", {{"key", *key}}), timeline_text); };
  });
}

int status(const Common& common) {
  AdminClient client(common.admin.url);
  auto status = client.get("/api/v1/status");
  if (!status) return report_failure(status.error());
  if (!status->good()) return report_refusal(*status, common.admin.json);
  auto lanes = client.get("/api/v1/lanes");
  if (!lanes) return report_failure(lanes.error());
  auto controls = client.get("/api/v1/controls");
  if (!controls) return report_failure(controls.error());
  const bool ready = text_of(status->tree.root(), "ready") == "true";
  if (common.admin.json)
    std::cout << "{\"status\":" << status->body << ",\"lanes\":" << (lanes->good() ? lanes->body : "null")
              << ",\"controls\":" << (controls->good() ? controls->body : "null") << "}" << std::endl;
  else
    std::cout << status_text(status->tree.root(), lanes->good() ? lanes->tree.root() : nullptr,
                             controls->good() ? controls->tree.root() : nullptr, common.text())
              << std::flush;
  if (!lanes->good()) return report_refusal(*lanes, common.admin.json);
  return ready ? kOk : kFailure;
}

void add_status(CLI::App& app, Action& chosen) {
  auto common = std::make_shared<Common>();
  auto* command =
      app.add_subcommand("status", "Is it ready, how far is the catalog, what waits where; exit code 1 when not ready");
  add_common(*command, *common);
  command->footer("  lienthong status --admin http://127.0.0.1:9090");
  command->callback([common, &chosen] { chosen = [common] { return status(*common); }; });
}

}  // namespace

void add_messages(CLI::App& app, Action& chosen) {
  add_list(app, chosen);
  add_one(app, chosen);
  add_dossier(app, chosen);
  add_status(app, chosen);
}

}  // namespace lt::cli
