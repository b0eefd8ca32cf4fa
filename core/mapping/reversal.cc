#include "core/mapping/reversal.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/path.h"
#include "core/mapping/source_scope.h"

namespace lt::mapping {
namespace {

std::string absolute(std::string_view path) {
  return "$." + without_brackets(path.substr(0, 2) == "$." ? path.substr(2) : path);
}

// Fields that hold a value of their own; objects and lists come back with what is in them.
bool holds_value(const schema::Model& model, schema::TypeId id) {
  if (id == schema::kNoType) return true;
  const schema::Type& type = model.type(id);
  if (type.may_be(schema::kArray) && !type.may_be(schema::kObject)) return holds_value(model, model.items(id));
  return !type.may_be(schema::kObject) || type.kinds == schema::kAnyKind || model.fields(id).empty();
}

}  // namespace

std::string_view name_of(Fidelity fidelity, bool vietnamese) {
  static constexpr std::string_view kNames[] = {"exact", "canonical", "lossy"};
  static constexpr std::string_view kVietnamese[] = {"nguyên văn", "tương đương", "không khôi phục đủ"};
  return (vietnamese ? kVietnamese : kNames)[static_cast<size_t>(fidelity)];
}

Reversal reversal(const RuleFile& file, const CompileParts& parts, const Inverse& inverse) {
  Reversal out;
  for (const auto& entry : parts.source->paths(file.source.root.text)) {
    if (!entry.found.steps.empty() && !holds_value(*parts.source, entry.found.type)) continue;
    FieldFidelity field;
    field.path = without_brackets(entry.path);
    if (out.find(field.path)) continue;
    field.why = file.stylesheet ? Reason::Is::stylesheet : Reason::Is::no_rule;
    bool known = false;
    for (const ReverseNote& note : inverse.notes) {
      if (!covers(note.source, field.path) || note.whole) continue;
      if (known && field.fidelity <= note.fidelity) continue;
      known = true;
      field.fidelity = note.fidelity;
      field.why = note.why;
      field.place = note.place;
    }
    for (const ReverseNote& note : inverse.notes)
      if (note.whole && covers(note.source, field.path)) {
        field.fidelity = Fidelity::lossy;
        field.why = note.why;
        field.place = note.place;
        known = true;
      }
    field.ignored = std::any_of(file.ignore_source.begin(), file.ignore_source.end(),
                                [&](const Text& path) { return covers(absolute(path.text), field.path); });
    if (field.ignored && !known) field.why = Reason::Is::ignored;
    const bool nullable = entry.found.type != schema::kNoType && parts.source->format == schema::Format::json &&
                          parts.source->type(entry.found.type).kinds != schema::kAnyKind &&
                          parts.source->type(entry.found.type).may_be(schema::kNull);
    if (field.fidelity == Fidelity::exact && nullable) {
      field.fidelity = Fidelity::canonical;
      field.why = Reason::Is::null_or_nothing;
    }
    const uint8_t kinds = entry.found.type == schema::kNoType ? 0 : parts.source->type(entry.found.type).kinds;
    const bool either = (kinds & schema::kString) && (kinds & (schema::kInteger | schema::kNumber));
    if (field.fidelity == Fidelity::exact && either && kinds != schema::kAnyKind) {
      field.fidelity = Fidelity::canonical;
      field.why = Reason::Is::number_or_text;
    }
    out.overall = std::max(out.overall, field.fidelity);
    out.fields.push_back(std::move(field));
  }
  return out;
}

const FieldFidelity* Reversal::find(std::string_view path) const {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.path == path; });
  return at == fields.end() ? nullptr : &*at;
}

std::string Reversal::text(size_t most, bool vietnamese) const {
  std::string out(name_of(overall, vietnamese));
  if (overall != Fidelity::lossy) return out;
  size_t named = 0, ignored = 0;
  out += "(";
  for (const FieldFidelity& field : fields) {
    if (field.fidelity != Fidelity::lossy) continue;
    if (field.ignored)
      ++ignored;
    else if (named++ < most)
      out.append(named > 1 ? ", " : "").append(field.path.substr(std::min<size_t>(2, field.path.size())));
  }
  if (named > most) out += fmt::format(fmt::runtime(vietnamese ? ", và {} trường nữa" : ", and {} more"), named - most);
  if (ignored > 0)
    out += fmt::format("{}{} {}", named > 0 ? "; " : "", ignored, vietnamese ? "trường bỏ qua" : "ignored");
  return out + ")";
}

void check_promise(const RuleFile& file, const Reversal& reversal, config::Diagnostics& out) {
  if (!file.promised || reversal.overall <= *file.promised) return;
  if (file.stylesheet)
    return out.error(
        Code::weaker_than_promised, file.promise.place,
        fmt::format("reverse: {} is promised, but {}", name_of(*file.promised), Reason(Reason::Is::stylesheet).text()));
  std::string fields;
  size_t count = 0;
  for (const FieldFidelity& field : reversal.fields) {
    if (field.fidelity <= *file.promised) continue;
    if (++count <= 8)
      fields +=
          fmt::format("{}{} is {} ({}{})", count > 1 ? "; " : "", field.path, name_of(field.fidelity), field.why.text(),
                      field.place.line > 0 ? fmt::format(", line {}", field.place.line) : std::string());
  }
  if (count > 8) fields += fmt::format("; and {} more", count - 8);
  out.error(Code::weaker_than_promised, file.promise.place,
            fmt::format("reverse: {} is promised, but {}", name_of(*file.promised), fields));
}

}  // namespace lt::mapping
