// What a document lost on its way there and back.
#pragma once

#include <string>
#include <vector>

#include "core/mapping/compare.h"
#include "core/mapping/reversal.h"

namespace lt {
struct Node;
}

namespace lt::workshop {

// Differences in the fields that `reversal` calls exact, values in order; others may differ. Exact is said of texts: a
// field that may be a number or a text by its schema can come back as the other.
std::vector<mapping::Difference> exact_differences(const mapping::Reversal& reversal, const Node* source,
                                                   const Node* back, bool xml, size_t most = 20);

}  // namespace lt::workshop
