#include "core/proof/mapping_domains.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <list>
#include <set>

#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/path.h"
#include "core/mapping/pattern_groups.h"
#include "core/proof/generator.h"
#include "core/proof/rule_walk.h"
#include "core/schema/json_schema.h"
#include "core/schema/schema_files.h"

namespace lt::proof {
namespace {

using mapping::Embedded;
using mapping::Origin;
using mapping::Rule;
using mapping::WhenAbsent;

constexpr size_t kEmbeddedTexts = 12;

std::string whole(std::string pattern) {
  for (size_t at = 0; (at = pattern.find("(?<", at)) != std::string::npos; at += 4) pattern.insert(at + 2, "P");
  const bool begun = pattern.starts_with('^'), ended = pattern.ends_with('$') && !pattern.ends_with("\\$");
  return "^(?:" + pattern.substr(begun ? 1 : 0, pattern.size() - (begun ? 1 : 0) - (ended ? 1 : 0)) + ")$";
}

class Collector {
 public:
  Collector(const mapping::MappingStore::Entry& entry, End end)
      : entry_(entry),
        end_(end),
        own_(*(end == End::source ? entry.parts.source : entry.parts.target)),
        other_(*(end == End::source ? entry.parts.target : entry.parts.source)) {
    const auto& file = entry.file;
    own_root_ = end == End::source ? file.source.root.text : file.target.root.text;
    other_root_ = end == End::source ? file.target.root.text : file.source.root.text;
    for (const auto& at : own_.paths(own_root_)) {
      std::string plain;
      for (size_t i = 0; i < at.path.size(); ++i) {
        if (at.path.compare(i, 2, "[]") == 0)
          ++i;
        else
          plain += at.path[i];
      }
      full_.emplace(std::move(plain), &paths_.emplace_back(at.path));
    }
  }

  Domains run() {
    walk_rules(entry_.file, [&](const Rule& rule, const RuleScope& scope, const auto&) { visit(rule, scope); });
    for (const std::string& path : optional_)
      if (const auto at = out_.find(path); at != out_.end()) at->second.presence = Domain::Presence::as_schema;
    for (auto& [path, values] : compared_) {
      Domain& domain = out_[path];
      if (domain.values.empty() && !domain.base64 && domain.date_pattern.empty()) domain.values = values;
    }
    return std::move(out_);
  }

 private:
  Domain* domain(const std::optional<std::string>& path) {
    const auto at = path ? full_.find(*path) : full_.end();
    return at == full_.end() ? nullptr : &out_[*at->second];
  }

  const schema::Type* type_of(const schema::Model& model, const std::string& root, const std::string& path) const {
    const auto found = model.lookup(path, root);
    return found && found->declared() ? &model.type(found->type) : nullptr;
  }

  // Values that several rules name must suit them all.
  static void narrow(Domain& domain, std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (!domain.values.empty()) {
      std::vector<std::string> both;
      std::set_intersection(values.begin(), values.end(), domain.values.begin(), domain.values.end(),
                            std::back_inserter(both));
      if (!both.empty()) values = std::move(both);
    }
    domain.values = std::move(values);
  }

  void visit(const Rule& rule, const RuleScope& scope) {
    const bool source = end_ == End::source;
    const auto from = rule.source.text.empty() || rule.origin == Origin::constant || rule.origin == Origin::one_way
                          ? std::nullopt
                          : scope.source_path(rule.source.text);
    const std::string target = scope.target_path(rule.target.text);
    if (source) {
      for (const auto& when : rule.when) condition(when, scope);
      if (rule.required_when) condition(*rule.required_when, scope);
    }
    if (rule.origin == Origin::parts || rule.origin == Origin::join) return pattern(rule, scope, from, target);
    if (rule.origin == Origin::constant) {
      Domain* fixed = source ? nullptr : domain(target);
      if (fixed != nullptr && !rule.source.null) narrow(*fixed, {rule.source.text});
      return;
    }
    if (rule.origin == Origin::cases) {
      std::vector<std::string> keys;
      for (const auto& [key, same] : rule.fields) keys.push_back(key.text);
      const auto path = rule.by.text.empty() || !from ? from : std::optional(*from + "." + rule.by.text);
      if (Domain* at = source ? domain(path) : nullptr) narrow(*at, std::move(keys));
      return;
    }
    if (rule.origin != Origin::from && rule.origin != Origin::blob && rule.origin != Origin::each) return;
    presence(rule, scope, from, target);
    if (rule.embedded_source != Embedded::none && source) {
      if (Domain* at = domain(from)) at->values = embedded(rule);
      return;
    }
    if (!rule.group) value(rule, source ? domain(from) : domain(target), from, target);
  }

