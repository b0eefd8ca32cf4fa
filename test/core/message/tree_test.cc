#include "core/message/tree.h"

#include <doctest/doctest.h>

#include <utility>

using namespace lt;

TEST_CASE("paths: members, array items, repeated names, odd names") {
  Tree tree;
  Node* root = tree.make(Kind::object);
  tree.set_root(root);
  Node* list = tree.add(root, Kind::array, "TaiLieuNop");
  tree.add(list, Kind::object);
  Node* second = tree.add(list, Kind::object);
  Node* file = tree.add(second, Kind::text, "Tep");
  Node* one = tree.add(root, Kind::text, "Reference");
  tree.add(root, Kind::text, "Other");
  Node* two = tree.add(root, Kind::text, "Reference");
  Node* odd = tree.add(root, Kind::text, "a.b c");
  Node* attribute = tree.add(root, Kind::text, "@seq");
  CHECK(path_of(root) == "$");
  CHECK(path_of(nullptr) == "$");
  CHECK(path_of(file) == "$.TaiLieuNop[1].Tep");
  CHECK(path_of(one) == "$.Reference[0]");
  CHECK(path_of(two) == "$.Reference[1]");
  CHECK(path_of(odd) == "$[\"a.b c\"]");
  CHECK(path_of(attribute) == "$.@seq");
  CHECK(root->count == 6);
  CHECK(root->find("Reference") == one);
  CHECK(root->find("reference") == nullptr);
  CHECK(tree.nodes() == 10);
}

TEST_CASE("nodes and texts stay where they are while the tree grows, moves and keeps buffers") {
  Tree tree;
  Node* root = tree.make(Kind::object);
  tree.set_root(root);
  const std::string big(300'000, 'x');
  const auto big_view = tree.copy(big);
  const char* short_kept = tree.keep("kept");
  const char* long_kept = tree.keep(std::string(100, 'k'));
  for (int i = 0; i < 100'000; ++i) tree.add(root, Kind::text, "n")->text = tree.copy(std::to_string(i));
  Tree moved = std::move(tree);
  CHECK(tree.root() == nullptr);
  CHECK(moved.root() == root);
  CHECK(big_view == big);
  CHECK(std::string(short_kept) == "kept");
  CHECK(std::string(long_kept) == std::string(100, 'k'));
  int i = 0;
  for (const Node* node = moved.root()->first; node; node = node->next, ++i) REQUIRE(node->text == std::to_string(i));
  CHECK(i == 100'000);
  tree.set_root(tree.make(Kind::null));  // a tree moved from may be used again
  CHECK(tree.nodes() == 1);
}

TEST_CASE("clear reuses the memory") {
  Tree tree;
  const Node* first = tree.make(Kind::null);
  for (int i = 0; i < 1000; ++i) tree.make(Kind::text);
  tree.clear();
  CHECK(tree.nodes() == 0);
  CHECK(tree.root() == nullptr);
  CHECK(tree.make(Kind::null) == first);
}
