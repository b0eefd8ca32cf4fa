#include "core/workshop/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/mapping/path.h"
#include "core/schema/code_table.h"
#include "core/workshop/complete_names.h"
#include "core/workshop/keys.h"
#include "core/workshop/typed_text.h"

namespace lt::workshop {
namespace {

// What may stand below a node, and where its paths begin.
struct Level {
  enum class Of : uint8_t { nothing, map, rules, maps, names, pairs, texts };
  Of of = Of::map;
  MapOf map = MapOf::file;  // of a map, and of what stands in maps and names
  TypedScope source, target;
  // On the way down.
  TypedPlace field;  // target field of the rule around
  TypedPlace by;     // of one_of: the field that decides
  std::string by_path;
  const TypedNode* body = nullptr;     // the map of that rule
  const TypedNode* sibling = nullptr;  // the map around: one_of, spread, match_on, an example
  std::string key;                     // whose value this is
};

class Completer {
 public:
  explicit Completer(const CompleteRequest& request)
      : request_(request), text_(read_typed(request.text, request.line, request.column)) {}

  Completions complete() {
    if (text_.path.size() < 2) return {};
    Level at;
    at.source = side("source");
    at.target = side("target");
    for (size_t i = 1; i + 1 < text_.path.size(); ++i) {
      if (at.of == Of::rules) rules_target_ = at.target;
      at = enter(std::move(at), *text_.path[i], *text_.path[i - 1]);
    }
    answer(at, *text_.path.back(), *text_.path[text_.path.size() - 2]);
    if (out_.size() > kMostCompletions) out_.resize(kMostCompletions);
    return std::move(out_);
  }

 private:
  using Of = Level::Of;

  std::shared_ptr<const schema::Model> model(const std::string& name) {
    if (name.empty() || !request_.schema) return nullptr;
    const auto [at, fresh] = models_.try_emplace(name);
    if (fresh) at->second = request_.schema(name);
    return at->second;
  }
  TypedScope side(std::string_view name) {
    const TypedNode* node = text_.root.find(name);
    return node ? root_scope(model(std::string(node->text_of("schema"))), node->text_of("root")) : TypedScope();
  }
  static TypedScope root_of(const TypedScope& scope) {
    TypedScope out = scope;
    out.points.resize(std::min<size_t>(1, out.points.size()));
    out.prefixes.clear();
    out.matched = nullptr;
    return out;
  }

  // What stands below `node`, which stands in `around`, which `at` describes.
  Level enter(Level at, const TypedNode& node, const TypedNode& around) {
    if (node.key.empty()) {
      if (at.of == Of::maps) {
        at.of = Of::map;
        if (at.map == MapOf::body) at.body = &node;
      }
      return at;
    }
    at.key = node.key;
    switch (at.of) {
      case Of::rules:
        at.of = Of::map;
        at.map = MapOf::body;
        at.body = &node;
        at.field = follow(at.target, node.key);
        at.target = at.field.scope;
        return at;
      case Of::names:
        at.of = Of::map;
        return at;
      case Of::map:
        return below_key(std::move(at), node, around);
      default:
        at.of = Of::nothing;
        return at;
    }
  }
  Level below_key(Level at, const TypedNode& node, const TypedNode& around) {
    const KeyEntry* entry = find_key(at.map, node.key);
    const MapOf map = at.map;
    at.of = Of::nothing;
    if (!entry) return at;
    at.sibling = &around;
    switch (entry->takes) {
      case Takes::rules:
        at.of = Of::rules;
        if (map == MapOf::body) inside(at, around);
        return at;
      case Takes::maps:
        at.of = Of::maps;
        break;
      case Takes::map:
      case Takes::choice_or_map:
      case Takes::text_or_map:
        at.of = Of::map;
        break;
      case Takes::named_maps:
      case Takes::named_maps_or_texts:
        at.of = Of::names;
        break;
      case Takes::pairs:
        at.of = Of::pairs;
        break;
      case Takes::texts:
      case Takes::text_or_texts:
      case Takes::normalize:
        at.of = Of::texts;
        break;
      default:
        return at;
    }
    at.map = at.of == Of::pairs || at.of == Of::texts ? map : entry->of;
    if (at.map == MapOf::one_of) {
      at.by_path = std::string(node.text_of("by"));
      at.by = follow(at.source, at.by_path);
    }
    return at;
  }
  // The scopes of the rules that stand in the map `body`.
  void inside(Level& at, const TypedNode& body) {
    const TypedScope outer = at.source;
    for (const char* key : {"from", "each"})
      if (const TypedNode* from = body.find(key)) {
        TypedScope inner = follow(outer, from->text).scope;
        inner.matched = outer.matched;
        at.source = std::move(inner);
      }
    if (const TypedNode* match = body.find("match_on")) {
      const TypedPlace array = follow(outer, match->text_of("array"));
      if (array.scope.model) at.source.matched = std::make_shared<const TypedScope>(array.scope);
    }
    if (const TypedNode* spread = body.find("spread")) spread_scopes(at, *spread, outer);
    if (const TypedNode* embedded = body.find("embedded")) {
      const bool both = embedded->find("source") && embedded->find("target");
      const bool of_source = both || (embedded->members.empty() ? body.find("from") : embedded->find("source"));
      TypedScope document = root_scope(model(std::string(embedded->text_of("schema"))), embedded->text_of("root"));
      if (of_source) at.source = document;
      if (both || !of_source) at.target = std::move(document);
    }
  }
  static void spread_scopes(Level& at, const TypedNode& spread, const TypedScope& outer) {
    std::vector<std::string> prefixes;
    if (const TypedNode* pairs = spread.find("prefixes"))
      for (const auto& pair : pairs->members) prefixes.push_back(pair->text);
    if (const TypedNode* from = spread.find("from")) {
      at.source = follow(outer, from->text).scope;
      at.target.prefixes = std::move(prefixes);
    } else {
      at.source.prefixes = std::move(prefixes);
    }
  }

