// The admin API as the commands call it.
#pragma once

#include <string>
#include <string_view>

#include "core/cli/call.h"
#include "core/message/tree.h"

namespace CLI {
class App;
}

namespace lt::cli {

// Where the admin API is, and how to show what it says.
struct AdminOptions {
  std::string url = "http://127.0.0.1:9090";  // --admin, or LIENTHONG_ADMIN
  bool json = false;
};
void add_admin_options(CLI::App& command, AdminOptions& options);

struct Answer {
  int status = 0;
  std::string body;  // JSON as it came
  Tree tree;
  bool good() const { return status >= 200 && status < 300; }
};

class AdminClient {
 public:
  explicit AdminClient(std::string url);
  // `target` begins with "/". Any status is an Answer.
  Result<Answer> get(const std::string& target);
  Result<Answer> post(const std::string& target, std::string json);

 private:
  Result<Answer> read(Result<net::Response> response);
  Caller caller_;
  std::string url_;
};

// problem+json for people: code, both titles, detail, where, both hints. Other bodies as they are.
std::string problem_text(const Answer& answer);
// Prints a refused answer to stderr, as JSON when `json`. kUsage when the request was wrong, else kFailure.
int report_refusal(const Answer& answer, bool json);

// The text or number of a member; "" when it is absent.
std::string text_of(const Node* object, std::string_view name);

}  // namespace lt::cli
