// Has a running bus read its configuration again.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/admin_client.h"
#include "core/cli/command.h"
#include "core/message/tree.h"

namespace lt::cli {
namespace {

int reload(const AdminOptions& options) {
  AdminClient client(options.url);
  auto answer = client.post("/api/v1/reload", "{}");
  if (!answer) return report_failure(answer.error());
  if (!answer->good()) return report_refusal(*answer, options.json);
  if (options.json) {
    std::cout << answer->body << std::endl;
    return kOk;
  }
  const Node* root = answer->tree.root();
  std::cout << "Đã nạp lại / reloaded: " << text_of(root, "config_hash") << "\n";
  for (const char* list : {"added", "removed"})
    for (const Node* item = root->find(list)->first; item; item = item->next)
      std::cout << (list[0] == 'a' ? "  + " : "  - ") << item->text << "\n";
  std::cout << std::flush;
  return kOk;
}

}  // namespace

void add_reload(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<AdminOptions>();
  auto* command = app.add_subcommand("reload", "Have a running bus read its configuration again");
  add_admin_options(*command, *options);
  command->footer(
      "  lienthong reload --admin http://127.0.0.1:9090\nRefused as a whole when anything is wrong or deliveries would "
      "be "
      "stranded; the old configuration then stays.");
  command->callback([options, &chosen] { chosen = [options] { return reload(*options); }; });
}

}  // namespace lt::cli