  void answer(Level at, const TypedNode& node, const TypedNode& around) {
    if (at.of == Of::maps && node.item) {  // the first key of an item
      at.of = Of::map;
      return keys(at, node);
    }
    const bool typing_key = text_.in_key || node.key.empty();
    if (at.of == Of::texts && node.key.empty()) return listed(at);
    if (typing_key) return keys(at, around);
    if (at.of == Of::rules) return sources(at.source, Reach::single);
    if (at.of == Of::pairs) return paired(at, node.key);
    if (at.of != Of::map) return;
    const KeyEntry* entry = find_key(at.map, node.key);
    if (!entry) return;
    choices(*entry);
    value(at, node.key, around);
  }
  void choices(const KeyEntry& entry) {
    for (size_t from = 0; from < entry.choices.size();) {
      const size_t end = std::min(entry.choices.find(' ', from), entry.choices.size());
      out_.push_back({std::string(entry.choices.substr(from, end - from)), "value",
                      fmt::format("{} / {}", entry.vi, entry.en), ""});
      from = end + 1;
    }
  }
  // A key of a map, the target of a rule, or a name that is a path.
  void keys(const Level& at, const TypedNode& around) {
    if (at.of == Of::rules) return targets(at, around);
    if (at.of == Of::pairs) return pair_keys(at);
    if (at.of != Of::map) return;
    for (const KeyEntry& key : keys_of(at.map))
      if (!around.find(key.name) || key.name == text_.path.back()->key)
        out_.push_back({std::string(key.name), "key", fmt::format("{} / {}", key.vi, key.en), ""});
  }
  void targets(const Level& at, const TypedNode& around) {
    if (text_.path.back()->find("only_back"))  // it writes a source field
      return paths(at.source, text_.typed, "source", Reach::all, out_);
    paths(at.target, text_.typed, "target", Reach::all, out_);
    // The items of `rules` are one pair each: together they are what is written.
    const TypedNode& list = around.item && text_.path.size() > 2 ? *text_.path[text_.path.size() - 3] : around;
    std::set<std::string> written;
    for (const auto& item : list.members)
      for (const auto& rule : item->members)
        if (rule.get() != text_.path.back()) written.insert(rule->key);
    const auto later = std::stable_partition(out_.begin(), out_.end(),
                                             [&](const Completion& one) { return !written.contains(one.text); });
    for (auto one = later; one != out_.end(); ++one)
      one->detail += (one->detail.empty() ? "" : ", ") + std::string("đã có luật / written already");
  }
  void sources(const TypedScope& scope, Reach reach) { named(scope, text_.typed, "source", reach); }
  void named(const TypedScope& scope, std::string_view typed, const char* kind, Reach reach) {
    const size_t open = typed.rfind('['), text = typed.rfind("='");
    if (open == typed.npos || text == typed.npos || text < open || typed.find(']', open) != typed.npos)
      return paths(scope, typed, kind, reach, out_);
    const TypedPlace items = follow(scope, typed.substr(0, open));
    if (items.scope.model) codes(follow(items.scope, typed.substr(open + 1, text - open - 1)), "");
  }

