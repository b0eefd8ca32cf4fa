#include "core/schema/content_model.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "core/base/limits.h"

namespace lt::schema {
namespace {

constexpr size_t kStarts = 1'000'000;

uint32_t times(uint32_t a, uint32_t b) {
  if (a == 0 || b == 0) return 0;
  if (a == kUnbounded || b == kUnbounded) return kUnbounded;
  return static_cast<uint32_t>(std::min<uint64_t>(uint64_t{a} * b, kUnbounded - 1));
}

// (x{a,b}){c,d} is x{ac,bd} when no number in between is left out.
bool without_gaps(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  if (c == d || a <= 1) return true;
  return c > 0 && (b == kUnbounded || uint64_t{c} * (b - a) >= a - 1);
}

}  // namespace

bool takes(const Wildcard& wildcard, std::string_view ns) {
  const bool named = std::find(wildcard.namespaces.begin(), wildcard.namespaces.end(), ns) != wildcard.namespaces.end();
  return named != wildcard.except;
}

class ContentModel::Compiler {
 public:
  explicit Compiler(ContentModel& model) : model_(model), type_(*model.type_) {}

  Result<void> run(const Particle& top) {
    const Particle* only = &top;
    while (const Particle* inner = single(*only)) only = inner;
    if (only->kind == Particle::Kind::all) return all(*only);
    const uint32_t root = build(top);
    if (failed_) return fail(Code::schema_keyword, failed_, type_.place);
    if (root == kNone) return {};
    finish(root);
    if (failed_) return fail(Code::schema_keyword, failed_, type_.place);
    model_.top_ = root;
    return {};
  }

 private:
  static bool empty(const Particle& particle) {
    if (particle.max_occurs == 0) return true;
    if (particle.kind == Particle::Kind::element || particle.kind == Particle::Kind::any) return false;
    if (particle.kind == Particle::Kind::choice) return false;
    return std::all_of(particle.children.begin(), particle.children.end(), empty);
  }
  // The only child of a sequence that may hold anything.
  static const Particle* single(const Particle& particle) {
    if (particle.kind != Particle::Kind::sequence || particle.min_occurs != 1 || particle.max_occurs != 1)
      return nullptr;
    const Particle* out = nullptr;
    for (const Particle& child : particle.children) {
      if (empty(child)) continue;
      if (out != nullptr) return nullptr;
      out = &child;
    }
    return out;
  }

  Result<void> all(const Particle& particle) {
    model_.all_ = true;
    model_.all_optional_ = particle.min_occurs == 0;
    for (const Particle& child : particle.children) {
      if (child.kind != Particle::Kind::element || child.max_occurs > 1)
        return fail(Code::schema_keyword, "xs:all holds elements that occur at most once", type_.place);
      if (child.max_occurs == 0) continue;
      const uint32_t leaf = add_leaf(child);
      if (child.min_occurs > 0) model_.all_required_.push_back(leaf);
    }
    return {};
  }

  uint32_t add_leaf(const Particle& particle) {
    const auto leaf = static_cast<uint32_t>(model_.leaves_.size());
    if (particle.kind == Particle::Kind::any) {
      model_.leaves_.push_back({kNone, &particle.wildcard, 0});
      return leaf;
    }
    const Field& field = type_.fields[particle.field];
    model_.leaves_.push_back({particle.field, nullptr, 0});
    model_.symbols_.push_back({field.ns, field.name, particle.field});
    return leaf;
  }

  uint32_t add(Part part) {
    model_.parts_.push_back(std::move(part));
    return static_cast<uint32_t>(model_.parts_.size() - 1);
  }

  // kNone: nothing can stand there.
  uint32_t build(const Particle& particle) {
    if (empty(particle) || failed_ != nullptr) return kNone;
    Part part;
    switch (particle.kind) {
      case Particle::Kind::all:
        failed_ = "xs:all stands alone, not inside another group";
        return kNone;
      case Particle::Kind::element:
      case Particle::Kind::any:
        part.kind = Kind::leaf;
        part.leaf = add_leaf(particle);
        break;
      case Particle::Kind::sequence:
      case Particle::Kind::choice:
        part.kind = particle.kind == Particle::Kind::choice ? Kind::choice : Kind::sequence;
        for (const Particle& child : particle.children) {
          const uint32_t id = build(child);
          // In a choice, a branch without anything means that all of it may be left out.
          if (id != kNone)
            part.children.push_back(id);
          else if (part.kind == Kind::choice && child.max_occurs > 0)
            part.nullable = true;
        }
        break;
    }
    const bool lone = part.kind == Kind::sequence && part.children.size() == 1;
    const uint32_t id = lone ? part.children[0] : add(std::move(part));
    return repeat(id, particle.min_occurs, particle.max_occurs);
  }

  uint32_t repeat(uint32_t id, uint32_t least, uint32_t most) {
    if (least == 1 && most == 1) return id;
    Part& inner = model_.parts_[id];
    if (inner.kind == Kind::repeat && without_gaps(inner.least, inner.most, least, most)) {
      inner.least = times(inner.least, least);
      inner.most = times(inner.most, most);
      return id;
    }
    Part part;
    part.kind = Kind::repeat;
    part.least = least;
    part.most = most;
    part.children = {id};
    return add(std::move(part));
  }

