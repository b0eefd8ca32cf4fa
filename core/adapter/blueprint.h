// The usual blueprints: settings read once, before traffic, and shared by every object made of them.
//
//   class PostSink final : public Sink {
//    public:
//     PostSink(std::shared_ptr<const Settings> settings, Services services);
//     static SinkClass sink_class(const Settings&);
//     static References references(const Settings&);       // left out: it names nothing elsewhere
//     static milliseconds answers_within(const Settings&); // left out: it cannot be asked (a source: kPassesAnswers)
//     static constexpr bool kTakesParts = true;            // left out: no files beside the document (a source, too)
//   };
//   auto blueprint = read_sink<PostSink>(settings_spec(), block, diagnostics);
#pragma once

#include <memory>
#include <utility>

#include "core/adapter/registry.h"
#include "core/config/spec.h"

namespace lt::adapter {

template <class Made, class Settings>
References references_of([[maybe_unused]] const Settings& settings) {
  if constexpr (requires { Made::references(settings); }) return Made::references(settings);
  return {};
}

template <class Made, class Settings>
class SinkOf final : public SinkBlueprint {
 public:
  explicit SinkOf(Settings settings) : settings_(std::make_shared<const Settings>(std::move(settings))) {}
  SinkClass sink_class() const override { return Made::sink_class(*settings_); }
  References references() const override { return references_of<Made>(*settings_); }
  std::optional<std::chrono::milliseconds> answers_within() const override {
    if constexpr (requires { Made::answers_within(*settings_); }) return Made::answers_within(*settings_);
    return std::nullopt;
  }
  bool takes_parts() const override {
    return requires { Made::kTakesParts; };
  }
  std::unique_ptr<Sink> make(Services services) const override { return std::make_unique<Made>(settings_, services); }

 private:
  std::shared_ptr<const Settings> settings_;
};

template <class Made, class Settings>
class SourceOf final : public SourceBlueprint {
 public:
  explicit SourceOf(Settings settings) : settings_(std::make_shared<const Settings>(std::move(settings))) {}
  References references() const override { return references_of<Made>(*settings_); }
  bool passes_answers() const override {
    return requires { Made::kPassesAnswers; };
  }
  bool takes_parts() const override {
    return requires { Made::kTakesParts; };
  }
  std::unique_ptr<Source> make(Services services, Intake* intake) const override {
    return std::make_unique<Made>(settings_, services, intake);
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

template <class Made, class Settings>
std::shared_ptr<SinkBlueprint> read_sink(const config::Spec<Settings>& spec, const config::Value& block,
                                         config::Diagnostics& diagnostics) {
  return std::make_shared<SinkOf<Made, Settings>>(spec.read(block, diagnostics));
}

template <class Made, class Settings>
std::shared_ptr<SourceBlueprint> read_source(const config::Spec<Settings>& spec, const config::Value& block,
                                             config::Diagnostics& diagnostics) {
  return std::make_shared<SourceOf<Made, Settings>>(spec.read(block, diagnostics));
}

}  // namespace lt::adapter
