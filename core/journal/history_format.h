// The bytes of a history file; see format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/journal/journal.h"

namespace lt::journal::format {

inline constexpr size_t kHistoryHeader = 120, kBlockHeader = 32;

struct HistoryHeader {
  uint32_t partition = 0;
  uint64_t base = 0, next = 0;   // of the segment
  Wall filled{};                 // see SegmentSpan
  uint64_t first = 0, last = 0;  // offsets of its records; 0 = none
  Sha256 chain_before{}, chain_after{};
};
std::string encode_history(const HistoryHeader& header);
bool decode_history(std::string_view bytes, HistoryHeader& out);  // `bytes` >= kHistoryHeader

struct BlockHeader {
  uint32_t count = 0, raw = 0, packed = 0;
  uint64_t first = 0, last = 0;
};
// Header and compressed records.
std::string encode_block(BlockHeader header, std::string_view records);
// The fields only; `bytes` >= kBlockHeader. False: they cannot be true.
bool decode_block(std::string_view bytes, BlockHeader& out);
// The records of a whole block, or none when it was altered.
std::optional<std::string> unpack_block(std::string_view block, const BlockHeader& header);

void append_kept(std::string& out, const RecordView& record);
// Takes the next record off `in`. False: malformed.
bool take_kept(std::string_view& in, uint32_t partition, RecordView& out);

}  // namespace lt::journal::format
