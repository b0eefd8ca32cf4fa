#include "core/codec/base64.h"

#include <algorithm>

#include <tmmintrin.h>

#include "core/base/limits.h"

namespace lt::codec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kPiece = 48 << 10;
constexpr int8_t kBad = -1, kBlank = -2, kPad = -3;

constexpr std::array<int8_t, 256> make_values() {
  std::array<int8_t, 256> values{};
  values.fill(kBad);
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  for (const char blank : {'\r', '\n', ' ', '\t'}) values[static_cast<unsigned char>(blank)] = kBlank;
  values['='] = kPad;
  return values;
}
constexpr auto kValues = make_values();

constexpr size_t kBlock = 16;  // characters decoded at once, to 12 bytes

// Decodes whole blocks of 16 characters, all of the alphabet, while there are any; returns the characters used. Writes
// four bytes beyond what it decodes. After Muła and Lemire, "Faster Base64 Encoding and Decoding Using AVX2
// Instructions" (2018): high and low nibble of a character tell whether it is of the alphabet and what to add to it.
size_t decode_blocks(std::string_view encoded, char* out) {
  const __m128i low_table =
      _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
  const __m128i high_table =
      _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m128i shift_table = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i slash = _mm_set1_epi8(0x2F);
  const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  size_t used = 0;
  for (; used + kBlock <= encoded.size(); used += kBlock, out += 12) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(encoded.data() + used));
    const __m128i high = _mm_and_si128(_mm_srli_epi32(text, 4), slash), low = _mm_and_si128(text, slash);
    const __m128i bad = _mm_and_si128(_mm_shuffle_epi8(low_table, low), _mm_shuffle_epi8(high_table, high));
    if (_mm_movemask_epi8(_mm_cmpgt_epi8(bad, _mm_setzero_si128())) != 0) break;
    const __m128i shift = _mm_shuffle_epi8(shift_table, _mm_add_epi8(_mm_cmpeq_epi8(text, slash), high));
    const __m128i pairs = _mm_maddubs_epi16(_mm_add_epi8(text, shift), _mm_set1_epi32(0x01400140));
    const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(groups, order));
  }
  return used;
}

int8_t value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

}  // namespace

std::string encode_base64(std::string_view plain) {
  std::string out;
  out.reserve(base64_size(plain.size()));
  Base64Encoder encoder;
  encoder.feed(plain, out);
  encoder.finish(out);
  return out;
}

Result<std::string> decode_base64(std::string_view encoded) {
  std::string out;
  Base64Decoder decoder;
  LT_TRY(decoder.feed(encoded, out));
  LT_TRY(decoder.finish());
  return out;
}

void Base64Encoder::feed(std::string_view plain, std::string& out) {
  out.reserve(out.size() + base64_size(plain.size()));
  for (const char c : plain) {
    bits_ = bits_ << 8 | static_cast<unsigned char>(c);
    if (++held_ < 3) continue;
    const char group[4] = {kAlphabet[bits_ >> 18 & 63], kAlphabet[bits_ >> 12 & 63], kAlphabet[bits_ >> 6 & 63],
                           kAlphabet[bits_ & 63]};
    out.append(group, 4);
    bits_ = 0;
    held_ = 0;
  }
}

void Base64Encoder::finish(std::string& out) {
  if (held_ == 1) {
    out.push_back(kAlphabet[bits_ >> 2 & 63]);
    out.push_back(kAlphabet[bits_ << 4 & 63]);
    out.append("==");
  } else if (held_ == 2) {
    out.push_back(kAlphabet[bits_ >> 10 & 63]);
    out.push_back(kAlphabet[bits_ >> 4 & 63]);
    out.push_back(kAlphabet[bits_ << 2 & 63]);
    out.push_back('=');
  }
  bits_ = 0;
  held_ = 0;
}

tl::unexpected<Error> Base64Decoder::refuse(size_t at, const char* what) const {
  return fail(Code::bad_base64, std::string(what) + " at byte " + std::to_string(offset_ + at));
}

Result<void> Base64Decoder::feed(std::string_view encoded, std::string& out) {
  size_t end = out.size();
  out.resize(end + encoded.size() / 4 * 3 + 3 + kBlock);
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (held_ == 0 && !ended_) {
      const size_t used = decode_blocks(encoded.substr(i), out.data() + end);
      end += used / 4 * 3;
      i += used;
      if (i == encoded.size()) break;
    }
    const int8_t value = value_of(encoded[i]);
    if (value == kBlank) continue;
    if (value == kBad) return refuse(i, "character outside the base64 alphabet");
    if (ended_) return refuse(i, "text after the padding");
    if (value == kPad) {
      if (held_ < 2) return refuse(i, "padding inside a group");
      ++padding_;
      bits_ <<= 6;
    } else {
      if (padding_ > 0) return refuse(i, "character after padding");
      bits_ = bits_ << 6 | static_cast<uint32_t>(value);
    }
    if (++held_ < 4) continue;
    const char group[3] = {static_cast<char>(bits_ >> 16), static_cast<char>(bits_ >> 8), static_cast<char>(bits_)};
    const auto made = static_cast<size_t>(3 - padding_);
    std::copy_n(group, made, out.data() + end);
    end += made;
    ended_ = padding_ > 0;
    bits_ = 0;
    held_ = 0;
  }
  out.resize(end);
  offset_ += encoded.size();
  return {};
}

Result<void> Base64Decoder::finish() const {
  if (held_ != 0) return refuse(0, "the text ends inside a group of four,");
  return {};
}

Base64EncodingSource::Base64EncodingSource(std::unique_ptr<ByteSource> plain) : plain_(std::move(plain)) {
  if (const auto size = plain_->size()) size_ = base64_size(*size);
}

Result<size_t> Base64EncodingSource::read(char* out, size_t size) {
  std::string piece;
  while (at_ == ready_.size() && !ended_) {
    ready_.clear();
    at_ = 0;
    piece.resize(kPiece);
    LT_ASSIGN(const size_t n, plain_->read(piece.data(), piece.size()));
    ended_ = n == 0;
    encoder_.feed(std::string_view(piece).substr(0, n), ready_);
    if (ended_) encoder_.finish(ready_);
  }
  const size_t n = ready_.copy(out, size, at_);
  at_ += n;
  return n;
}

Result<size_t> Base64DecodingSource::read(char* out, size_t size) {
  while (at_ == ready_.size() && !ended_) {
    ready_.clear();
    at_ = 0;
    piece_.resize(limits::kScanPiece);
    LT_ASSIGN(const size_t n, encoded_->read(piece_.data(), piece_.size()));
    ended_ = n == 0;
    LT_TRY(decoder_.feed(std::string_view(piece_).substr(0, n), ready_));
    if (ended_) LT_TRY(decoder_.finish());
  }
  const size_t n = ready_.copy(out, size, at_);
  at_ += n;
  return n;
}

}  // namespace lt::codec
