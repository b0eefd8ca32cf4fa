// What is in the journal besides facts: records copied forward, and data keys destroyed on somebody's order.
//
// When a segment is freed, the accepted records in it that are still needed are appended again as `carried` records:
// the place where the message was accepted, its header as it was, its body under the data key it had. The message
// keeps its name, the position of acceptance.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/message/message.h"

namespace lt {

struct CarriedRecord {
  Position message;         // where it was accepted
  uint16_t deliveries = 0;  // of the message, finished ones too
  bool erased = false;      // its data key was gone: the header came along, the body could not
  std::string_view header;  // of the accepted record
};
std::string encode_carried(const CarriedRecord& record);
// Views into `header`. Error record_malformed.
Result<CarriedRecord> decode_carried(std::string_view header);

// The message of an accepted or carried record. `type` is journal::RecordType's number. Error key_destroyed when its
// body was erased, record_malformed when it is no message.
Result<std::shared_ptr<const Message>> decode_message(uint8_t type, std::string_view header, std::string_view body);
// The same without its body.
Result<std::shared_ptr<const Message>> decode_message_header(uint8_t type, std::string_view header);

// A data key was destroyed: which, by whom, why. Kept for years; written before the key goes.
struct ErasureRecord {
  uint32_t day = 0;  // as in journal::KeyId
  uint8_t key_class = 0;
  std::string by, why;
  Wall at{};
};
std::string encode_erasure(const ErasureRecord& record);
Result<ErasureRecord> decode_erasure(std::string_view header);

}  // namespace lt