  void finish(uint32_t root) {
    parents(root, kNone, 0, 0, 0);
    if (failed_ != nullptr) return;
    size_t total = 0;
    starts(root, total);
    index_symbols();
  }

  void parents(uint32_t id, uint32_t parent, uint32_t place, uint32_t counted, uint16_t slack) {
    Part& part = model_.parts_[id];
    part.parent = parent;
    part.place = place;
    nullable(id);
    if (part.kind == Kind::repeat && model_.parts_[part.children[0]].nullable) {
      // Rounds without anything may fill up what is missing.
      part.least = 0;
      part.nullable = true;
    }
    if (model_.counts(part)) {
      if (counted == kCounted) {
        failed_ = "too many counted groups inside one another";
        return;
      }
      if (part.least <= 1) slack = static_cast<uint16_t>(slack | 1U << counted);
      ++counted;
    }
    part.counted = counted;
    if (part.kind == Kind::leaf) {
      model_.leaves_[part.leaf].part = id;
      model_.slack_.resize(model_.leaves_.size());
      model_.slack_[part.leaf] = slack;
    }
    for (uint32_t i = 0; i < part.children.size(); ++i) parents(part.children[i], id, i, counted, slack);
  }

  bool nullable(uint32_t id) {
    Part& part = model_.parts_[id];
    const auto child = [&](uint32_t at) { return nullable(at); };
    if (part.kind == Kind::choice)
      part.nullable |= std::any_of(part.children.begin(), part.children.end(), child);
    else if (part.kind == Kind::sequence)
      part.nullable = std::all_of(part.children.begin(), part.children.end(), child);
    else if (part.kind == Kind::repeat)
      part.nullable = part.least == 0 || nullable(part.children[0]);
    return part.nullable;
  }

  // Fills the starts of all parts below; returns those with which the part itself can begin.
  std::vector<Start> starts(uint32_t id, size_t& total) {
    Part& part = model_.parts_[id];
    if (part.kind == Kind::leaf) {
      const Leaf& leaf = model_.leaves_[part.leaf];
      part.starts = {{leaf.wildcard != nullptr ? kAnyName : symbol_of(leaf), 0, part.leaf}};
      return part.starts;
    }
    part.needed.assign(part.children.size() + 1, static_cast<uint32_t>(part.children.size()));
    for (size_t i = part.children.size(); i-- > 0;)
      part.needed[i] = model_.parts_[part.children[i]].nullable ? part.needed[i + 1] : static_cast<uint32_t>(i);
    std::vector<Start> out;
    for (uint32_t i = 0; i < part.children.size() && failed_ == nullptr; ++i) {
      for (Start start : starts(part.children[i], total)) {
        start.child = i;
        part.starts.push_back(start);
        if (part.kind != Kind::sequence || i <= part.needed[0]) out.push_back(start);
      }
      if ((total += part.starts.size()) > kStarts) failed_ = "the content of this type is too large";
    }
    std::sort(part.starts.begin(), part.starts.end(), [](const Start& a, const Start& b) {
      return std::tie(a.symbol, a.child, a.leaf) < std::tie(b.symbol, b.child, b.leaf);
    });
    return out;
  }

  uint32_t symbol_of(const Leaf& leaf) {
    if (model_.sorted_.empty()) index_symbols();
    const Field& field = type_.fields[leaf.field];
    return model_.symbol(field.ns, field.name);
  }

 public:
  void index_symbols() {
    model_.sorted_.resize(model_.symbols_.size());
    for (uint32_t i = 0; i < model_.sorted_.size(); ++i) model_.sorted_[i] = i;
    const auto key = [&](uint32_t i) { return std::tie(model_.symbols_[i].name, model_.symbols_[i].ns); };
    std::stable_sort(model_.sorted_.begin(), model_.sorted_.end(),
                     [&](uint32_t a, uint32_t b) { return key(a) < key(b); });
    // One symbol per name, though it may stand in several places.
    const auto end = std::unique(model_.sorted_.begin(), model_.sorted_.end(),
                                 [&](uint32_t a, uint32_t b) { return key(a) == key(b); });
    model_.sorted_.erase(end, model_.sorted_.end());
  }

 private:
  ContentModel& model_;
  const Type& type_;
  const char* failed_ = nullptr;
};

Result<ContentModel> ContentModel::compile(const Type& type) {
  ContentModel out;
  out.type_ = &type;
  if (!type.content) return out;
  Compiler compiler(out);
  LT_TRY(compiler.run(*type.content));
  compiler.index_symbols();
  return out;
}

uint32_t ContentModel::symbol(std::string_view ns, std::string_view name) const {
  const auto at =
      std::lower_bound(sorted_.begin(), sorted_.end(), std::tie(name, ns),
                       [&](uint32_t i, const auto& key) { return std::tie(symbols_[i].name, symbols_[i].ns) < key; });
  return at != sorted_.end() && symbols_[*at].name == name && symbols_[*at].ns == ns ? *at : kNoSymbol;
}

uint32_t ContentModel::declared(std::string_view ns, std::string_view name) const {
  const uint32_t found = symbol(ns, name);
  return found == kNoSymbol ? kNone : symbols_[found].field;
}

}  // namespace lt::schema
