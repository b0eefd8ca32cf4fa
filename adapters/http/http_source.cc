#include "adapters/http/http.h"

#include "core/adapter/accept_post.h"
#include "core/adapter/blueprint.h"
#include "core/base/limits.h"

namespace lt::adapters {
namespace {

struct Settings {
  config::Located<std::string> listener;
  std::string path;
  std::string method = "POST";
  uint64_t body_limit = limits::kBody;
  std::vector<std::string> keep_headers;
  std::string document_part = "document";
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("http endpoint settings")
          .text("listener", &Settings::listener,
                {.required = true,
                 .doc_en = "A listener of `listeners`",
                 .doc_vi = "Tên một listener",
                 .example = "main"})
          .text("path", &Settings::path,
                {.required = true,
                 .doc_en = "Path it serves",
                 .doc_vi = "Đường dẫn nhận",
                 .example = "/in/dossiers",
                 .least = 1})
          .one_of("method", &Settings::method, {{"POST", "POST"}, {"PUT", "PUT"}},
                  {.doc_en = "HTTP method", .doc_vi = "Phương thức HTTP"})
          .size("body_limit", &Settings::body_limit,
                {.doc_en = "Largest body", .doc_vi = "Kích thước lớn nhất", .example = "100MB", .least = 1})
          .texts("keep_headers", &Settings::keep_headers,
                 {.doc_en = "Request headers kept with the message, for routes that ask for them; never credentials",
                  .doc_vi = "Header giữ cùng bản tin, cho tuyến cần xét; không bao giờ là khoá",
                  .example = "[X-Loai]"})
          .text("document_part", &Settings::document_part,
                {.doc_en = "Name of the document in a multipart body; its files are the other parts (`carrier: part`)",
                 .doc_vi = "Tên phần tài liệu trong thân multipart; các phần khác là tệp (`carrier: part`)",
                 .least = 1});
  return spec;
}

// Listens; the work is done by the handler it leaves with the listener.
class HttpSource final : public adapter::Source {
 public:
  static constexpr bool kPassesAnswers = true;
  static constexpr bool kTakesParts = true;
  static adapter::References references(const Settings& settings) { return {{settings.listener}, {}, {}}; }
  HttpSource(std::shared_ptr<const Settings> settings, adapter::Services services, adapter::Intake* intake) {
    services.routes->add(
        settings->listener.value, settings->method, settings->path, [intake, settings](net::Exchange* exchange) {
          return adapter::accept_post(
              exchange, intake,
              adapter::PostOptions{{}, settings->body_limit, settings->keep_headers, settings->document_part});
        });
  }
  net::Task<void> run(adapter::Intake*) override { co_return; }
};

}  // namespace

std::shared_ptr<adapter::SourceBlueprint> parse_http_source(const config::Value& block,
                                                            config::Diagnostics& diagnostics) {
  return adapter::read_source<HttpSource>(settings_spec(), block, diagnostics);
}

}  // namespace lt::adapters
