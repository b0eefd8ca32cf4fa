#include "core/mapping/rule_file.h"

#include <fmt/format.h>

#include "core/mapping/yaml_form.h"

namespace lt::mapping {
namespace {

class FileReader : YamlForm {
 public:
  explicit FileReader(config::Diagnostics& diagnostics) : YamlForm(diagnostics), rules_(diagnostics) {}

  RuleFile file(const Value& value) {
    RuleFile file;
    file.file = value.file ? *value.file : std::string();
    file.place = value.place();
    static const std::vector<std::string> kKeys = {"mapping", "version", "title", "source", "target",
                                                   "reverse", "tables",  "types", "links",  "xslt",
                                                   "rules",   "rest",    "unfit", "ignore", "examples"};
    if (!keys(value, kKeys, "mapping")) return file;
    for (const Member& at : value.members) member(at, file);
    for (const char* key : {"mapping", "version", "source", "target"}) require(value, key, "mapping");
    if (!file.stylesheet) require(value, "rules", "mapping");
    if (file.stylesheet && value.find("rules"))
      out_.error(Code::wrong_type, value.find("rules")->place(), "a mapping has rules or xslt, not both");
    return file;
  }

 private:
  void member(const Member& at, RuleFile& file) {
    if (at.key == "mapping")
      text(at.value, file.name);
    else if (at.key == "version")
      number(at.value, 1, file.version);
    else if (at.key == "title")
      text(at.value, file.title);
    else if (at.key == "source")
      side(at.value, file.source);
    else if (at.key == "target")
      side(at.value, file.target);
    else if (at.key == "reverse")
      promise(at, file);
    else if (at.key == "tables")
      tables(at.value, file.tables);
    else if (at.key == "types")
      types(at.value, file.types);
    else if (at.key == "links")
      links(at.value, file.links);
    else if (at.key == "xslt")
      optional_text(at.value, file.stylesheet);
    else if (at.key == "rest")
      file.keep_rest = rest(at.value);
    else if (at.key == "unfit")
      choice<bool>(at.value, {{"hold", true}, {"warn", false}}, file.unfit_held);
    else if (at.key == "ignore")
      ignore(at.value, file);
    else if (at.key == "examples")
      examples(at.value, file.examples);
    else if (at.key == "rules") {
      file.place = at.place();
      rules_.rules(at.value, file.rules);
    }
  }
  void promise(const Member& at, RuleFile& file) {
    if (!is_one_of(at.value, {"exact", "canonical", "lossy", "none"})) return;
    file.promise = {at.value.text, at.value.place()};
    if (at.value.text == "none")
      file.no_reverse = true;
    else
      file.promised = fidelity(at.value.text);
  }
  static Fidelity fidelity(std::string_view text) {
    return text == "exact" ? Fidelity::exact : text == "canonical" ? Fidelity::canonical : Fidelity::lossy;
  }