  void value(const Rule& rule, Domain* at, const std::optional<std::string>& from, const std::string& target) {
    if (at == nullptr) return;
    const bool source = end_ == End::source;
    if (rule.table) codes(rule, *at);
    if (rule.type)
      for (const auto& use : entry_.file.types)
        if (use.name.text == rule.type->text) at->date_pattern = source ? use.pattern.text : use.to.text;
    if (rule.match && !rule.table && !rule.type) at->pattern = rule.match->text;
    if (rule.origin == Origin::blob && rule.blob == mapping::BlobForm::base64) at->base64 = true;
    if (at->values.empty() && at->date_pattern.empty() && at->pattern.empty() && !at->base64)
      numbers(rule, *at, source && from ? *from : target);
    // What is copied has to suit the other side as well.
    const bool plain = !rule.table && !rule.type && !rule.link && rule.origin != Origin::blob;
    const schema::Type* there = plain ? type_of(other_, other_root_, source ? target : from.value_or("")) : nullptr;
    if (there == nullptr) return;
    at->also = facets_of(*there);
    if (there->allowed) {
      std::vector<std::string> values;
      for (const auto& literal : *there->allowed)
        if (literal.node == nullptr || literal.node->kind != Kind::null) values.push_back(literal.text);
      narrow(*at, std::move(values));
    }
  }

  static std::shared_ptr<const schema::Type> facets_of(const schema::Type& from) {
    auto out = std::make_shared<schema::Type>();
    out->scalar = from.scalar;
    const uint8_t values = from.kinds & static_cast<uint8_t>(~schema::kNull);
    if (values == schema::kInteger) out->scalar = schema::Scalar::integer;
    if (values == schema::kNumber || values == (schema::kNumber | schema::kInteger))
      out->scalar = schema::Scalar::decimal;
    if (values == schema::kBoolean) out->scalar = schema::Scalar::boolean;
    out->name = from.name;
    out->min_length = from.min_length;
    out->max_length = from.max_length;
    out->patterns = from.patterns;
    out->format = from.format;
    out->minimum = from.minimum;
    out->maximum = from.maximum;
    out->multiple_of = from.multiple_of;
    out->total_digits = from.total_digits;
    out->fraction_digits = from.fraction_digits;
    return out;
  }

  void codes(const Rule& rule, Domain& at) {
    const auto table = entry_.parts.tables.find(rule.table->text);
    if (table == entry_.parts.tables.end() || !table->second) return;
    std::vector<std::string> values;
    for (const auto& row : table->second->rows()) values.push_back(end_ == End::source ? row.source : row.target);
    narrow(at, std::move(values));
  }

  // A number that stands as text.
  void numbers(const Rule& rule, Domain& at, const std::string& path) {
    const schema::Type* type = type_of(own_, own_root_, path);
    if (type == nullptr || !type->may_be(schema::kString) || type->allowed || !type->patterns.empty()) return;
    if (type->scalar != schema::Scalar::any && type->scalar != schema::Scalar::string) return;
    if (rule.as == mapping::As::integer) at.pattern = "^(0|-?[1-9][0-9]{0,5})$";
    if (rule.as == mapping::As::decimal) at.pattern = "^(0|-?[1-9][0-9]{0,5})(\\.[0-9]{1,2})?$";
    if (rule.as == mapping::As::boolean) at.values = {"0", "1", "false", "true"};
  }

