#include "core/message/body.h"

namespace lt {

Body Body::of(std::string bytes) {
  Body body;
  body.size = bytes.size();
  body.sha256 = lt::sha256(bytes);
  body.inline_bytes = std::make_shared<const std::string>(std::move(bytes));
  return body;
}

}  // namespace lt
