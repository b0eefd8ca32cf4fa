#include "core/workshop/complete_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/mapping/expression.h"
#include "core/mapping/path.h"
#include "core/schema/code_list.h"
#include "core/schema/code_table.h"

namespace lt::workshop {
namespace {

using schema::Field;
using schema::kNoType;

constexpr size_t kDepth = 3;  // of objects in objects

std::string type_of(const schema::Model& model, const Field& field) {
  std::string out = field.required ? "bắt buộc / required" : "";
  if (field.type == kNoType) return out;
  const char* kind = repeated(model, field) ? "array" : !model.fields(field.type).empty() ? "object" : nullptr;
  return (kind ? kind : std::string(schema::name_of(model.type(field.type).scalar))) + (out.empty() ? "" : ", " + out);
}

class Lister {
 public:
  Lister(const schema::Model& model, const char* kind, Reach reach, Completions& out)
      : model_(model), kind_(kind), reach_(reach), out_(out) {}

  void fields(schema::TypeId type, const std::string& above, size_t depth = 0) {
    if (type == kNoType || depth > kDepth) return;
    for (const Field* field : model_.fields(type)) {
      if (out_.size() >= kMostCompletions) return;
      const std::string step = mapping::path_text(std::vector<std::string>{field->name});
      const std::string path = above + (step[0] == '[' || above.empty() || above.back() == '.' ? "" : ".") + step;
      const bool many = repeated(model_, *field);
      if (reach_ == Reach::all || many == (reach_ == Reach::repeated))
        out_.push_back({path, kind_, type_of(model_, *field), field->title});
      if (!many) fields(field->type, path, depth + 1);
    }
  }
  // Each name once, without the prefixes; those that all prefixes have first.
  void prefixed(schema::TypeId type, const std::vector<std::string>& prefixes) {
    std::map<std::string, std::pair<size_t, const Field*>> seen;
    std::vector<std::string> order;
    for (const Field* field : type == kNoType ? std::vector<const Field*>() : model_.fields(type))
      for (const std::string& prefix : prefixes) {
        const size_t at = prefix.empty() ? std::string::npos : field->name.find(prefix);
        if (at == std::string::npos || field->name.size() == prefix.size()) continue;
        const std::string name =
            field->name.substr(0, at) + (at == 0 ? "" : "*") + field->name.substr(at + prefix.size());
        const auto [entry, fresh] = seen.try_emplace(name, 0, field);
        ++entry->second.first;
        if (fresh) order.push_back(name);
      }
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto& a, const auto& b) { return seen[a].first > seen[b].first; });
    for (const std::string& name : order)
      out_.push_back({name, kind_,
                      fmt::format("{}, {}/{}", type_of(model_, *seen[name].second), seen[name].first, prefixes.size()),
                      seen[name].second->title});
  }

 private:
  const schema::Model& model_;
  const char* kind_;
  Reach reach_;
  Completions& out_;
};

const schema::Type* described(const TypedPlace& at) {
  return at.scope.model && at.scope.type() != kNoType ? &at.scope.model->type(at.scope.type()) : nullptr;
}

struct Word {
  const char* name;
  const char* arguments;
  const char* vi;
  const char* en;
};
constexpr Word kFunctions[] = {
    {"concat", "(a, ...)", "nối các chữ", "texts joined"},
    {"coalesce", "(a, ...)", "giá trị đầu tiên có mặt", "the first that is there"},
    {"if", "(condition, a, b)", "a khi điều kiện đúng, không thì b", "a when it holds, else b"},
    {"upper", "(x)", "chữ hoa", "in upper case"},
    {"lower", "(x)", "chữ thường", "in lower case"},
    {"fold", "(x)", "bỏ dấu, chữ thường", "unaccented, small letters"},
    {"length", "(x)", "số ký tự", "how many characters"},
    {"substring", "(x, start[, length])", "một đoạn, đếm từ 1", "a part, counted from 1"},
    {"count", "(PATH)", "số phần tử", "how many items"},
    {"any", "(PATH[, condition])", "có phần tử nào thoả", "is there an item for which"},
    {"number", "(x)", "đọc như số", "read as a number"},
    {"date", "(x, 'dd/MM/yyyy')", "ngày ISO", "the ISO day"}};
constexpr Word kWords[] = {{"and", "", "và", "both hold"},
                           {"or", "", "hoặc", "one holds"},
                           {"not", "", "không", "does not hold"},
                           {"in", " ('a', 'b')", "là một trong", "is one of"},
                           {"exists", " PATH", "có mặt", "is there"},
                           {"true", "", "đúng", "true"},
                           {"false", "", "sai", "false"},
                           {"null", "", "không có", "null"}};

bool ends_word(char c) {
  return c == ' ' || c == '\t' || c == '\n' || std::string_view("(),=!<>").find(c) != std::string_view::npos;
}

// What an expression holds before the cursor: words, marks, and texts that are closed.
std::vector<std::string> tokens_of(std::string_view text, bool& in_text) {
  std::vector<std::string> out;
  in_text = false;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n') {
      ++at;
    } else if (c == '\'' || c == '"') {
      const size_t end = text.find(c, at + 1);
      in_text = end == text.npos;
      out.emplace_back("'");
      if (in_text) return out;
      at = end + 1;
    } else if (ends_word(c)) {
      const bool two = c != '(' && c != ')' && c != ',' && text.substr(at + 1, 1) == "=";
      out.emplace_back(text.substr(at, two ? 2 : 1));
      at += two ? 2 : 1;
    } else {
      const size_t from = at;
      for (int depth = 0; at < text.size() && (depth > 0 || !ends_word(text[at])); ++at)
        depth += text[at] == '[' ? 1 : text[at] == ']' ? -1 : 0;
      out.emplace_back(text.substr(from, at - from));
    }
  }
  return out;
}

