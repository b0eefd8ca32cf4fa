// How lists are written into one column, and what a detail is grouped by. Shared by the writing and the reading side.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/message/outcome.h"

namespace lt::catalog {

// "\nH49.02\nH49.05\n": every entry stands between line ends, so that SQL can look for one with instr.
std::string join_lines(const std::vector<std::string>& lines);
std::vector<std::string> split_lines(std::string_view joined);

std::string pack(const std::vector<ReceiverOutcome>& outcomes);
std::vector<ReceiverOutcome> unpack(std::string_view packed);

// Under which keys answers to a message come, with the part they are of: "\n0\tdossier:H49-1\n".
std::string pack_requests(const std::vector<Tie>& ties);
std::vector<Tie> unpack_requests(std::string_view packed);

// The folded form keys are stored and sought under.
void fold_key(std::string_view value, std::string& out);

// A detail without what differs from case to case: words that hold a digit and are longer than three characters become
// '#', blanks are collapsed, at most 240 bytes. "HTTP 503 for 26-0001" -> "HTTP 503 for #".
std::string normalise_detail(std::string_view detail);

}  // namespace lt::catalog
