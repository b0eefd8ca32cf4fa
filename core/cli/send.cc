// send: a file to an endpoint, as a sender's system would.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/admin_client.h"
#include "core/cli/command.h"
#include "core/cli/file_source.h"
#include "core/cli/table.h"
#include "core/codec/json.h"

namespace lt::cli {
namespace {

struct Options {
  std::string url, file, key, key_file, idempotency_key, type, to;
  bool json = false;
};

Result<std::string> key_of(const Options& options) {
  if (options.key_file.empty()) return options.key;
  LT_ASSIGN(std::string key, read_file(system_env(), options.key_file, 4096));
  while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
  return key;
}

Result<Answer> post(const Options& options) {
  LT_ASSIGN(const std::string key, key_of(options));
  net::Call call;
  call.url = options.url;
  LT_ASSIGN(call.stream, open_file_source(system_env(), options.file));
  call.headers.set("Content-Type", options.type.empty() ? std::string(content_type_of(options.file)) : options.type);
  if (!key.empty()) call.headers.set("X-API-Key", key);
  if (!options.idempotency_key.empty()) call.headers.set("Idempotency-Key", options.idempotency_key);
  if (!options.to.empty()) call.headers.set("X-To", options.to);
  Caller caller;
  LT_ASSIGN(net::Response response, caller.call(std::move(call)));
  Answer answer;
  answer.status = response.status;
  answer.body = std::move(response.body);
  // An answer that is no JSON is shown as it is.
  static_cast<void>(codec::parse_json(answer.body, answer.tree));
  return answer;
}

int send(const Options& options) {
  auto answer = post(options);
  if (!answer) return report_failure(answer.error());
  if (!answer->good()) {
    report_refusal(*answer, options.json);  // a 400 is about the file, not about how the command was used
    return kFailure;
  }
  if (options.json || !answer->tree.root() || text_of(answer->tree.root(), "receipt_id").empty()) {
    std::cout << answer->body << std::endl;
    return kOk;
  }
  std::cout << "Đã nhận / accepted\n";
  for (const Node* member = answer->tree.root()->first; member; member = member->next)
    std::cout << "  " << member->name << ": " << printable(member->text) << "\n";
  std::cout << std::flush;
  return kOk;
}

}  // namespace

void add_send(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("send", "Post a file to an endpoint and print the receipt, or why it was refused");
  command->add_option("url", options->url, "of the endpoint")->required();
  command->add_option("file", options->file, "what to send")->required();
  command->add_option("--key", options->key, "API key; better in the environment, where other users do not see it")
      ->envname("LIENTHONG_API_KEY");
  command->add_option("--key-file", options->key_file, "file of the API key; goes before --key");
  command->add_option("--idempotency-key", options->idempotency_key, "the same key gives the same receipt");
  command->add_option("--type", options->type, "content type; default by the file's name");
  command->add_option("--to", options->to, "receivers, separated by commas, where the body does not name them");
  command->add_flag("--json", options->json, "the answer as it is");
  command->footer(
      "  LIENTHONG_API_KEY=demo-key-docs-a lienthong send http://127.0.0.1:8080/docs-a/documents document.edxml");
  command->callback([options, &chosen] { chosen = [options] { return send(*options); }; });
}

}  // namespace lt::cli