  void value(const Level& at, const std::string& key, const TypedNode& around) {
    switch (at.map) {
      case MapOf::body:
        return operator_value(at, key, around);
      case MapOf::side:
      case MapOf::embedded:
        if (key == "schema") schemas(around);
        if (key == "root") roots(around);
        return;
      case MapOf::one_of:
        if (key == "by") sources(at.source, Reach::single);
        return;
      case MapOf::one_case:
        if (key == "is") codes(at.by, at.by_path);
        return;
      case MapOf::spread:
        if (key == "from") return sources(at.source, Reach::repeated);
        if (key == "by") return sources(deciding(at, around), Reach::single);
        return;
      case MapOf::match_on:
        if (key == "array") return sources(at.source, Reach::repeated);
        if (key == "key") return sources(follow(at.source, around.text_of("array")).scope, Reach::single);
        return sources(follow(at.source, at.body ? at.body->text_of("each") : "").scope, Reach::single);
      case MapOf::unmapped:
        return codes_with_table(at, true);
      case MapOf::link:
        return names("links");
      case MapOf::table:
        if (key == "as_of") named(root_of(at.source), text_.typed.empty() ? "$" : text_.typed, "source", Reach::single);
        return;
      case MapOf::example:
        if (key == "like") return example_names();
        if (const size_t place = text_.typed.find(" at "); key == "error" && place != text_.typed.npos)
          paths(root_of(at.target), std::string_view(text_.typed).substr(place + 4), "target", Reach::all, out_);
        return;
      default:
        return;
    }
  }
  // The scope of `by` in a spread: the items of the array, wherever it is.
  static TypedScope deciding(const Level& at, const TypedNode& spread) {
    const TypedNode* from = spread.find("from");
    return from ? follow(at.source, from->text).scope : at.target;
  }
  void operator_value(const Level& at, const std::string& key, const TypedNode& body) {
    if (key == "table") return names("tables");
    if (key == "type") return names("types");
    if (key == "link") return names("links");
    if (key == "const" || key == "default") return codes_with_table(at, key == "default");
    if (key == "each") return sources(at.source, Reach::repeated);
    if (key == "from" || key == "parts" || key == "join" || key == "blob" || key == "name")
      return sources(at.source, Reach::single);
    if (key == "when" || key == "required_when" || key == "one_way") return expression(at.source, "source");
    if (key == "where") return expression(follow(at.source, body.text_of("each")).scope, "source");
    if (key == "only_back") expression(rules_target_, "target");
  }
  void expression(TypedScope scope, const char* kind) {
    const ExpressionSpot spot = expression_spot(text_.typed);
    for (const std::string& array : spot.within) {
      TypedScope inner = follow(scope, array).scope;
      inner.matched = scope.matched;
      scope = std::move(inner);
    }
    if (!spot.path.empty()) return codes(follow(scope, spot.path), spot.path);
    named(scope, spot.word, kind, spot.many ? Reach::all : Reach::single);
    if (spot.word.find_first_of(".[$^&") == std::string::npos) expression_words(out_);
  }

