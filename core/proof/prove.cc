#include "core/proof/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/proof/generator.h"
#include "core/proof/laws.h"
#include "core/proof/mapping_domains.h"

namespace lt::proof {
namespace {

// One document of so many strays from the domains, and there each field with this probability.
constexpr size_t kStraysEvery = 5;
constexpr unsigned kStrayPercent = 4;

bool same_break(const Broken& a, const Broken& b) {
  return a.law == b.law && a.from_target == b.from_target && a.field == b.field && a.rule.line == b.rule.line &&
         a.rule.column == b.rule.column;
}

class Prover {
 public:
  Prover(const mapping::MappingStore::Entry& entry, const ProveOptions& options, Laws laws)
      : entry_(entry), options_(options), laws_(std::move(laws)) {}

  Result<Proof> run() {
    const auto& file = entry_.file;
    out_.mapping = file.name.text;
    out_.file = file.file;
    out_.reversal = file.no_reverse ? "one way" : entry_.reversal.text();
    out_.both_ways = laws_.both_ways();
    for (const auto& field : entry_.reversal.fields)
      ++(field.fidelity == mapping::Fidelity::exact       ? out_.exact
         : field.fidelity == mapping::Fidelity::canonical ? out_.canonical
                                                          : out_.lossy);
    LT_TRY(side(false));
    if (out_.both_ways && !enough()) LT_TRY(side(true));
    if (2 * out_.translated < out_.documents + out_.unusable) few();
    return std::move(out_);
  }

 private:
  struct Found {
    Broken broken;
    bool strays = false;
    uint64_t first = 0, last = 0;  // documents that broke it, by what they are drawn from
  };

  bool enough() const { return options_.enough && options_.enough(); }

  Result<void> side(bool from_target) {
    const auto& file = entry_.file;
    const auto& model = from_target ? *entry_.parts.target : *entry_.parts.source;
    const std::string& root = from_target ? file.target.root.text : file.source.root.text;
    const Domains domains = domains_of(entry_, from_target ? End::target : End::source);
    Taste taste;
    taste.undeclared = keeps_rest(file);
    LT_ASSIGN(const Generator meant, Generator::make(model, root, domains, taste));
    taste.stray = kStrayPercent;
    LT_ASSIGN(const Generator straying, Generator::make(model, root, domains, taste));
    LT_ASSIGN(const AnyChecker checker, AnyChecker::make(entry_.models[from_target ? 1 : 0], root));
    std::vector<Found> found;
    for (size_t i = 0; i < options_.documents && !enough(); ++i) {
      const bool strays = i % kStraysEvery == kStraysEvery - 1;
      const uint64_t seed = options_.seed * 1'000'003 + i;
      const Document document = (strays ? straying : meant).document(seed);
      if (!usable(document, checker)) {
        if (out_.unusable++ == 0) out_.unusable_why = why_unusable(document, checker);
        continue;
      }
      one(document, seed, from_target, strays, found);
    }
    for (Found& at : found) tell(at, at.strays ? straying : meant, checker);
    return {};
  }

  static bool usable(const Document& document, const AnyChecker& checker) {
    return document.valid && checker.problems(document.tree.root(), {}).empty();
  }

  static std::string why_unusable(const Document& document, const AnyChecker& checker) {
    const auto problems = checker.problems(document.tree.root(), {});
    if (problems.empty()) return "no text fits both schema and mapping";
    return fmt::format("{} {}: expected {}, found {}", problems[0].path, problems[0].keyword, problems[0].expected,
                       problems[0].actual);
  }

  Verdict judge(const Document& document, bool from_target) const {
    Verdict out = from_target ? laws_.of_target(document.tree.root()) : laws_.of_source(document.tree.root());
    for (Broken& broken : out.broken) broken.from_target = from_target;
    return out;
  }

  void one(const Document& document, uint64_t seed, bool from_target, bool strays, std::vector<Found>& found) {
    ++(from_target ? out_.back_documents : out_.documents);
    Verdict verdict = judge(document, from_target);
    if (verdict.translated) ++(from_target ? out_.back_translated : out_.translated);
    if (verdict.refused) {
      Refusal& refusal = (from_target ? out_.back_refused : out_.refused)[verdict.refused->code];
      if (refusal.count++ == 0)
        refusal.first = fmt::format("{} {}", verdict.refused->place.text(), verdict.refused->detail);
    }
    for (Broken& broken : verdict.broken) {
      const auto known =
          std::find_if(found.begin(), found.end(), [&](const Found& at) { return same_break(at.broken, broken); });
      if (known != found.end()) {
        if (known->last != seed) ++known->broken.documents;
        known->last = seed;
        continue;
      }
      broken.seed = options_.seed;
      broken.documents = 1;
      found.push_back({std::move(broken), strays, seed, seed});
    }
  }

