// The arena tree: the one shape every mapping reads and writes, whatever the wire format.
//
//   JSON object          object, one child per member, in order
//   JSON array           array, unnamed children
//   XML element          object (it has child elements or attributes) or text (it has neither)
//   XML attribute        child named "@name", first
//   XML text beside      child named "#text"
//   repeated XML element several children of one name
//   long string          blob: a range of the received body, the bytes never enter the tree
//
// Numbers keep their text ("1.10", 2^53 + 1). Names and texts are views into the arena or into the parsed buffer, which
// the tree keeps alive. Nodes are never freed one by one; `clear` keeps the memory for the next document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace lt {

enum class Kind : uint8_t { null, boolean, number, text, blob, array, object };

// A lifted string: `offset`/`length` of the wrapped text in the received body.
struct BlobRange {
  uint64_t offset = 0;
  uint64_t length = 0;
  bool escaped = false;  // has JSON escapes: core/codec/json_escape.h undoes them
};

struct Node {
  Kind kind = Kind::null;
  bool flag = false;      // the value of a boolean
  uint32_t count = 0;     // children
  std::string_view name;  // member or element name, local part; "" in an array
  std::string_view ns;    // namespace URI of an XML element or attribute
  std::string_view text;  // of a text or number; of a blob: see core/mapping/blob.h
  BlobRange blob;         // of a blob
  Node* parent = nullptr;
  Node* first = nullptr;
  Node* last = nullptr;
  Node* next = nullptr;
  uint32_t line = 0;  // where it began in the source text, 0 when unknown
  uint32_t column = 0;

  // First child of that name, or null. Linear: documents have few members per level.
  const Node* find(std::string_view child) const;
  Node* find(std::string_view child);
  bool scalar() const { return kind != Kind::array && kind != Kind::object; }
};

class Tree {
 public:
  Tree();
  ~Tree();
  Tree(Tree&&) noexcept;
  Tree& operator=(Tree&&) noexcept;

  Node* root() { return root_; }
  const Node* root() const { return root_; }
  void set_root(Node* node) { root_ = node; }

  Node* make(Kind kind, std::string_view name = {});  // `name` must outlive the tree, or be copied with `copy`
  Node* add(Node* parent, Kind kind, std::string_view name = {});  // make + append
  void append(Node* parent, Node* child);
  std::string_view copy(std::string_view text);  // into the arena
  char* allocate(size_t size);                   // raw arena bytes, unaligned
  // Keeps a parsed buffer alive as long as the tree (or until clear), e.g. for in-situ parsing. Returns its bytes.
  char* keep(std::string buffer);
  size_t nodes() const { return nodes_; }
  void clear();

 private:
  struct Block;
  void* take(size_t size, size_t align) {
    const size_t skip = -reinterpret_cast<uintptr_t>(at_) & (align - 1);
    if (size + skip > static_cast<size_t>(end_ - at_)) return take_elsewhere(size, align);
    char* out = at_ + skip;
    at_ = out + size;
    return out;
  }
  void* take_elsewhere(size_t size, size_t align);
  Node* root_ = nullptr;
  std::unique_ptr<Block> blocks_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  size_t nodes_ = 0;
};

inline Node* Tree::make(Kind kind, std::string_view name) {
  Node* node = new (take(sizeof(Node), alignof(Node))) Node;
  node->kind = kind;
  node->name = name;
  ++nodes_;
  return node;
}

inline void Tree::append(Node* parent, Node* child) {
  child->parent = parent;
  child->next = nullptr;
  (parent->last ? parent->last->next : parent->first) = child;
  parent->last = child;
  ++parent->count;
}

inline Node* Tree::add(Node* parent, Kind kind, std::string_view name) {
  Node* node = make(kind, name);
  append(parent, node);
  return node;
}

inline char* Tree::allocate(size_t size) { return static_cast<char*>(take(size, 1)); }

// "$.TaiLieuNop[2].Tep": where a node stands. Indexes appear for array items and for repeated names.
std::string path_of(const Node* node);

}  // namespace lt
