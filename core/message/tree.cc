#include "core/message/tree.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

namespace lt {
namespace {

constexpr size_t kFirstChunk = 16 << 10;
constexpr size_t kLargestChunk = 1 << 20;
constexpr size_t kKeptOnClear = 8 << 20;  // one huge document must not pin its memory for ever

struct Chunk {
  std::unique_ptr<char[]> bytes;
  size_t size = 0;
};

bool plain_in_path(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' ||
           c == '@' || c == '#' || static_cast<unsigned char>(c) >= 0x80;
  });
}

}  // namespace

struct Tree::Block {
  std::vector<Chunk> chunks;  // sizes double up to kLargestChunk; all but the first `used` are free
  size_t used = 0;
  std::vector<Chunk> large;         // single requests that fit no chunk
  std::deque<std::string> buffers;  // a deque, because short strings hold their bytes inside themselves
};

const Node* Node::find(std::string_view child) const {
  for (const Node* node = first; node; node = node->next)
    if (node->name == child) return node;
  return nullptr;
}

Node* Node::find(std::string_view child) { return const_cast<Node*>(static_cast<const Node*>(this)->find(child)); }

Tree::Tree() : blocks_(std::make_unique<Block>()) {}
Tree::~Tree() = default;

Tree::Tree(Tree&& other) noexcept { *this = std::move(other); }

Tree& Tree::operator=(Tree&& other) noexcept {
  if (this == &other) return *this;
  blocks_ = std::move(other.blocks_);
  root_ = std::exchange(other.root_, nullptr);
  at_ = std::exchange(other.at_, nullptr);
  end_ = std::exchange(other.end_, nullptr);
  nodes_ = std::exchange(other.nodes_, 0);
  return *this;
}

void* Tree::take_elsewhere(size_t size, size_t align) {
  if (!blocks_) blocks_ = std::make_unique<Block>();  // moved from, used again
  auto& block = *blocks_;
  if (size > kFirstChunk / 2) {
    block.large.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    return block.large.back().bytes.get();
  }
  if (block.used == block.chunks.size()) {
    const size_t want = block.chunks.empty() ? kFirstChunk : std::min(block.chunks.back().size * 2, kLargestChunk);
    block.chunks.push_back({std::make_unique_for_overwrite<char[]>(want), want});
  }
  const Chunk& chunk = block.chunks[block.used++];
  at_ = chunk.bytes.get();
  end_ = at_ + chunk.size;
  return take(size, align);
}

std::string_view Tree::copy(std::string_view text) {
  if (text.empty()) return {};
  char* bytes = allocate(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

char* Tree::keep(std::string buffer) {
  if (!blocks_) blocks_ = std::make_unique<Block>();
  return blocks_->buffers.emplace_back(std::move(buffer)).data();
}

void Tree::clear() {
  root_ = nullptr;
  at_ = end_ = nullptr;
  nodes_ = 0;
  if (!blocks_) return;
  auto& block = *blocks_;
  block.used = 0;
  block.large.clear();
  block.buffers.clear();
  size_t total = 0;
  const auto over = std::find_if(block.chunks.begin(), block.chunks.end(),
                                 [&](const Chunk& chunk) { return (total += chunk.size) > kKeptOnClear; });
  block.chunks.erase(over, block.chunks.end());
}

std::string path_of(const Node* node) {
  std::vector<const Node*> line;
  for (const Node* at = node; at && at->parent; at = at->parent) line.push_back(at);
  std::string out = "$";
  for (size_t i = line.size(); i-- > 0;) {
    const Node* at = line[i];
    const bool item = at->parent->kind == Kind::array;
    if (!item) {
      if (plain_in_path(at->name)) {
        out.append(".").append(at->name);
      } else {
        out.append("[\"").append(at->name).append("\"]");
      }
    }
    size_t before = 0, same = 0;
    bool passed = false;
    for (const Node* sibling = at->parent->first; sibling; sibling = sibling->next) {
      passed = passed || sibling == at;
      if (!item && sibling->name != at->name) continue;
      ++same;
      if (!passed) ++before;
    }
    if (item || same > 1) out.append("[").append(std::to_string(before)).append("]");
  }
  return out;
}

}  // namespace lt
