#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/mapping/expression.h"
#include "core/mapping/expression_text.h"
#include "core/mapping/number_text.h"
#include "core/message/tree.h"

namespace lt::mapping {
namespace {

constexpr int kVietNam = 7 * 60;      // minutes east
constexpr size_t kFirstChunk = 512;   // of texts made inside any()
constexpr size_t kBytesPerStep = 64;  // of texts looked at

}  // namespace

class ExpressionRun {
 public:
  using Value = Expression::Value;

  ExpressionRun(const Expression& expression, const PathFinder& finder, Tree& arena, uint64_t& steps)
      : expression_(expression), finder_(finder), arena_(arena), steps_(steps) {}

  Result<Value> run() {
    const auto end = static_cast<uint32_t>(expression_.ops_.size());
    for (uint32_t pc = 0; pc < end; ++pc) {
      const auto& op = expression_.ops_[pc];
      if (!charge(1) || !(op.verb < Verb::negate ? leaf(op) : op.verb < Verb::concat ? flow(op, pc) : function(op)))
        return fail(Code::too_much_work,
                    too_long_ ? fmt::format("an expression makes more than {} bytes of text", limits::kExpressionText)
                              : "an expression looks at too many items of this document");
    }
    return stack_[0];
  }

  // Also of booleans that XML writes as text; not of an element with attributes.
  static bool truth(const Value& value) {
    if (value.state == State::boolean) return value.flag;
    return value.state == State::text && (value.text == "true" || value.text == "1") &&
           !(value.origin && value.origin->kind == Kind::object);
  }

 private:
  using Verb = Expression::Verb;
  using Sign = Expression::Sign;
  using State = Expression::State;
  enum class List : uint8_t { one, array, siblings };  // siblings: a repeated element
  struct Loop {
    const Node* item;
    List list;
    // What was there before the first item; texts made for one item are gone with it.
    size_t made, chunk;
    char* at;
  };

  bool charge(uint64_t count) {
    if (steps_ < count) {
      steps_ = 0;
      return false;
    }
    steps_ -= count;
    return true;
  }
  bool look_at(size_t bytes) { return charge(bytes / kBytesPerStep); }

  // Bytes for a text; null when that is too much.
  char* make(size_t size) {
    if (size > limits::kExpressionText - made_) {
      too_long_ = true;
      return nullptr;
    }
    if (!charge(size)) return nullptr;
    made_ += size;
    if (loop_count_ == 0) return arena_.allocate(size);
    if (static_cast<size_t>(chunk_end_ - chunk_at_) < size) {
      chunk_size_ = std::max({size, chunk_size_ * 2, kFirstChunk});
      chunk_begin_ = chunk_at_ = arena_.allocate(chunk_size_);
      chunk_end_ = chunk_begin_ + chunk_size_;
      ++chunk_;
    }
    char* out = chunk_at_;
    chunk_at_ += size;
    return out;
  }

  bool push(const Value& value) {
    stack_[height_++] = value;
    return true;
  }
  bool push(bool yes) { return push(Value{State::boolean, yes, {}, nullptr}); }
  Value& top() { return stack_[height_ - 1]; }
  bool set(bool yes) {
    top() = {State::boolean, yes, {}, nullptr};
    return true;
  }
  bool set(State state, std::string_view text) {
    top() = {state, false, text, nullptr};
    return true;
  }
  static bool there(const Value& value) { return value.state != State::absent && value.state != State::null; }
  static std::string_view text_of(const Value& value) {
    return value.state == State::boolean ? (value.flag ? "true" : "false") : value.text;
  }

  const Node* find(uint32_t path) const {
    const bool inside = expression_.paths_[path].within >= 0;
    return finder_.find(path, inside && loop_count_ > 0 ? loops_[loop_count_ - 1].item : nullptr);
  }
  static Value value_of(const Node* origin) {
    const Node* node = origin && origin->kind == Kind::object ? origin->find("#text") : origin;
    if (!node) return {State::absent, false, {}, origin};
    switch (node->kind) {
      case Kind::null:
        return {State::null, false, {}, origin};
      case Kind::boolean:
        return {State::boolean, node->flag, {}, origin};
      case Kind::number:
        return {State::number, false, node->text, origin};
      case Kind::text:
        return {State::text, false, node->text, origin};
      default:
        return {State::absent, false, {}, node->kind == Kind::blob ? node : origin};
    }
  }

  // What `path` leads to, as a list.
  const Node* first_item(uint32_t path, List& list) const {
    const Node* node = find(path);
    list = List::one;
    if (!node || node->kind == Kind::null) return nullptr;
    if (node->kind == Kind::array) {
      list = List::array;
      return node->first;
    }
    if (!expression_.single_[path] && node->parent && node->parent->kind == Kind::object) list = List::siblings;
    return node;
  }
  // To the next item, null after the last; false when the steps are used up.
  bool advance(const Node*& item, List list) {
    const Node* at = list == List::one ? nullptr : item->next;
    while (list == List::siblings && at && at->name != item->name) {
      if (!charge(1)) return false;
      at = at->next;
    }
    item = at;
    return charge(1);
  }