  // Items of a list of texts.
  void listed(const Level& at) {
    if (at.map == MapOf::ignore && at.key == "source") return sources(root_of(at.source), Reach::all);
    if (at.map == MapOf::ignore) return paths(root_of(at.target), text_.typed, "target", Reach::all, out_);
    if (at.map == MapOf::one_case) return codes(at.by, at.by_path);
    if (const KeyEntry* entry = find_key(at.map, at.key)) choices(*entry);
  }
  // Paths and codes in maps whose keys are free.
  void pair_keys(const Level& at) {
    if (at.map == MapOf::spread && at.sibling)
      return codes(follow(deciding(at, *at.sibling), at.sibling->text_of("by")), "");
    if (at.map == MapOf::back) return sources(at.source, Reach::single);
    if (at.map == MapOf::example) sources(example_scope(at), Reach::all);
  }
  void paired(const Level& at, const std::string& key) {
    if (at.map == MapOf::back) return codes(follow(at.source, key), key);
    if (at.map == MapOf::example) return codes(follow(example_scope(at), key), key);
    if (at.map != MapOf::body || !at.body) return;
    // `fields`: of parts they are target fields, of join source fields.
    if (const TypedNode* join = at.body->find("join"))
      return sources(follow(at.source, join->text).scope, Reach::single);
    paths(at.target, text_.typed, "target", Reach::single, out_);
  }
  static TypedScope example_scope(const Level& at) {
    return root_of(at.sibling && at.sibling->text_of("direction") == "reverse" ? at.target : at.source);
  }

  // The codes of a field; when its schema knows none, those of the table by which a rule translates `path`.
  void codes(const TypedPlace& at, const std::string& path) {
    codes_of(request_, at, out_);
    if (!out_.empty()) return;
    const std::string last = path.substr(path.rfind('.') + 1);
    const TypedNode* rules = text_.root.find("rules");
    const std::string table = rules && !path.empty() ? table_for(*rules, last) : "";
    if (!table.empty()) table_codes(table, false);
  }
  static std::string table_for(const TypedNode& node, const std::string& source) {
    const std::string_view from = node.text_of("from");
    if (!from.empty() && from.substr(from.rfind('.') + 1) == source && node.find("table"))
      return std::string(node.text_of("table"));
    for (const auto& member : node.members)
      if (auto found = table_for(*member, source); !found.empty()) return found;
    return "";
  }
  // What a rule writes itself: the values of its target, else the target column of its table.
  void codes_with_table(const Level& at, bool table) {
    codes_of(request_, at.field, out_);
    if (out_.empty() && table && at.body && at.body->find("table"))
      table_codes(std::string(at.body->text_of("table")), true);
  }
  void table_codes(const std::string& name, bool target) {
    const TypedNode* tables = text_.root.find("tables");
    const TypedNode* table = tables ? tables->find(name) : nullptr;
    if (!table || !request_.table) return;
    const auto rows = request_.table(table->members.empty() ? table->text : std::string(table->text_of("file")));
    if (rows) codes_in(*rows, target, out_);
  }
  // What `side`, or a document inside a text, may be described by.
  void schemas(const TypedNode& side) {
    if (!request_.schemas) return;
    std::string_view format;
    for (const char* key : {"format", "source", "target"})
      if (format.empty()) format = side.text_of(key);
    for (std::string& name : request_.schemas())
      if (format.empty() || name.ends_with(".xsd") == (format == "xml"))
        out_.push_back({std::move(name), "name", "", ""});
  }
  void roots(const TypedNode& side) {
    const auto described = model(std::string(side.text_of("schema")));
    if (!described) return;
    for (const schema::Field& root : described->roots)
      if (!root.name.empty()) out_.push_back({root.name, "name", "", root.title});
  }
  // Keys below a key of the file: tables, types, links.
  void names(std::string_view section) {
    const TypedNode* node = text_.root.find(section);
    if (!node) return;
    for (const auto& at : node->members)
      if (!at->key.empty())
        out_.push_back({at->key, "name", at->members.empty() ? at->text : std::string(at->text_of("file")), ""});
  }
  void example_names() {
    if (const TypedNode* examples = text_.root.find("examples"))
      for (const auto& item : examples->members)
        if (const TypedNode* name = item->find("name"); name && item.get() != text_.path[text_.path.size() - 2])
          out_.push_back({name->text, "name", "", ""});
  }

  const CompleteRequest& request_;
  TypedText text_;
  TypedScope rules_target_;  // of the innermost list of rules
  std::map<std::string, std::shared_ptr<const schema::Model>> models_;
  Completions out_;
};

}  // namespace

std::vector<Completion> complete(const CompleteRequest& request) { return Completer(request).complete(); }

}  // namespace lt::workshop