  void side(const Value& value, Side& into) {
    static const std::vector<std::string> kKeys = {"format", "schema", "root", "ns"};
    if (!keys(value, kKeys, "source or target")) return;
    for (const Member& at : value.members) {
      if (at.key == "format")
        choice<bool>(at.value, {{"json", false}, {"xml", true}}, into.xml);
      else if (at.key == "schema")
        text(at.value, into.schema);
      else if (at.key == "root")
        text(at.value, into.root);
      else if (at.key == "ns" && keys_free(at.value, "ns"))
        for (const Member& prefix : at.value.members) {
          Text uri;
          if (text(prefix.value, uri)) into.ns.emplace_back(prefix.key, uri.text);
        }
    }
    require(value, "format", "source or target");
    require(value, "schema", "source or target");
  }
  void tables(const Value& value, std::vector<TableUse>& into) {
    if (!keys_free(value, "tables")) return;
    for (const Member& at : value.members) {
      TableUse table;
      table.name = {at.key, at.place()};
      if (at.value.is_map()) {
        static const std::vector<std::string> kKeys = {"file", "as_of"};
        keys(at.value, kKeys, "table");
        require(at.value, "file", "table");
        if (const Value* file = at.value.find("file")) text(*file, table.file);
        if (const Value* date = at.value.find("as_of")) optional_text(*date, table.as_of);
      } else {
        text(at.value, table.file);
      }
      into.push_back(std::move(table));
    }
  }
  void types(const Value& value, std::vector<TypeUse>& into) {
    if (!keys_free(value, "types")) return;
    for (const Member& at : value.members) {
      TypeUse type;
      type.name = {at.key, at.place()};
      static const std::vector<std::string> kKeys = {"pattern", "to", "zone"};
      if (!keys(at.value, kKeys, "type")) continue;
      require(at.value, "pattern", "type");
      require(at.value, "to", "type");
      if (const Value* pattern = at.value.find("pattern")) text(*pattern, type.pattern);
      if (const Value* to = at.value.find("to")) text(*to, type.to);
      if (const Value* zone = at.value.find("zone")) optional_text(*zone, type.zone);
      into.push_back(std::move(type));
    }
  }
  // links: {name: {"http://10.0.0.5/": "https://lgsp.example/judicial/"}}
  void links(const Value& value, std::vector<LinkUse>& into) {
    if (!keys_free(value, "links")) return;
    for (const Member& at : value.members) {
      LinkUse link;
      link.name = {at.key, at.place()};
      pairs(at.value, "link", link.bases);
      for (const auto& [from, to] : link.bases)
        if (from.text.empty() || to.text.empty())
          out_.error(Code::wrong_type, from.place, "an address to rewrite and its other form cannot be empty");
      into.push_back(std::move(link));
    }
  }
  void ignore(const Value& value, RuleFile& file) {
    static const std::vector<std::string> kKeys = {"source", "target"};
    if (!keys(value, kKeys, "ignore")) return;
    for (const Member& at : value.members) {
      if (!at.value.is_list()) {
        out_.error(Code::wrong_type, at.value.place(), "must be a list of paths");
        continue;
      }
      for (const Value& item : at.value.items) {
        Text path;
        if (text(item, path)) (at.key == "source" ? file.ignore_source : file.ignore_target).push_back(std::move(path));
      }
    }
  }
  void examples(const Value& value, std::vector<Example>& into) {
    if (!value.is_list()) return out_.error(Code::wrong_type, value.place(), "examples must be a list");
    for (const Value& item : value.items) example(item, into);
  }
  void example(const Value& item, std::vector<Example>& into) {
    static const std::vector<std::string> kKeys = {"name", "source", "target",     "like",
                                                   "set",  "error",  "round_trip", "direction"};
    if (!keys(item, kKeys, "example")) return;
    Example example;
    require(item, "name", "example");
    for (const Member& at : item.members) {
      if (at.key == "name")
        text(at.value, example.name);
      else if (at.key == "source")
        optional_text(at.value, example.source);
      else if (at.key == "target")
        optional_text(at.value, example.target);
      else if (at.key == "like")
        optional_text(at.value, example.like);
      else if (at.key == "error")
        optional_text(at.value, example.error);
      else if (at.key == "set")
        pairs(at.value, "set", example.set);
      else if (at.key == "direction")
        choice<bool>(at.value, {{"forward", false}, {"reverse", true}}, example.reverse);
      else if (at.key == "round_trip" && is_one_of(at.value, {"exact", "canonical"}))
        example.round_trip = fidelity(at.value.text);
    }
    const auto& given = example.reverse ? example.target : example.source;
    const auto& expected = example.reverse ? example.source : example.target;
    const char* const names[] = {"source", "target"};
    if (!given && !example.like)
      out_.error(Code::missing_key, item.place(),
                 fmt::format("example needs \"{}\" or \"like\"", names[example.reverse]));
    if (!expected && !example.error)
      out_.error(Code::missing_key, item.place(),
                 fmt::format("example needs \"{}\" or \"error\"", names[!example.reverse]));
    into.push_back(std::move(example));
  }

  RuleReader rules_;
};

}  // namespace

RuleFile read_rule_file(const config::Value& value, config::Diagnostics& diagnostics) {
  return FileReader(diagnostics).file(value);
}

}  // namespace lt::mapping
