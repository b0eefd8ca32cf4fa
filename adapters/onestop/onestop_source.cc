#include "adapters/onestop/onestop.h"

#include "core/adapter/accept_post.h"
#include "core/adapter/blueprint.h"
#include "core/base/limits.h"

namespace lt::adapters {
namespace {

struct Settings {
  config::Located<std::string> listener;
  std::string base = "/onestop";
  uint64_t body_limit = limits::kBody;
};

const config::Spec<Settings>& settings_spec() {
  static const auto spec =
      config::Spec<Settings>("onestop endpoint settings")
          .text("listener", &Settings::listener,
                {.required = true,
                 .doc_en = "A listener of `listeners`",
                 .doc_vi = "Tên một listener",
                 .example = "main"})
          .text("base", &Settings::base,
                {.doc_en = "Path before /dossiers", .doc_vi = "Phần đường dẫn trước /dossiers"})
          .size("body_limit", &Settings::body_limit,
                {.doc_en = "Largest dossier with its files", .doc_vi = "Kích thước hồ sơ lớn nhất", .least = 1});
  return spec;
}

// Listens; the work is done by the handler it leaves with the listener.
class OnestopSource final : public adapter::Source {
 public:
  static adapter::References references(const Settings& settings) { return {{settings.listener}, {}, {}}; }
  OnestopSource(std::shared_ptr<const Settings> settings, adapter::Services services, adapter::Intake* intake) {
    const uint64_t limit = settings->body_limit;
    services.routes->add(settings->listener.value, "POST", settings->base + "/dossiers",
                         [intake, limit](net::Exchange* exchange) {
                           return adapter::accept_post(exchange, intake, adapter::PostOptions{{}, limit});
                         });
  }
  net::Task<void> run(adapter::Intake*) override { co_return; }
};

}  // namespace

std::shared_ptr<adapter::SourceBlueprint> parse_onestop_source(const config::Value& block,
                                                               config::Diagnostics& diagnostics) {
  return adapter::read_source<OnestopSource>(settings_spec(), block, diagnostics);
}

}  // namespace lt::adapters
