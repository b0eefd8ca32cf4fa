// Two documents, compared as their formats mean them: in JSON the order of members does not matter, in XML neither
// prefixes nor the order of attributes, but the order of elements does.
#pragma once

#include <string>
#include <vector>

namespace lt {
struct Node;
}

namespace lt::mapping {

struct Difference {
  std::string path;           // "$.A[2].B"
  std::string expected, got;  // as text, shortened; "nothing" when it is not there
};

// At most `most` differences, in document order of `expected`.
std::vector<Difference> compare(const Node* expected, const Node* got, bool xml, size_t most = 20);

}  // namespace lt::mapping
