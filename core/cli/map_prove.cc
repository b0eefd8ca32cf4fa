// map prove: the laws of core/proof on documents nobody thought of.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "core/cli/map.h"
#include "core/codec/json.h"
#include "core/message/tree.h"
#include "core/proof/prove.h"

namespace lt::cli {
namespace {

struct Options {
  workshop::MappingPlace place;
  std::vector<std::string> named;
  proof::ProveOptions prove;
  double minutes = 0;
  bool json = false;
};

class ProofAsJson {
 public:
  std::string text(const std::vector<proof::Proof>& proofs) {
    Node* list = tree_.make(Kind::array);
    tree_.set_root(list);
    for (const proof::Proof& proof : proofs) add(list, proof);
    std::string out;
    static_cast<void>(codec::write_json(list, out));  // names and texts are ours
    return out;
  }

 private:
  void text(Node* to, const char* name, std::string_view value) {
    tree_.add(to, Kind::text, name)->text = tree_.copy(value);
  }
  void number(Node* to, std::string_view name, uint64_t value) {
    tree_.add(to, Kind::number, tree_.copy(name))->text = tree_.copy(std::to_string(value));
  }
  void refused(Node* to, const char* name, const std::map<Code, proof::Refusal>& refused) {
    Node* codes = tree_.add(to, Kind::object, name);
    for (const auto& [code, refusal] : refused) number(codes, code_text(code), refusal.count);
  }
  void add(Node* list, const proof::Proof& proof) {
    Node* out = tree_.add(list, Kind::object);
    text(out, "mapping", proof.mapping);
    text(out, "file", proof.file);
    tree_.add(out, Kind::boolean, "ok")->flag = proof.ok();
    text(out, "class", proof.reversal);
    number(out, "exact", proof.exact);
    number(out, "canonical", proof.canonical);
    number(out, "lossy", proof.lossy);
    number(out, "documents", proof.documents);
    number(out, "translated", proof.translated);
    refused(out, "refused", proof.refused);
    number(out, "back_documents", proof.back_documents);
    number(out, "back_translated", proof.back_translated);
    refused(out, "back_refused", proof.back_refused);
    number(out, "unusable", proof.unusable);
    number(out, "untold", proof.untold);
    Node* all = tree_.add(out, Kind::array, "broken");
    for (const proof::Broken& broken : proof.broken) add(all, broken);
  }
  void add(Node* list, const proof::Broken& broken) {
    Node* out = tree_.add(list, Kind::object);
    text(out, "code", code_text(Code::proof_failed));
    text(out, "law", proof::name_of(broken.law));
    text(out, "from", broken.from_target ? "target" : "source");
    text(out, "field", broken.field);
    text(out, "rule", broken.rule.text());
    text(out, "why", broken.why);
    text(out, "x", broken.in_x);
    text(out, "y", broken.in_y);
    text(out, "back", broken.in_back);
    number(out, "seed", broken.seed);
    number(out, "documents", broken.documents);
    text(out, "smallest", broken.smallest);
  }

  Tree tree_;
};

using Entries = std::vector<mapping::MappingStore::Entry>;

// Those named, else every mapping of the folder.
Result<Entries> open_all(const Options& options, config::Diagnostics& diagnostics) {
  auto named = options.named;
  if (named.empty()) {
    LT_ASSIGN(named, workshop::mapping_files(system_env(), options.place.mappings));
  }
  if (named.empty())
    return fail(Code::io_error, "no *.map.yaml below " + options.place.mappings, {}, "name the folder with --mappings");
  Entries out;
  for (const std::string& name : named) {
    LT_ASSIGN(auto entry, workshop::open_mapping(system_env(), options.place, name, diagnostics));
    out.push_back(std::move(entry));
  }
  return out;
}

int prove(const Options& options) {
  config::Diagnostics diagnostics;
  const auto entries = open_all(options, diagnostics);
  if (!entries) return report_failure(entries.error());
  std::cerr << diagnostics.text();
  if (!diagnostics.ok()) return kBadConfiguration;
  proof::ProveOptions prove = options.prove;
  std::vector<proof::Proof> proofs;
  int code = kOk;
  for (const auto& entry : *entries) {
    if (options.minutes > 0) {
      const auto end =
          std::chrono::steady_clock::now() + std::chrono::duration<double, std::ratio<60>>(options.minutes);
      prove.enough = [end] { return std::chrono::steady_clock::now() >= end; };
    }
    auto proof = proof::prove(entry, prove);
    if (!proof) return report_failure(proof.error());
    if (!proof->ok()) code = kFailure;
    if (!options.json) std::cout << proof->text() << std::flush;
    proofs.push_back(std::move(*proof));
  }
  if (options.json) std::cout << ProofAsJson().text(proofs) << std::endl;
  return code;
}

}  // namespace

void add_map_prove(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = group.add_subcommand("prove",
                                       "Draw documents from the schemas, map them there and back, and tell what is "
                                       "lost; exit code 1 when a law is broken");
  command->add_option("mapping", options->named, "files or names; none: every mapping");
  command->add_option("--documents", options->prove.documents, "documents from each side")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command->add_option("--seed", options->prove.seed, "the same seed draws the same documents")->capture_default_str();
  command->add_option("--minutes", options->minutes, "at most so long for each mapping")->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "the results as JSON");
  add_mapping_place(*command, options->place);
  command->footer("  lienthong map prove\n  lienthong map prove onestop-to-judicial --documents 100000 --seed 7");
  command->callback([options, &chosen] { chosen = [options] { return prove(*options); }; });
}

}  // namespace lt::cli