  bool leaf(const Expression::Op& op) {
    switch (op.verb) {
      case Verb::path:
        return push(value_of(find(op.a)));
      case Verb::literal: {
        const auto& literal = expression_.literals_[op.a];
        return push(Value{literal.state, literal.flag, literal.text, nullptr});
      }
      case Verb::exists: {
        const Node* node = find(op.a);
        return push(node && node->kind != Kind::null);
      }
      case Verb::compare: {
        const Value right = top();
        --height_;
        if (!look_at(std::min(top().text.size(), right.text.size()))) return false;
        return set(compare(top(), right, static_cast<Sign>(op.n)));
      }
      default: {  // within
        bool found = false;
        for (uint32_t i = 0; i < op.n && !found; ++i) {
          const auto& literal = expression_.literals_[op.a + i];
          if (!charge(1)) return false;
          found = compare(top(), Value{literal.state, literal.flag, literal.text, nullptr}, Sign::equal);
        }
        return set(found);
      }
    }
  }

  static bool compare(const Value& left, const Value& right, Sign sign) {
    const bool asks_equal = sign == Sign::equal || sign == Sign::not_equal;
    const auto lifted = [](const Value& at) { return !there(at) && at.origin && at.origin->kind == Kind::blob; };
    if (lifted(left) || lifted(right)) {
      const Value& other = lifted(left) ? right : left;
      return sign == Sign::not_equal && !there(other) && !lifted(other);
    }
    if (!there(left) || !there(right)) return asks_equal && (there(left) == there(right)) == (sign == Sign::equal);
    if (left.state == State::boolean || right.state == State::boolean) {
      const auto reads = [](const Value& at) {
        const std::string_view text = text_of(at);
        return text == "true" || text == "1" ? 1 : text == "false" || text == "0" ? 0 : -1;
      };
      const bool same = reads(left) >= 0 && reads(left) == reads(right);
      return asks_equal && same == (sign == Sign::equal);
    }
    int order = 0;
    if (left.state == State::number || right.state == State::number) {
      if (!reads_as_number(left.text) || !reads_as_number(right.text)) return sign == Sign::not_equal;
      order = compare_numbers(left.text, right.text);
    } else {
      order = left.text.compare(right.text);
    }
    if (asks_equal) return (order == 0) == (sign == Sign::equal);
    if (order == 0) return sign == Sign::less_equal || sign == Sign::more_equal;
    return (order < 0) == (sign == Sign::less || sign == Sign::less_equal);
  }

  // What decides where to go on. `pc` is left on the operation before that.
  bool flow(const Expression::Op& op, uint32_t& pc) {
    switch (op.verb) {
      case Verb::negate:
        return set(!truth(top()));
      case Verb::truth:
        return set(truth(top()));
      case Verb::both:
      case Verb::either:
        if (truth(top()) == (op.verb == Verb::both)) {
          --height_;
          return true;
        }
        pc = op.a - 1;
        return set(op.verb == Verb::either);
      case Verb::unless:
        if (!truth(stack_[--height_])) pc = op.a - 1;
        return true;
      case Verb::jump:
        pc = op.a - 1;
        return true;
      case Verb::coalesce:
        if (there(top()))
          pc = op.a - 1;
        else
          --height_;
        return true;
      case Verb::count:
        return count(op.a);
      case Verb::any: {
        List list = List::one;
        return push(first_item(op.a, list) != nullptr);
      }
      case Verb::each:
        return each(op, pc);
      default:
        return next(op, pc);
    }
  }
  bool count(uint32_t path) {
    uint64_t items = 0;
    List list = List::one;
    const Node* at = first_item(path, list);
    if (list == List::array) {
      items = at ? at->parent->count : 0;
    } else {
      for (; at; ++items)
        if (!advance(at, list)) return false;
    }
    push(false);
    return set_number(items);
  }
  bool each(const Expression::Op& op, uint32_t& pc) {
    Loop loop{nullptr, List::one, made_, chunk_, chunk_at_};
    loop.item = first_item(op.a, loop.list);
    if (!loop.item) {
      pc = op.b - 1;
      return push(false);
    }
    loops_[loop_count_++] = loop;
    return true;
  }
  bool next(const Expression::Op& op, uint32_t& pc) {
    Loop& loop = loops_[loop_count_ - 1];
    const bool found = truth(stack_[--height_]);
    made_ = loop.made;
    if (loop.chunk != chunk_) {  // made since, for this item or one before: nothing else is in it
      loop.chunk = chunk_;
      loop.at = chunk_begin_;
    }
    chunk_at_ = loop.at;
    if (!found && !advance(loop.item, loop.list)) return false;
    if (!found && loop.item) {
      pc = op.a - 1;
      return true;
    }
    --loop_count_;
    return push(found);
  }

