#include "core/cli/admin_client.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/command.h"
#include "core/cli/table.h"
#include "core/codec/json.h"

namespace lt::cli {

void add_admin_options(CLI::App& command, AdminOptions& options) {
  command.add_option("--admin", options.url, "address of the admin API")
      ->envname("LIENTHONG_ADMIN")
      ->capture_default_str();
  command.add_flag("--json", options.json, "the answer of the API as it is");
}

AdminClient::AdminClient(std::string url) : url_(std::move(url)) {
  while (url_.ends_with('/')) url_.pop_back();
}

Result<Answer> AdminClient::get(const std::string& target) { return read(caller_.get(url_ + target)); }
Result<Answer> AdminClient::post(const std::string& target, std::string json) {
  return read(caller_.post(url_ + target, std::move(json)));
}

Result<Answer> AdminClient::read(Result<net::Response> response) {
  if (!response) {
    Error error = std::move(response).error();
    if (error.code == Code::connect_failed) error.hint = "is the bus running? give --admin, or set LIENTHONG_ADMIN";
    return fail(std::move(error));
  }
  Answer answer;
  answer.status = response->status;
  answer.body = std::move(response->body);
  if (auto parsed = codec::parse_json(answer.body, answer.tree); !parsed && answer.good()) {
    return fail(
        Error(Code::bad_json, "the answer of " + url_ + " is not the admin API's").because(std::move(parsed).error()));
  }
  return answer;
}

std::string problem_text(const Answer& answer) {
  const Node* root = answer.tree.root();
  if (!root || root->kind != Kind::object || text_of(root, "code").empty())
    return "HTTP " + std::to_string(answer.status) + ": " + printable(std::string_view(answer.body).substr(0, 500)) +
           "\n";
  const auto part = [&](std::string_view name) { return printable(text_of(root, name)); };
  std::string out = part("code") + " " + part("title_vi") + " / " + part("title");
  if (const auto detail = part("detail"); !detail.empty()) out += ": " + detail;
  out += '\n';
  if (const auto path = part("path"); !path.empty()) out += "   tại / at " + path + "\n";
  if (const auto line = part("line"); !line.empty()) out += "   dòng / line " + line + ":" + part("column") + "\n";
  if (const auto hint = part("hint_vi"); !hint.empty()) out += "   → " + hint + "\n";
  if (const auto hint = part("hint"); !hint.empty()) out += "   → " + hint + "\n";
  return out;
}

int report_refusal(const Answer& answer, bool json) {
  std::cerr << (json ? answer.body + "\n" : problem_text(answer)) << std::flush;
  return answer.status == 400 ? kUsage : kFailure;
}

std::string text_of(const Node* object, std::string_view name) {
  const Node* member = object ? object->find(name) : nullptr;
  if (!member) return {};
  if (member->kind == Kind::boolean) return member->flag ? "true" : "false";
  return member->kind == Kind::text || member->kind == Kind::number ? std::string(member->text) : std::string();
}

}  // namespace lt::cli