  void pattern(const Rule& rule, const RuleScope& scope, const std::optional<std::string>& from,
               const std::string& target) {
    if (!rule.pattern) return;
    const bool source = end_ == End::source;
    const bool reads_text = (rule.origin == Origin::parts) == source;
    if (reads_text) {
      if (Domain* at = domain(source ? from : std::optional(target))) at->pattern = whole(with_codes(rule));
      if (source) presence(rule, scope, from, target);
      return;
    }
    for (const mapping::PatternGroup& group : mapping::pattern_groups(rule.pattern->text)) {
      std::string field(group.name);
      for (const auto& [said, where] : rule.fields)
        if (said.text == group.name) field = where.text;
      const std::string base = source ? from.value_or("$") : target;
      if (Domain* at = domain(base + "." + field); at != nullptr && !rule.table)
        at->pattern = whole(std::string(group.inside));
    }
  }

  // The pattern of `parts`; groups that are looked up hold codes of the table.
  std::string with_codes(const Rule& rule) const {
    std::string out = rule.pattern->text;
    const auto table = rule.table ? entry_.parts.tables.find(rule.table->text) : entry_.parts.tables.end();
    if (table == entry_.parts.tables.end() || !table->second) return out;
    std::string codes;
    for (const auto& row : table->second->rows())
      codes.append(codes.empty() ? "" : "|").append(re2::RE2::QuoteMeta(row.source));
    const auto groups = mapping::pattern_groups(rule.pattern->text);
    for (auto group = groups.rbegin(); group != groups.rend(); ++group)
      if (!group->nested)
        out.replace(static_cast<size_t>(group->inside.data() - rule.pattern->text.data()), group->inside.size(), codes);
    return out;
  }

  // There, and all on the way to it, when the other side cannot do without.
  void presence(const Rule& rule, const RuleScope& scope, const std::optional<std::string>& from,
                const std::string& target) {
    const auto& here = end_ == End::source ? from : std::optional(target);
    const auto& there = end_ == End::source ? std::optional(target) : from;
    if (!here || !there || !rule.when.empty() || rule.fallback) return;
    if (rule.when_absent != WhenAbsent::unsaid && rule.when_absent != WhenAbsent::hold) return;
    const auto found = other_.lookup(*there, other_root_);
    const bool required = found && !found->steps.empty() && found->steps.back()->required;
    const bool held = rule.when_absent == WhenAbsent::hold && end_ == End::source;
    if (!required && !held) return;
    const std::string scope_path = mapping::absolute_path(end_ == End::source ? scope.source : scope.target);
    for (size_t end = here->size(); end != std::string::npos && end > 1; end = here->rfind('.', end - 1)) {
      const std::string path = here->substr(0, end);
      if (path.size() <= scope_path.size() && mapping::covers(path, scope_path)) break;
      if (Domain* at = domain(path)) at->presence = Domain::Presence::always;
    }
  }

  // Both sides of `PATH == 'x'`, `PATH >= 3`, `exists PATH`, as far as a glance tells them.
  void condition(const mapping::Text& text, const RuleScope& scope) {
    static const re2::RE2 compared(
        R"x(([^\s()=!<>,'"]+)\s*(==|!=|<=|>=|<|>|in)\s*(\([^)]*\)|'[^']*'|"[^"]*"|-?[0-9][0-9.]*|true|false))x");
    static const re2::RE2 one(R"x('([^']*)'|"([^"]*)"|(-?[0-9][0-9.]*))x");
    static const re2::RE2 present(R"(exists\s+([^\s()=!<>,]+))");
    const auto full = [&](const std::string& path) -> std::string {
      const auto at = scope.source_path(path);
      const auto found = at ? full_.find(*at) : full_.end();
      return found == full_.end() ? std::string() : *found->second;
    };
    std::string path, sign, literals;
    re2::StringPiece rest(text.text);
    while (re2::RE2::FindAndConsume(&rest, compared, &path, &sign, &literals)) {
      const std::string at = full(path);
      if (at.empty()) continue;
      re2::StringPiece inside(literals);
      std::string single, quoted, number;
      while (re2::RE2::FindAndConsume(&inside, one, &single, &quoted, &number)) {
        const std::string value = single + quoted + number;
        auto& values = compared_[at];
        values.push_back(value);
        int64_t whole_number = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), whole_number);
        if (read.ec == std::errc() && read.ptr == value.data() + value.size()) {
          values.push_back(std::to_string(whole_number - 1));
          values.push_back(std::to_string(whole_number + 1));
        } else {
          values.push_back("khác");
          values.push_back("KHAC");
        }
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        single.clear(), quoted.clear(), number.clear();
      }
    }
    rest = text.text;
    while (re2::RE2::FindAndConsume(&rest, present, &path))
      if (const std::string at = full(path); !at.empty()) optional_.insert(at);
  }

