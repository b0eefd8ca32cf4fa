#include "core/runtime/body_sink.h"

#include "core/base/limits.h"

namespace lt::runtime {

Result<void> BodySink::room() {
  room_seen_ = size_;
  return disk_ ? disk_->room(0) : Result<void>();
}

Result<void> BodySink::write(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > limit_) return fail(Code::too_large, "body of more than " + std::to_string(limit_) + " bytes");
  if (!upload_ && size_ <= limits::kInlineBody) {
    begun_.append(bytes);
    return {};
  }
  if (!upload_) {
    LT_TRY(room());
    LT_ASSIGN(upload_, blobs_.create(key_class_));
    LT_TRY(upload_->write(begun_));
    std::string().swap(begun_);
  } else if (size_ - room_seen_ >= limits::kRoomEvery) {
    LT_TRY(room());
  }
  return upload_->write(bytes);
}

Result<Body> BodySink::commit() {
  if (upload_) return upload_->commit();
  begun_.shrink_to_fit();
  return Body::of(std::move(begun_));
}

}  // namespace lt::runtime
