#include <algorithm>
#include <tuple>

#include "core/schema/content_model.h"

namespace lt::schema {

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

// The first `kept` of `counts` hold on; the others begin anew.
void ContentWalk::enter(const ContentModel::Part& part, uint32_t low, uint32_t high, const Counts& counts,
                        uint32_t kept, uint32_t symbol, std::string_view ns) {
  const auto first = [&](uint32_t wanted) {
    return std::lower_bound(
        part.starts.begin(), part.starts.end(), std::tie(wanted, low),
        [](const auto& start, const auto& key) { return std::tie(start.symbol, start.child) < key; });
  };
  if (symbol != ContentModel::kNoSymbol)
    for (auto at = first(symbol); at != part.starts.end() && at->symbol == symbol && at->child < high; ++at)
      add(at->leaf, kept, counts);
  for (auto at = first(ContentModel::kAnyName); at != part.starts.end() && at->child < high; ++at) {
    ++steps_;
    if (takes(*model_.leaves_[at->leaf].wildcard, ns)) add(at->leaf, kept, counts);
  }
}

const ContentModel::Leaf* ContentWalk::take_of_all(uint32_t symbol) {
  // Each leaf has a symbol of its own here, of the same index.
  if (symbol == ContentModel::kNoSymbol || seen_[symbol]) return nullptr;
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
    enter(part, low, high, counts, begun_ ? part.counted : 0, symbol, ns);
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