// Of "Loai ==" and "Loai in ('a',": Loai.
std::string compared(const std::vector<std::string>& tokens) {
  size_t at = tokens.size() - 1;  // the text being typed
  while (at > 0 && (tokens[at - 1] == "," || tokens[at - 1] == "'")) --at;
  if (at >= 3 && tokens[at - 1] == "(" && tokens[at - 2] == "in") return tokens[at - 3];
  at = tokens.size() - 1;
  const bool sign = at >= 2 && (tokens[at - 1] == "==" || tokens[at - 1] == "!=");
  return sign ? tokens[at - 2] : "";
}

}  // namespace

void paths(const TypedScope& scope, std::string_view typed, const char* kind, Reach reach, Completions& out) {
  if (!scope.model) return;
  const size_t open = typed.rfind('[');
  if (open != typed.npos && typed.find(']', open) == typed.npos && typed.substr(open, 2) != "[\"") {
    const TypedPlace items = follow(scope, typed.substr(0, open));
    if (items.scope.model)
      for (const Field* field : items.scope.model->fields(items.scope.type()))
        out.push_back({fmt::format("{}{}='", typed.substr(0, open + 1), field->name), kind, "", field->title});
    return;
  }
  // What is typed already goes before: "$.", "^.", "A.B.".
  const size_t dot = typed.rfind('.');
  const bool marked = !typed.empty() && std::string_view("$^&").find(typed[0]) != std::string_view::npos;
  const bool prefix = dot != typed.npos && dot > 0;
  if (!prefix && !marked) {
    if (!scope.prefixes.empty()) return Lister(*scope.model, kind, reach, out).prefixed(scope.type(), scope.prefixes);
    return Lister(*scope.model, kind, reach, out).fields(scope.type(), "");
  }
  const std::string above(prefix ? typed.substr(0, dot) : typed);
  const TypedPlace at = follow(scope, above);
  if (at.scope.model && !at.repeated) Lister(*at.scope.model, kind, reach, out).fields(at.scope.type(), above + ".");
}

void codes_of(const CompleteRequest& request, const TypedPlace& at, Completions& out) {
  const schema::Type* type = described(at);
  if (!type) return;
  const auto list = type->codes.empty() || !request.codes ? nullptr : request.codes(type->codes);
  const auto title = [&](const std::string& code) {
    const schema::CodeEntry* entry = list ? list->find(code) : nullptr;
    return entry ? entry->name : std::string();
  };
  if (at.field && at.field->fixed)
    out.push_back({*at.field->fixed, "code", "cố định / fixed", title(*at.field->fixed)});
  if (type->allowed) {
    for (const schema::Literal& one : *type->allowed) out.push_back({one.text, "code", "", title(one.text)});
  } else if (list) {
    for (const schema::CodeEntry& entry : list->entries())
      if (entry.to == schema::kNever) out.push_back({entry.code, "code", entry.name_en, entry.name});
  } else if (type->scalar == schema::Scalar::boolean) {
    for (const char* one : {"true", "false"}) out.push_back({one, "code", "", ""});
  }
}

void codes_in(const schema::CodeTable& table, bool target, Completions& out) {
  for (const schema::CodeRow& row : table.rows()) {
    const std::string& code = target ? row.target : row.source;
    const bool known = std::any_of(out.begin(), out.end(), [&](const Completion& at) { return at.text == code; });
    if (!known) out.push_back({code, "code", table.file(), target ? row.target_name : row.source_name});
    if (out.size() >= kMostCompletions) return;
  }
}

ExpressionSpot expression_spot(std::string_view typed) {
  ExpressionSpot out;
  bool in_text = false;
  std::vector<std::string> tokens = tokens_of(typed, in_text);
  if (in_text) {
    out.path = compared(tokens);
  } else if (!typed.empty() && !tokens.empty() && !ends_word(typed.back()) && tokens.back() != "'") {
    out.word = tokens.back();
    tokens.pop_back();
  }
  struct Call {
    std::string name, first;
    size_t argument = 0;
  };
  std::vector<Call> calls;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == "(") {
      calls.push_back({i > 0 ? tokens[i - 1] : "", i + 1 < tokens.size() ? tokens[i + 1] : "", 0});
    } else if (!calls.empty() && tokens[i] == ")") {
      calls.pop_back();
    } else if (!calls.empty() && tokens[i] == ",") {
      ++calls.back().argument;
    }
  }
  for (const Call& call : calls)
    if (call.name == "any" && call.argument > 0) out.within.push_back(call.first);
  const bool list = !calls.empty() && (calls.back().name == "any" || calls.back().name == "count");
  out.many = (list && calls.back().argument == 0) || (!tokens.empty() && tokens.back() == "exists");
  return out;
}

void expression_words(Completions& out) {
  for (const Word& at : kFunctions)
    out.push_back({at.name, "function", std::string(at.name) + at.arguments, fmt::format("{} / {}", at.vi, at.en)});
  for (const Word& at : kWords)
    out.push_back({at.name, "value", std::string(at.name) + at.arguments, fmt::format("{} / {}", at.vi, at.en)});
}

}  // namespace lt::workshop
