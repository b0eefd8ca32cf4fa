// Numbers of the ZIP format (APPNOTE 6.3). Inside core/codec only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lt::codec::zip {

inline constexpr uint32_t kLocal = 0x04034b50, kDescriptor = 0x08074b50, kDirectory = 0x02014b50, kEnd = 0x06054b50;
inline constexpr size_t kLocalSize = 30, kDirectorySize = 46, kEndSize = 22;
inline constexpr uint16_t kEncrypted = 1 << 0, kSizesAfter = 1 << 3, kPatch = 1 << 5, kStrong = 1 << 6, kUtf8 = 1 << 11,
                          kMasked = 1 << 13;
inline constexpr uint16_t kStored = 0, kDeflated = 8;

template <class Number>
Number get(std::string_view bytes, size_t at) {
  Number value = 0;
  for (size_t i = sizeof(Number); i-- > 0;)
    value = static_cast<Number>(value << 8 | static_cast<uint8_t>(bytes[at + i]));
  return value;
}
inline uint16_t get16(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[at]) | static_cast<uint8_t>(bytes[at + 1]) << 8);
}
inline uint32_t get32(std::string_view bytes, size_t at) { return get<uint32_t>(bytes, at); }
inline uint64_t get64(std::string_view bytes, size_t at) { return get<uint64_t>(bytes, at); }

template <class Number>
void put(std::string& out, Number value) {
  for (size_t i = 0; i < sizeof(Number); ++i) out.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
}

}  // namespace lt::codec::zip
