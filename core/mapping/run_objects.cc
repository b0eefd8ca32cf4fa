#include <fmt/format.h>

#include <algorithm>

#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/runner.h"
#include "core/mapping/shown.h"

namespace lt::mapping {

bool Runner::object(const Op& op, uint32_t pc, const Node* scope, Frame& outer) {
  const Slot& slot = program_.slots[op.a];
  if (slot.see_through) {
    Frame frame{scope, outer.out, outer.missing, outer.index, outer.matched, outer.real};
    if (!execute(pc + 1, op.end, frame)) return false;
    outer.missing = frame.missing;
    outer.real = frame.real;
    return true;
  }
  Node* node = target_.make(Kind::object, slot.array ? std::string_view() : std::string_view(slot.name));
  node->ns = slot.ns;
  Frame frame{scope, node, nullptr, outer.index, outer.matched, false};
  if (!execute(pc + 1, op.end, frame)) return false;
  const bool keep = slot.only_real ? frame.real : node->count > 0 || slot.required;
  if (!keep) return true;
  if (frame.missing) return missing(*frame.missing);
  outer.real = outer.real || frame.real;
  add(slot, node, outer.out);
  if (context_.trace) trace(op, node, load(slot.item || scope != outer.scope ? scope : nullptr));
  return true;
}

bool Runner::scope(const Op& op, uint32_t pc, const Node* at, Frame& frame) {
  if (at && at->kind != Kind::null) {
    if (at->kind == Kind::array) return stop(Code::bad_value, op, at, "is an array where one object was expected");
    return object(op, pc, at, frame);
  }
  if (program_.slots[op.a].required && !frame.missing) frame.missing = &op;
  return true;
}

// A document inside a text becomes a part of the source, below the node that holds it.
bool Runner::open(const Op& op, uint32_t pc, Frame& frame) {
  const EmbedCode& embed = program_.embeds[op.b];
  const Node* at = walk(embed.path, frame);
  const Current value = load(at);
  if (value.state == State::absent || value.state == State::null || (value.state == State::text && value.text.empty()))
    return scope(op, pc, nullptr, frame);
  if (value.state == State::blob || value.text.size() > limits::kEmbedded)
    return stop(Code::bad_embedded, op, at, fmt::format("is longer than {} bytes", limits::kEmbedded));
  if (value.state != State::text) return stop(Code::bad_embedded, op, at, "is no text");
  Node* const kept = target_.root();
  codec::XmlOptions options;
  options.longest = limits::kEmbedded;
  const auto read =
      embed.xml ? codec::parse_xml(value.text, target_, options) : codec::parse_json(std::string(value.text), target_);
  Node* root = target_.root();
  target_.set_root(kept);
  if (!read)
    return stop(Code::bad_embedded, op, at,
                fmt::format("holds no {} document: {} ({})", embed.xml ? "XML" : "JSON",
                            info(read.error().code).title_en, read.error().place.text()));
  if (!embed.root.empty() && root->name != embed.root)
    return stop(Code::bad_embedded, op, at, fmt::format("holds a document whose root is not {}", embed.root));
  root->parent = const_cast<Node*>(value.node)->parent;
  if (root->name.empty()) root->name = value.node->name;
  return scope(op, pc, root, frame);
}

bool Runner::enclose(const Op& op, uint32_t pc, Frame& frame) {
  const EmbedCode& embed = program_.embeds[op.b];
  Node* holder = target_.make(Kind::object);
  Frame inner{frame.scope, holder, nullptr, frame.index, frame.matched, false};
  if (!execute(pc + 1, op.end, inner)) return false;
  Current value;
  if (const Node* root = holder->first) {
    std::string text;
    codec::XmlWriteOptions options;
    options.declaration = false;
    for (const auto& [prefix, uri] : embed.namespaces) options.prefixes.push_back({uri, prefix});
    const auto written = embed.xml ? codec::write_xml(root, options, text) : codec::write_json(root, text);
    if (!written) return stop(Code::bad_embedded, op, nullptr, "cannot be written: " + written.error().text());
    value.state = State::text;
    value.text = target_.copy(text);
  }
  frame.real = frame.real || inner.real;
  return store(op, value, frame);
}

void Runner::add(const Slot& slot, Node* node, Node* out) {
  if (slot.array) out = target_.add(out, Kind::array, slot.name);
  target_.append(out, node);
}

Node* Runner::array_in(const Slot& slot, Frame& outer, bool& fresh) {
  fresh = false;
  if (!slot.array) return outer.out;
  Node* known = slot.shared ? outer.out->find(slot.name) : nullptr;
  if (known && known->kind == Kind::array) return known;
  fresh = true;
  return target_.make(Kind::array, slot.name);
}

bool Runner::each(const Op& op, uint32_t pc, Frame& outer) {
  const Slot& slot = program_.slots[op.a];
  const Node* first = walk(op.b, outer);
  const bool items = first && first->kind == Kind::array;
  if (first && first->kind == Kind::null) first = nullptr;
  if (first && !items && !program_.source_xml) return stop(Code::bad_value, op, first, "is not an array");
  if (!first) return no_items(op, slot, outer);
  bool fresh = false;
  Node* out = array_in(slot, outer, fresh);
  uint32_t index = 0;
  const uint32_t had = slot.array ? 0 : out->count;
  for (const Node* at = items ? first->first : first; at; at = at->next) {
    steps_ -= steps_ > 0;
    if (!items && at->name != first->name) continue;
    Frame frame{at, out, nullptr, index, outer.matched, false};
    if (slot.match >= 0 && !matched(op, slot.match, at, outer, frame.matched)) return false;
    const uint32_t before = out->count;
    if (!execute(pc + 1, op.end, frame)) return false;
    if (frame.missing)
      return stop(Code::source_missing, *frame.missing, at, "has no value, but the target requires it");
    index += out->count > before ? 1 : 0;
    outer.real = outer.real || frame.real;
  }
  if (const uint32_t count = out->count - had; count > slot.most || count < slot.least)
    return stop(Code::value_does_not_fit, op, first,
                count > slot.most ? fmt::format("gives {} items, but the field takes {}", count, slot.most)
                                  : fmt::format("gives {} items, but the field asks for {}", count, slot.least));
  if (fresh) target_.append(outer.out, out);
  return true;
}

bool Runner::item(const Op& op, uint32_t pc, Frame& outer) {
  const Slot& slot = program_.slots[op.a];
  bool fresh = false;
  Node* out = array_in(slot, outer, fresh);
  Frame frame{outer.scope, out, nullptr, outer.index, outer.matched, false};
  if (!execute(pc + 1, op.end, frame)) return false;
  outer.real = outer.real || frame.real;
  if (fresh && out->count > 0) target_.append(outer.out, out);
  return true;
}

bool Runner::no_items(const Op& op, const Slot& slot, Frame& outer) {
  if (slot.shared && outer.out->find(slot.name)) return true;
  if (slot.when_absent == WhenAbsent::empty && slot.array)
    target_.add(outer.out, Kind::array, slot.name);
  else if (slot.when_absent == WhenAbsent::null)
    target_.add(outer.out, Kind::null, slot.name)->ns = slot.ns;
  else if (slot.required && slot.array && program_.source_xml)
    target_.add(outer.out, Kind::array, slot.name);
  else if (slot.required && !outer.missing)
    outer.missing = &op;
  return true;
}

bool Runner::matched(const Op& op, int match, const Node* item, const Frame& outer, const Node*& found) {
  const MatchCode& code = program_.matches[static_cast<size_t>(match)];
  const Node* array = walk(code.array, outer);
  const auto key_of = [](const Node* node) -> std::string_view {
    if (node && node->kind == Kind::object) node = node->find("#text");
    return node && node->scalar() ? node->text : std::string_view();
  };
  const auto [at, fresh] = match_indexes_.try_emplace({match, array});
  MatchIndex& index = at->second;
  if (fresh && array) {
    const bool items = array->kind == Kind::array;
    for (const Node* one = items ? array->first : array; one; one = one->next) {
      steps_ -= steps_ > 0;
      if ((!items && one->name != array->name) || one->kind != Kind::object) continue;
      const std::string_view key = key_of(one->find(code.key));
      if (!key.empty() && !index.emplace(key, one).second)
        return stop(Code::ambiguous_match, op, one, fmt::format("has the same {} as another", code.key));
    }
  }
  const std::string_view wanted = key_of(walk(program_.paths[code.equals], item, nullptr));
  const auto hit = wanted.empty() ? index.end() : index.find(wanted);
  found = hit == index.end() ? nullptr : hit->second;
  return true;
}

bool Runner::cases(const Op& op, const Frame& frame) {
  const NameSet& set = program_.name_sets[op.a];
  const Node* at = walk(op.b, frame);
  if (!at || at->kind == Kind::null) return true;
  const auto known = [&](const Node* node, std::string_view& text) {
    const Current value = load(node);
    text = value.state == State::boolean ? (value.flag ? "true" : "false") : value.text;
    return std::binary_search(set.names.begin(), set.names.end(), text);
  };
  std::string_view text;
  if (set.field.empty()) {
    if (known(at, text)) return true;
    return stop(Code::no_case, op, at, fmt::format("value \"{}\" has no case", shown_code(text)));
  }
  uint64_t seen = 0;  // limits::kOneOfCases names
  const bool items = at->kind == Kind::array;
  for (const Node* one = items ? at->first : at; one; one = one->next) {
    if ((!items && one->name != at->name) || one->kind != Kind::object) continue;
    const Node* field = one->find(set.field);
    if (!field || !known(field, text))
      return stop(Code::no_case, op, one, fmt::format("{} \"{}\" has no prefix", set.field, shown_code(text)));
    const auto place = std::lower_bound(set.names.begin(), set.names.end(), text) - set.names.begin();
    const uint64_t bit = uint64_t{1} << (place & 63);
    if (seen & bit)
      return stop(Code::ambiguous_match, op, one, fmt::format("{} \"{}\" stands twice", set.field, shown_code(text)));
    seen |= bit;
  }
  return true;
}

}  // namespace lt::mapping
