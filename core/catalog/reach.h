// How far a message came, and what its receivers said of it.
#pragma once

#include <cstdint>
#include <string>

#include "core/message/message.h"

namespace lt::catalog {

// What a message said of the one it answers.
struct AnswerRow {
  Id message;
  Position position;
  Wall at{};         // accepted
  std::string from;  // as written; "" = it names nobody
  AnswerKind kind = AnswerKind::noted;
  std::string code;  // its status as written
};

// How far a message came, counted in receivers: those of each delivery, or its destination where that is the receiver;
// of a split message once for each part. delivered + failed + waiting = receivers = read + refused + noted + silent.
struct Reach {
  uint32_t receivers = 0;
  uint32_t delivered = 0, failed = 0, waiting = 0;        // as our deliveries ended, or have not yet
  uint32_t read = 0, refused = 0, noted = 0, silent = 0;  // by their own answers; see AnswerKind
  bool partial = false;  // there were too many answers or days to look at: more may have answered
};

}  // namespace lt::catalog
