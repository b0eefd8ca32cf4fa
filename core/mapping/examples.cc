#include "core/mapping/examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/encode.h"
#include "core/mapping/rule_file.h"

namespace lt::mapping {
namespace {

std::string beside(const std::string& file, const std::string& name) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? name : file.substr(0, slash + 1) + name;
}

// Whole: examples are small, and nothing is lifted out of them.
Result<void> parse(bool xml, std::string text, Tree& out) {
  if (!xml) return codec::parse_json(std::move(text), out);
  codec::XmlOptions options;
  options.longest = options.text;
  return codec::parse_xml(std::string_view(text), out, options);
}

Node* child_at(Node* node, std::string_view step) {
  size_t index = 0;
  if (const size_t open = step.find('['); open != std::string_view::npos) {
    std::from_chars(step.data() + open + 1, step.data() + step.size(), index);
    step = step.substr(0, open);
  }
  Node* at = node->kind == Kind::object ? node->find(step) : nullptr;
  if (at && at->kind == Kind::array) {
    at = at->first;
    while (at && index-- > 0) at = at->next;
  } else {
    for (; at && index > 0; at = at->next)
      if (at->next && at->next->name == step) --index;
  }
  return at;
}

Result<void> apply(Tree& tree, const Text& path, const Text& value, bool xml) {
  std::string_view rest = path.text;
  if (rest.substr(0, 2) == "$.") rest.remove_prefix(2);
  Node* at = tree.root();
  while (true) {
    const size_t dot = std::min(rest.find('.'), rest.size());
    const std::string_view step = rest.substr(0, dot);
    Node* next = child_at(at, step);
    const bool last = dot == rest.size();
    if (!next && last && at->kind == Kind::object && step.find('[') == std::string_view::npos)
      next = tree.add(at, Kind::text, tree.copy(step));
    if (!next) return fail(Code::bad_example, fmt::format("set: the source has no {}", path.text), path.place);
    at = next;
    if (last) break;
    rest.remove_prefix(dot + 1);
  }
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

class ExampleRun {
 public:
  ExampleRun(Env& env, const RuleFile& file, const Mapping& mapping, const RunContext& context)
      : env_(env), file_(file), mapping_(mapping), context_(context) {}

  ExampleResult run(const Example& example) {
    ExampleResult result;
    result.name = example.name.text;
    result.place = example.name.place;
    if (auto done = forward(example, result); !done) result.error = done.error().text();
    result.passed = result.error.empty() && result.differences.empty();
    return result;
  }

 private:
  Result<void> forward(const Example& example, ExampleResult& result) {
    Tree source;
    LT_TRY(read_source(example, source, 0));
    for (const auto& [path, value] : example.set) LT_TRY(apply(source, path, value, mapping_.source_is_xml()));
    Tree target;
    auto done = mapping::run(mapping_, source.root(), target, context_);
    if (example.error) {
      result.error = judge_error(done, example.error->text);
      return {};
    }
    LT_TRY(std::move(done));
    LT_ASSIGN(auto encoded, encode(mapping_, *target.root()));
    if (encoded.holes > 0)
      return fail(Code::bad_example, "the output has blobs; examples are small", example.name.place);
    Tree got, expected;
    LT_TRY(parse(mapping_.target_is_xml(), std::move(encoded.text()), got));
    LT_ASSIGN(std::string text, read_file(env_, beside(file_.file, example.target->text)));
    LT_TRY(parse(mapping_.target_is_xml(), std::move(text), expected));
    result.differences = compare(expected.root(), got.root(), mapping_.target_is_xml());
    return {};
  }

  Result<void> read_source(const Example& example, Tree& out, int depth) {
    if (example.source) {
      LT_ASSIGN(std::string text, read_file(env_, beside(file_.file, example.source->text)));
      return parse(mapping_.source_is_xml(), std::move(text), out);
    }
    const auto like = std::find_if(file_.examples.begin(), file_.examples.end(),
                                   [&](const Example& at) { return at.name.text == example.like->text; });
    if (like == file_.examples.end() || depth > 8)
      return fail(Code::bad_example, fmt::format("like: no example \"{}\"", example.like->text), example.like->place);
    LT_TRY(read_source(*like, out, depth + 1));
    for (const auto& [path, value] : like->set) LT_TRY(apply(out, path, value, mapping_.source_is_xml()));
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
  const RuleFile& file_;
  const Mapping& mapping_;
  const RunContext& context_;
};

}  // namespace

std::string ExampleResult::text() const {
  std::string out;
  if (!error.empty()) out += fmt::format("{}: {}\n", name, error);
  for (const Difference& at : differences)
    out += fmt::format("{}: {} expected {}, got {}\n", name, at.path, at.expected, at.got);
  return out;
}

std::vector<ExampleResult> run_examples(Env& env, const RuleFile& file, const Mapping& mapping,
                                        const RunContext& context) {
  std::vector<ExampleResult> out;
  ExampleRun run(env, file, mapping, context);
  for (const Example& example : file.examples) out.push_back(run.run(example));
  return out;
}

}  // namespace lt::mapping