  // Of the schema of the embedded document; without one, of the paths that are read.
  std::vector<std::string> embedded(const Rule& rule) {
    config::Diagnostics reported;
    std::shared_ptr<const schema::Model> model;
    if (const auto known = entry_.parts.embedded.find(rule.embedded_schema.text);
        known != entry_.parts.embedded.end() && known->second)
      model = known->second;
    schema::SchemaFiles files(system_env(), "", reported);
    if (!model) {
      files.put("embedded", schema_of(rule.rules));
      model = schema::read_json_schema(files, "embedded", reported);
    }
    std::vector<std::string> out;
    if (!model) return out;
    auto generator = Generator::make(*model, model->format == schema::Format::xml ? rule.embedded_root.text : "");
    if (!generator) return out;
    for (uint64_t seed = 0; out.size() < kEmbeddedTexts && seed < 4 * kEmbeddedTexts; ++seed) {
      Document document = generator->document(seed);
      if (!document.valid) continue;
      Node* root = document.tree.root();
      std::string text;
      codec::XmlWriteOptions options;
      options.declaration = false;
      if (!model->target_ns.empty()) options.prefixes.push_back({model->target_ns, "e"});
      const bool xml = rule.embedded_source == Embedded::xml;
      const std::string_view named = rule.embedded_root.text;
      if (xml && root->name.empty()) root->name = named.empty() ? std::string_view("a") : named;
      const auto written = xml ? codec::write_xml(root, options, text) : codec::write_json(root, text);
      if (written) out.push_back(std::move(text));
    }
    return out;
  }

  static std::string schema_of(const std::vector<Rule>& rules) {
    struct Shape {
      std::map<std::string, Shape> fields;
      bool list = false;
    };
    const auto grow = [](const auto& self, const std::vector<Rule>& all, Shape& base) -> void {
      for (const Rule& rule : all) {
        const auto path = mapping::parse_source_path(rule.source.text);
        Shape* at = &base;
        const bool reads = rule.origin == Origin::from || rule.origin == Origin::each || rule.origin == Origin::blob ||
                           rule.origin == Origin::parts;
        if (reads && (!path || path->from_root || path->up > 0 || path->matched)) continue;
        if (reads)
          for (const auto& step : path->steps) at = &at->fields[step.name];
        if (rule.origin == Origin::each) at->list = true;
        self(self, rule.rules, *at);
      }
    };
    Shape root;
    grow(grow, rules, root);
    const auto write = [](const auto& self, const Shape& shape) -> std::string {
      std::string out = R"({"type":"string","maxLength":12})";
      if (!shape.fields.empty()) {
        out = R"({"type":"object","additionalProperties":false,"properties":{)";
        for (bool first = true; const auto& [name, field] : shape.fields) {
          out.append(first ? "\"" : ",\"").append(name).append("\":").append(self(self, field));
          first = false;
        }
        out += "}}";
      }
      return shape.list ? R"({"type":"array","items":)" + out + "}" : out;
    };
    return write(write, root);
  }

  const mapping::MappingStore::Entry& entry_;
  const End end_;
  const schema::Model &own_, &other_;
  std::string own_root_, other_root_;
  std::list<std::string> paths_;
  std::map<std::string, const std::string*, std::less<>> full_;  // without [] -> as the generator names it
  Domains out_;
  std::map<std::string, std::vector<std::string>> compared_;
  std::set<std::string> optional_;
};

}  // namespace

Domains domains_of(const mapping::MappingStore::Entry& entry, End end) { return Collector(entry, end).run(); }

bool keeps_rest(const mapping::RuleFile& file) {
  bool out = file.keep_rest;
  walk_rules(file, [&](const Rule& rule, const RuleScope&, const auto&) { out = out || rule.keep_rest; });
  return out;
}

}  // namespace lt::proof
