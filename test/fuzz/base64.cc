// Base64, whole and in pieces; what is encoded comes back.
#include "core/codec/base64.h"

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto text = view(bytes, size);
  const auto plain = codec::decode_base64(text);
  codec::Base64DecodingSource pieces(source_of(text));
  const auto again = drain(pieces, 5);
  require(plain.has_value() == again.has_value(), "in any pieces, the verdict is the same");
  if (plain) {
    require(*plain == *again, "in any pieces, the bytes are the same");
    std::string without_blanks(text);
    std::erase_if(without_blanks, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    // The last character may hold bits that no byte takes: "QR==" is read as "QQ==".
    require(codec::encode_base64(*plain).size() == without_blanks.size(), "nothing is skipped but blanks");
  } else {
    check_error(plain.error());
  }
  const std::string encoded = codec::encode_base64(text);
  require(encoded.size() == codec::base64_size(size), "the size is known before");
  const auto back = codec::decode_base64(encoded);
  require(back && *back == text, "what is encoded comes back");
  codec::Base64EncodingSource source(source_of(text));
  const auto streamed = drain(source, 5);
  require(streamed && *streamed == encoded, "in any pieces, the text is the same");
  return 0;
}
