// ZIP: hostile archives are read to an end; what is zipped comes back.
#include "core/codec/zip.h"

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto text = view(bytes, size);
  constexpr codec::UnzipOptions kSmall{.inflated = 4 << 20};
  codec::UnzipSingleSource whole(source_of(text), kSmall), pieces(source_of(text), kSmall);
  const auto entry = drain(whole), again = drain(pieces, 3);
  require(entry.has_value() == again.has_value(), "in any pieces, the verdict is the same");
  if (entry) {
    require(*entry == *again, "in any pieces, the bytes are the same");
  } else {
    check_error(entry.error());
  }
  MemorySource sniffed(text);
  const auto found = codec::sniff_single_zip(sniffed, "a.pdf", kSmall);
  require(found.has_value(), "any file can be looked at");
  if (found->wrapped) require(entry.has_value(), "a sound wrapper can be opened");

  codec::ZipSingleSource zipped(source_of(text), "a.bin");
  const auto archive = drain(zipped, 4096, 64 << 20);
  require(archive.has_value(), "any file can be zipped");
  codec::UnzipSingleSource back(source_of(*archive), {.ratio = 2000});
  const auto out = drain(back);
  require(out && *out == text && back.entry_name() == "a.bin", "what is zipped comes back");
  return 0;
}