  void tell(Found& at, const Generator& generator, const AnyChecker& checker) {
    if (out_.broken.size() >= options_.told) {
      ++out_.untold;
      return;
    }
    const bool from_target = at.broken.from_target;
    const auto in = [&](const Document& document) -> std::optional<Broken> {
      if (!usable(document, checker)) return std::nullopt;
      for (Broken& broken : judge(document, from_target).broken)
        if (same_break(broken, at.broken)) return std::move(broken);
      return std::nullopt;
    };
    const auto fails = [&](const Document& document) { return in(document).has_value(); };
    const ShrunkDocument small = shrink(generator, generator.document(at.first), fails, options_.shrink);
    if (auto smaller = in(small.document)) {
      smaller->seed = at.broken.seed;
      smaller->documents = at.broken.documents;
      at.broken = std::move(*smaller);
    }
    at.broken.smallest = laws_.shown(small.document.tree.root(), from_target);
    out_.broken.push_back(std::move(at.broken));
  }

  // A mapping that refuses what it is meant for, or that is meant for nothing its schema has.
  void few() {
    Broken& broken = out_.broken.emplace_back();
    broken.law = Law::translates;
    broken.field.assign(1, '$');
    broken.rule = entry_.file.place;
    broken.documents = out_.documents + out_.unusable - out_.translated;
    broken.why = fmt::format(
        "only {} of {} documents are translated{}", out_.translated, out_.documents + out_.unusable,
        out_.unusable > 0 ? fmt::format(", for {} no value suits schema and mapping", out_.unusable) : std::string());
    broken.seed = options_.seed;
  }

  const mapping::MappingStore::Entry& entry_;
  const ProveOptions& options_;
  const Laws laws_;
  Proof out_;
};

std::string codes_of(const std::map<Code, Refusal>& refused) {
  size_t all = 0;
  std::string out;
  for (const auto& [code, refusal] : refused) {
    all += refusal.count;
    out += fmt::format("\n    {} x {}: {}", code_text(code), refusal.count, refusal.first);
  }
  return fmt::format("{}{}", all, out);
}

}  // namespace

std::string_view name_of(Law law) {
  static constexpr std::string_view kNames[] = {"translates",  "valid", "comes_back", "same_source",
                                                "same_target", "rest",  "repeatable"};
  return kNames[static_cast<size_t>(law)];
}

std::string_view meaning_of(Law law) {
  static constexpr std::string_view kMeanings[] = {
      "dịch được / is translated",
      "đúng lược đồ đích / is valid",
      "quay về được / comes back",
      "trường nguồn còn nguyên / the source field is kept",
      "đi lại cho cùng kết quả / translated again it is the same",
      "trường ngoài lược đồ còn nguyên / undeclared fields are kept",
      "dịch lại y hệt / repeats byte for byte",
  };
  return kMeanings[static_cast<size_t>(law)];
}

std::string Broken::text() const {
  std::string out =
      fmt::format("{} {}{}{}: {}\n", code_text(Code::proof_failed), rule.line > 0 ? rule.file : "",
                  rule.line > 0 ? fmt::format(":{}:{} ", rule.line, rule.column) : "", field, meaning_of(law));
  out += fmt::format("  luật / law: {}{}, {}\n", name_of(law),
                     from_target ? " (từ phía đích / from the target's side)" : "", why);
  const bool target = law == Law::same_target;
  if (!in_x.empty()) out += fmt::format("  x   {}\n", in_x);
  if (!in_y.empty()) out += fmt::format("  y   {}\n", in_y);
  if (!in_back.empty()) out += fmt::format("  {}  {}\n", target ? "y'" : "x'", in_back);
  out += fmt::format("  {} tài liệu / documents; --seed {}\n", documents, seed);
  if (!smallest.empty()) out += fmt::format("  tài liệu nhỏ nhất / the smallest:\n{}\n", smallest);
  return out;
}

std::string Proof::text() const {
  std::string out = fmt::format("{} ({})\n", mapping, file);
  out += fmt::format("  tài liệu / documents {}, dịch được / translated {}, từ chối / refused {}\n", documents,
                     translated, codes_of(refused));
  if (both_ways)
    out += fmt::format("  từ phía đích / from the target {}, dịch được / translated {}, từ chối / refused {}\n",
                       back_documents, back_translated, codes_of(back_refused));
  out += fmt::format("  lớp / class {}; trường / fields: exact {}, canonical {}, lossy {}\n", reversal, exact,
                     canonical, lossy);
  if (unusable > 0)
    out += fmt::format("  {} tài liệu sinh ra không hợp lệ, bỏ qua / generated documents were not valid: {}\n",
                       unusable, unusable_why);
  for (const Broken& one : broken) out += one.text();
  if (untold > 0) out += fmt::format("  và {} lỗi khác / and {} more broken laws\n", untold, untold);
  return out;
}

Result<Proof> prove(const mapping::MappingStore::Entry& entry, const ProveOptions& options) {
  LT_ASSIGN(Laws laws, Laws::make(entry));
  return Prover(entry, options, std::move(laws)).run();
}

}  // namespace lt::proof
