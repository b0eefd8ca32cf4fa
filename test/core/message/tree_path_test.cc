#include "core/message/tree_path.h"

#include <doctest/doctest.h>

using namespace lt;

TEST_CASE("each node of a document is found again by its path") {
  Tree tree;
  Node* root = tree.make(Kind::object);
  tree.set_root(root);
  Node* list = tree.add(root, Kind::array, "TaiLieuNop");
  tree.add(list, Kind::object);
  Node* second = tree.add(list, Kind::object);
  Node* inner = tree.add(second, Kind::array, "a.b c");
  Node* nested = tree.add(inner, Kind::array);
  const Node* all[] = {root,
                       list,
                       second,
                       inner,
                       nested,
                       tree.add(nested, Kind::text),
                       tree.add(root, Kind::text, "Tệp"),
                       tree.add(root, Kind::text, "Reference"),
                       tree.add(root, Kind::text, "Reference"),
                       tree.add(root, Kind::text, "@seq"),
                       tree.add(root, Kind::text, "#text")};
  for (const Node* node : all) {
    const std::string path = path_of(node);
    CAPTURE(path);
    const auto steps = parse_document_path(path);
    REQUIRE(steps);
    CHECK(find_node(root, *steps).node == node);
  }
}

TEST_CASE("what is not there is not found; the last node on the way is told") {
  Tree tree;
  Node* root = tree.make(Kind::object);
  tree.set_root(root);
  Node* list = tree.add(root, Kind::array, "A");
  tree.add(list, Kind::text);
  const FoundNode found = find_node(root, *parse_document_path("$.A[1].B"));
  CHECK(found.node == nullptr);
  CHECK(found.nearest == list);
  for (const char* path : {"$A", "$.", "$.A[", "$.A[x]", "$.A.", "$[\"A", "$..A"}) {
    const auto steps = parse_document_path(path);
    CAPTURE(path);
    REQUIRE_FALSE(steps);
    CHECK(steps.error().code == Code::usage);
  }
}