  bool function(const Expression::Op& op) {
    if (op.verb == Verb::concat) return concat(op.n);
    if (op.verb == Verb::substring) return substring(op.n);
    if (!there(top())) return set(State::absent, {});
    const std::string_view text = text_of(top());
    switch (op.verb) {
      case Verb::upper:
      case Verb::lower: {
        const bool up = op.verb == Verb::upper;
        if (!charge(text.size())) return false;
        return put(State::text, change_case(text, up, nullptr), [&](char* out) { change_case(text, up, out); });
      }
      case Verb::fold: {
        if (!charge(text.size())) return false;
        const std::string folded = fold(text);
        return put(State::text, folded.size(), [&](char* out) { std::memcpy(out, folded.data(), folded.size()); });
      }
      case Verb::length:
        return look_at(text.size()) && set_number(count_code_points(text));
      case Verb::number:
        return number(text);
      default:
        return date(op.a, text);
    }
  }
  // A new text of `size` bytes, written by `write`, replaces the top.
  template <class Write>
  bool put(State state, size_t size, Write write) {
    if (size == 0) return set(state, {});
    char* out = make(size);
    if (!out) return false;
    write(out);
    return set(state, {out, size});
  }
  bool set_number(uint64_t value) {
    char digits[20];
    const auto size = static_cast<size_t>(std::to_chars(digits, std::end(digits), value).ptr - digits);
    return put(State::number, size, [&](char* out) { std::memcpy(out, digits, size); });
  }
  bool concat(uint16_t count) {
    const Value* const parts = &stack_[height_ - count];
    size_t size = 0;
    for (uint16_t i = 0; i < count; ++i) size += text_of(parts[i]).size();
    char* out = nullptr;
    if (count > 1 && size > 0 && !(out = make(size))) return false;
    const std::string_view joined = count > 1 ? std::string_view(out, size) : text_of(top());
    for (uint16_t i = 0; out && i < count; ++i) {
      const std::string_view text = text_of(parts[i]);
      out = std::copy(text.begin(), text.end(), out);
    }
    height_ -= count - 1u;
    return set(State::text, joined);
  }
  bool substring(uint16_t count) {
    const Value* at = &stack_[height_ - count];
    const bool good =
        there(at[0]) && std::all_of(at + 1, at + count, [](const Value& place) {
          return (place.state == State::number || place.state == State::text) && reads_as_number(place.text);
        });
    height_ -= count - 1u;
    if (!good) return set(State::absent, {});
    const std::string_view text = text_of(at[0]);
    const int64_t from = rounded(at[1].text), to = count == 3 ? from + rounded(at[2].text) : INT64_MAX;
    return look_at(text.size()) && set(State::text, slice(text, from, to));
  }
  bool number(std::string_view text) {
    if (top().state == State::number) return set(State::number, text);
    if (top().state == State::boolean || !look_at(text.size()) || !reads_as_number(text)) return set(State::absent, {});
    char* out = nullptr;
    const bool moves = text.size() > 2 && text[0] == '-' && text[1] == '0' && text[2] != '.';
    if (moves && !(out = make(text.size()))) return false;
    return set(State::number, plain_number(text, out));
  }
  bool date(uint32_t pattern, std::string_view text) {
    static constexpr size_t kSize = 10;
    Moment at;
    const DatePattern& from = expression_.dates_[pattern];
    if (!from.read(text, at)) return set(State::absent, {});
    if (at.has_offset && !adapt(at, DatePattern(), kVietNam)) return set(State::absent, {});
    return put(State::text, kSize, [&](char* out) { write_day(at.year, at.month, at.day, out); });
  }

  const Expression& expression_;
  const PathFinder& finder_;
  Tree& arena_;
  uint64_t& steps_;
  bool too_long_ = false;
  size_t height_ = 0, loop_count_ = 0, made_ = 0;
  // Texts made inside any(): the last chunk taken from the arena, used again for each item. A chunk is twice as large
  // as the one before, and no more than kExpressionText are in use: all chunks together stay small.
  size_t chunk_ = 0, chunk_size_ = 0;
  char *chunk_begin_ = nullptr, *chunk_at_ = nullptr, *chunk_end_ = nullptr;
  Value stack_[limits::kExpressionDepth];
  Loop loops_[limits::kExpressionDepth];
};

Result<Expression::Value> Expression::value(const PathFinder& finder, Tree& arena, uint64_t& steps) const {
  return ExpressionRun(*this, finder, arena, steps).run();
}

Result<bool> Expression::holds(const PathFinder& finder, Tree& arena, uint64_t& steps) const {
  LT_ASSIGN(const Value got, value(finder, arena, steps));
  return ExpressionRun::truth(got);
}

}  // namespace lt::mapping
