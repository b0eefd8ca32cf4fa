#include "core/schema/content_model.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "core/base/limits.h"

namespace lt::schema {
namespace {

constexpr uint32_t kAnyName = UINT32_MAX;  // the symbol of wildcards
constexpr uint32_t kNoSymbol = UINT32_MAX - 1;
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

ContentWalk::ContentWalk(const ContentModel& model) : model_(model) {
  if (model.all_) seen_.resize(model.leaves_.size());
}

// Calls visit(part, low, high, counts) for every part whose children low..high-1 may come next. True when the content
// may also end.
template <class Visit>
bool ContentWalk::each_way_on(const At& at, const Visit& visit) const {
  using Kind = ContentModel::Kind;
  Counts counts = at.counts;
  for (uint32_t id = model_.leaves_[at.leaf].part;;) {
    ++steps_;
    const ContentModel::Part& from = model_.parts_[id];
    if (from.parent == ContentModel::kNone) return true;
    const ContentModel::Part& part = model_.parts_[from.parent];
    if (part.kind == Kind::sequence) {
      const uint32_t last = part.needed[from.place + 1];
      visit(part, from.place + 1, last + 1, counts);
      if (last < part.children.size()) return false;
    } else if (part.kind == Kind::repeat && part.most > 1) {
      uint32_t* count = model_.counts(part) ? &counts[part.counted - 1] : nullptr;
      const uint32_t before = count == nullptr ? 1 : *count;
      if (count == nullptr || part.most == kUnbounded || before < part.most) {
        // Beyond the least, an unbounded group need not be counted any more.
        if (count != nullptr && (part.most != kUnbounded || before < part.least)) ++*count;
        visit(part, 0, 1, counts);
        if (count != nullptr) *count = before;
      }
      if (before < part.least) return false;
    }
    id = from.parent;
  }
}

void ContentWalk::add(uint32_t leaf, uint32_t kept, const Counts& counts) {
  At at;
  at.leaf = leaf;
  const uint32_t counted = model_.parts_[model_.leaves_[leaf].part].counted;
  for (uint32_t i = 0; i < counted; ++i) at.counts[i] = i < kept ? counts[i] : 1;
  const uint16_t slack = model_.slack_[leaf];
  // As good as: the same place, and every count equal or one that leaves more open.
  const auto covers = [&](const At& a, const At& b) {
    ++steps_;
    if (a.leaf != b.leaf) return false;
    for (uint32_t i = 0; i < counted; ++i)
      if (a.counts[i] != b.counts[i] && !((slack >> i & 1) != 0 && a.counts[i] < b.counts[i])) return false;
    return true;
  };
  for (At& other : next_) {
    if (covers(other, at)) return;
    if (covers(at, other)) {
      other = at;
      return;
    }
  }
  next_.push_back(at);
}

void ContentWalk::enter(const ContentModel::Part& part, uint32_t low, uint32_t high, const Counts& counts,
                        uint32_t symbol, std::string_view ns) {
  const auto first = [&](uint32_t wanted) {
    return std::lower_bound(
        part.starts.begin(), part.starts.end(), std::tie(wanted, low),
        [](const auto& start, const auto& key) { return std::tie(start.symbol, start.child) < key; });
  };
  if (symbol != kNoSymbol)
    for (auto at = first(symbol); at != part.starts.end() && at->symbol == symbol && at->child < high; ++at)
      add(at->leaf, part.counted, counts);
  for (auto at = first(kAnyName); at != part.starts.end() && at->child < high; ++at) {
    ++steps_;
    if (takes(*model_.leaves_[at->leaf].wildcard, ns)) add(at->leaf, part.counted, counts);
  }
}

const ContentModel::Leaf* ContentWalk::take_of_all(uint32_t symbol) {
  // Each leaf has a symbol of its own here, of the same index.
  if (symbol == kNoSymbol || seen_[symbol]) return nullptr;
  seen_[symbol] = true;
  begun_ = true;
  return &model_.leaves_[symbol];
}

const ContentModel::Leaf* ContentWalk::take(std::string_view ns, std::string_view name) {
  ++steps_;
  const uint32_t symbol = model_.symbol(ns, name);
  if (model_.all_) return take_of_all(symbol);
  if (model_.parts_.empty()) return nullptr;
  next_.clear();
  const auto on = [&](const ContentModel::Part& part, uint32_t low, uint32_t high, const Counts& counts) {
    enter(part, low, high, counts, symbol, ns);
  };
  if (begun_) {
    for (const At& at : at_) each_way_on(at, on);
  } else {
    const ContentModel::Part& top = model_.parts_[model_.top_];
    const bool sequence = top.kind == ContentModel::Kind::sequence;
    on(top, 0, sequence ? top.needed[0] + 1 : static_cast<uint32_t>(top.children.size()) + 1, Counts{});
  }
  if (next_.empty()) return nullptr;
  begun_ = true;
  std::swap(at_, next_);
  // An element that is declared is meant before one that a wildcard takes.
  const auto said =
      std::find_if(at_.begin(), at_.end(), [&](const At& at) { return model_.leaves_[at.leaf].wildcard == nullptr; });
  return &model_.leaves_[(said == at_.end() ? at_.front() : *said).leaf];
}

bool ContentWalk::may_end() const {
  if (model_.all_) {
    if (!begun_ && model_.all_optional_) return true;
    return std::all_of(model_.all_required_.begin(), model_.all_required_.end(),
                       [&](uint32_t leaf) { return seen_[leaf]; });
  }
  if (model_.parts_.empty()) return true;
  if (!begun_) return model_.parts_[model_.top_].nullable;
  return std::any_of(at_.begin(), at_.end(), [&](const At& at) {
    return each_way_on(at, [](const ContentModel::Part&, uint32_t, uint32_t, const Counts&) {});
  });
}

std::vector<std::string> ContentWalk::expected(size_t most) const {
  std::vector<std::string> out;
  const auto say = [&](const ContentModel::Leaf& leaf) {
    std::string name = leaf.wildcard != nullptr ? "any element" : model_.type_->fields[leaf.field].name;
    if (out.size() < most && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  };
  if (model_.all_) {
    for (size_t i = 0; i < model_.leaves_.size(); ++i)
      if (!seen_[i]) say(model_.leaves_[i]);
    return out;
  }
  const auto on = [&](const ContentModel::Part& part, uint32_t low, uint32_t high, const Counts&) {
    for (const auto& start : part.starts)
      if (start.child >= low && start.child < high) say(model_.leaves_[start.leaf]);
  };
  if (begun_) {
    for (const At& at : at_) each_way_on(at, on);
  } else if (!model_.parts_.empty()) {
    const ContentModel::Part& top = model_.parts_[model_.top_];
    on(top, 0, top.kind == ContentModel::Kind::sequence ? top.needed[0] + 1 : ContentModel::kNone, Counts{});
  }
  return out;
}

}  // namespace lt::schema
