#include "core/workshop/examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/codec/json.h"
#include "core/mapping/encode.h"
#include "core/mapping/file_room.h"
#include "core/message/tree_path.h"
#include "core/workshop/coverage.h"
#include "core/workshop/document.h"
#include "core/workshop/open_mapping.h"
#include "core/workshop/round_trip.h"

namespace lt::workshop {
namespace {

using mapping::Difference;
using mapping::Example;
using mapping::Mapping;
using mapping::Text;

constexpr int kLikeDepth = 8;

std::string beside(const std::string& file, const std::string& name) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos || name.starts_with('/') ? name : file.substr(0, slash + 1) + name;
}

// `set: {path: value}` of a `like` example. A field that is not there is added to an object that is.
Result<void> apply(Tree& tree, const Text& path, const Text& value, bool xml) {
  auto steps = parse_document_path(path.text);
  if (!steps || steps->empty())
    return fail(Code::bad_example, fmt::format("set: \"{}\" is no path of a field", path.text), path.place,
                "paths look like $.A.B[2].C");
  Node* at = node_at(tree.root(), *steps);
  if (!at && !steps->back().index) {
    const DocumentStep field = std::move(steps->back());
    steps->pop_back();
    Node* object = node_at(tree.root(), *steps);
    if (object && object->kind == Kind::object) at = tree.add(object, Kind::text, tree.copy(field.name));
  }
  if (!at) return fail(Code::bad_example, fmt::format("set: the source has no {}", path.text), path.place);
  at->first = at->last = nullptr;
  at->count = 0;
  at->text = tree.copy(value.text);
  at->flag = value.text == "true";
  const bool plain = !value.quoted && !xml;
  if (value.null)
    at->kind = Kind::null;
  else if (plain && (value.text == "true" || value.text == "false"))
    at->kind = Kind::boolean;
  else if (plain && codec::is_json_number(value.text))
    at->kind = Kind::number;
  else
    at->kind = Kind::text;
  return {};
}

// Errors of a document that a mapping refuses; any other means that the example could not be run.
bool of_translation(Code code) {
  return static_cast<int>(code) / 100 == 21 || code == Code::bad_base64 || code == Code::bad_zip;
}

class ExampleRun {
 public:
  ExampleRun(Env& env, const Clock& clock, const mapping::MappingStore::Entry& entry,
             const mapping::RunContext& context, Coverage* coverage)
      : env_(env),
        clock_(clock),
        entry_(entry),
        context_(context),
        coverage_(coverage),
        files_(files_beside(env, entry.file.file)) {}

  void run(const Example& example, std::vector<ExampleResult>& out) {
    Tree start, end;
    const bool reverse = example.reverse;
    const bool done = timed(example, reverse ? Way::reverse : Way::forward, out,
                            [&](ExampleResult& result) { return one_way(example, start, end, result); });
    if (!example.round_trip || example.error) return;
    timed(example, Way::round_trip, out, [&](ExampleResult& result) -> Result<void> {
      if (!done || !end.root()) return fail(Code::example_failed, "not tried: the way there already fails");
      return round_trip(example, start, end, result);
    });
  }

 private:
  template <class Work>
  bool timed(const Example& example, Way way, std::vector<ExampleResult>& out, Work work) {
    ExampleResult result;
    result.name = example.name.text;
    result.place = example.name.place;
    result.way = way;
    const Mono begin = clock_.mono();
    const auto done = work(result);
    result.took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.mono() - begin);
    if (!done) {
      result.error = done.error().text();
      result.unusable = !of_translation(done.error().code) && done.error().code != Code::example_failed;
    }
    result.passed = result.error.empty() && result.differences.empty();
    out.push_back(std::move(result));
    return done.has_value();
  }

  Result<void> one_way(const Example& example, Tree& start, Tree& end, ExampleResult& result) {
    const bool start_xml = example.reverse ? entry_.mapping->target_is_xml() : entry_.mapping->source_is_xml();
    const bool end_xml = example.reverse ? entry_.mapping->source_is_xml() : entry_.mapping->target_is_xml();
    LT_TRY(read_start(example, start_xml, start, 0));
    auto done = translate(start, example.reverse, end);
    if (example.error) {
      if (!done && !of_translation(done.error().code)) return done;
      result.error = judge_error(done, example.error->text);
      return {};
    }
    LT_TRY(std::move(done));
    Tree expected;
    LT_TRY(read(example.reverse ? *example.source : *example.target, end_xml, expected));
    result.differences = mapping::compare(expected.root(), end.root(), end_xml);
    return {};
  }

