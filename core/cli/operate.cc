// The commands by which a person acts on a running bus: replay, discard, confirm; pause, resume, drain.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/cli/admin_client.h"
#include "core/cli/command.h"
#include "core/net/http.h"

namespace lt::cli {
namespace {

struct Act {
  AdminOptions admin;
  std::string what, name, by, why;  // what: of a control, "destination", "partner" or "route"
  bool out_of_order = false;
};

int act(const Act& options, const std::string& action) {
  std::string body = "{\"by\":";
  quote_json(options.by, body);
  body += ",\"why\":";
  quote_json(options.why, body);
  body += options.out_of_order ? ",\"out_of_order\":true}" : "}";
  const std::string group = options.what.empty() ? "deliveries" : options.what + "s";
  AdminClient client(options.admin.url);
  auto answer = client.post("/api/v1/" + group + "/" + percent_encode(options.name) + "/" + action, std::move(body));
  if (!answer) return report_failure(answer.error());
  if (!answer->good()) return report_refusal(*answer, options.admin.json);
  if (options.admin.json)
    std::cout << answer->body << std::endl;
  else
    std::cout << "Đã ghi / recorded: " << action << " " << (options.what.empty() ? "" : options.what + " ")
              << options.name << std::endl;
  return kOk;
}

void add_person(CLI::App& command, Act& options) {
  command.add_option("--by", options.by, "who does this")->required();
  command.add_option("--why", options.why, "the reason, kept for ever")->required();
  add_admin_options(command, options.admin);
}

void add_of_delivery(CLI::App& app, Action& chosen, const std::string& name, const std::string& about) {
  auto options = std::make_shared<Act>();
  auto* command = app.add_subcommand(name, about);
  command->add_option("delivery", options->name, "id of the delivery, as `lienthong message` shows it: 0:4711/2")
      ->required();
  add_person(*command, *options);
  if (name == "replay")
    command->add_flag("--out-of-order", options->out_of_order, "also when later ones of its key were delivered");
  command->footer("  lienthong " + name + " 0:4711/2 --by \"Nguyễn Lan\" --why \"đã hỏi bên nhận\"");
  command->callback([options, name, &chosen] { chosen = [options, name] { return act(*options, name); }; });
}

void add_control(CLI::App& app, Action& chosen, const std::string& name, const std::string& about) {
  auto options = std::make_shared<Act>();
  auto* command = app.add_subcommand(name, about);
  command->add_option("what", options->what, "destination, partner or route")
      ->required()
      ->check(CLI::IsMember({"destination", "partner", "route"}));
  command->add_option("name", options->name, "its name in the configuration")->required();
  add_person(*command, *options);
  command->footer("  lienthong " + name + " partner judicial --by \"Nguyễn Lan\" --why \"bảo trì đường truyền\"");
  command->callback([options, name, &chosen] { chosen = [options, name] { return act(*options, name); }; });
}

}  // namespace

void add_operate(CLI::App& app, Action& chosen) {
  add_of_delivery(app, chosen, "replay", "Send a delivery again that is dead, held, unknown or waiting");
  add_of_delivery(app, chosen, "discard", "Give a delivery up for good");
  add_of_delivery(app, chosen, "confirm", "Settle a doubt: the partner has it, somebody asked");
  add_control(app, chosen, "pause", "Accept and keep what is for a destination, partner or route; send nothing");
  add_control(app, chosen, "resume", "End pause and drain");
  add_control(app, chosen, "drain", "Accept nothing more for a destination, partner or route; send what waits");
}

}  // namespace lt::cli