  // `end` is what `start` became.
  Result<void> round_trip(const Example& example, const Tree& start, const Tree& end, ExampleResult& result) {
    const bool reverse = example.reverse, exact = *example.round_trip == mapping::Fidelity::exact;
    const bool start_xml = reverse ? entry_.mapping->target_is_xml() : entry_.mapping->source_is_xml();
    const bool end_xml = reverse ? entry_.mapping->source_is_xml() : entry_.mapping->target_is_xml();
    Tree back, again;
    LT_TRY(translate(end, !reverse, back));
    if (exact) {
      result.differences = mapping::compare(start.root(), back.root(), start_xml);
      return {};
    }
    LT_TRY(translate(back, reverse, again));
    result.differences = mapping::compare(end.root(), again.root(), end_xml);
    if (reverse) return {};
    for (auto& one : exact_differences(entry_.reversal, start.root(), back.root(), start_xml))
      result.differences.push_back(std::move(one));
    return {};
  }

  // Written and read again: what the partner sees.
  Result<void> translate(const Tree& from, bool reverse, Tree& to) {
    std::shared_ptr<const Mapping> mapping = entry_.mapping;
    if (reverse) {
      LT_ASSIGN(mapping, way_back());
    }
    mapping::Trace trace;
    mapping::RunContext context = context_;
    context.trace = &trace;
    Tree target;
    auto done = mapping::run(*mapping, from.root(), target, context);
    if (coverage_) coverage_->note(*mapping, trace, reverse);
    LT_TRY(std::move(done));
    LT_TRY(files_.settle(target));
    LT_ASSIGN(auto encoded, mapping::encode(*mapping, *target.root()));
    return parse_document(mapping->target_is_xml(), std::move(encoded.text()), "output", to);
  }
  Result<std::shared_ptr<const Mapping>> way_back() {
    if (!way_back_) {
      LT_ASSIGN(way_back_, workshop::way_back(entry_));
    }
    return way_back_;
  }

  Result<void> read(const Text& name, bool xml, Tree& out) {
    const std::string path = beside(entry_.file.file, name.text);
    LT_ASSIGN(std::string text, read_file(env_, path));
    return parse_document(xml, std::move(text), path, out);
  }
  Result<void> read_start(const Example& example, bool xml, Tree& out, int depth) {
    const auto& given = example.reverse ? example.target : example.source;
    if (given) {
      LT_TRY(read(*given, xml, out));
    } else {
      const auto& all = entry_.file.examples;
      const auto like =
          std::find_if(all.begin(), all.end(), [&](const Example& at) { return at.name.text == example.like->text; });
      if (like == all.end() || depth > kLikeDepth)
        return fail(Code::bad_example, fmt::format("like: no example \"{}\"", example.like->text), example.like->place);
      if (like->reverse != example.reverse)
        return fail(Code::bad_example, fmt::format("like: {} goes the other way", example.like->text),
                    example.like->place);
      LT_TRY(read_start(*like, xml, out, depth + 1));
    }
    for (const auto& [path, value] : example.set) LT_TRY(apply(out, path, value, xml));
    return {};
  }

  // `wanted`: "LT-2103" or "LT-2103 at Status". Answers what is wrong, or "".
  static std::string judge_error(const Result<void>& done, const std::string& wanted) {
    if (done) return fmt::format("expected {}, but it was translated", wanted);
    const size_t at = wanted.find(" at ");
    const bool same = code_text(done.error().code) == wanted.substr(0, at);
    const bool there = at == std::string::npos || done.error().detail.rfind(wanted.substr(at + 4) + " <- ", 0) == 0;
    return same && there ? std::string() : fmt::format("expected {}, got {}", wanted, done.error().text());
  }

  Env& env_;
  const Clock& clock_;
  const mapping::MappingStore::Entry& entry_;
  const mapping::RunContext& context_;
  Coverage* coverage_;
  mapping::FileRoom files_;
  std::shared_ptr<const Mapping> way_back_;
};

}  // namespace

std::string_view name_of(Way way) {
  static constexpr std::string_view kNames[] = {"forward", "reverse", "round trip"};
  return kNames[static_cast<size_t>(way)];
}

std::string ExampleResult::text() const {
  std::string out;
  if (!error.empty()) out += error + "\n";
  for (const Difference& at : differences) out += fmt::format("{} expected {}, got {}\n", at.path, at.expected, at.got);
  return out;
}

mapping::RunContext example_context() {
  static const schema::Day day = *schema::parse_day("2026-07-01");
  return {day, "example-message", "2026-07-15T08:30:00+07:00"};
}

std::vector<ExampleResult> run_examples(Env& env, const Clock& clock, const mapping::MappingStore::Entry& entry,
                                        const mapping::RunContext& context, Coverage* coverage) {
  std::vector<ExampleResult> out;
  if (!entry.mapping) return out;
  ExampleRun run(env, clock, entry, context, coverage);
  for (const Example& example : entry.file.examples) run.run(example, out);
  return out;
}

}  // namespace lt::workshop
