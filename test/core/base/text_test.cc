#include "core/base/text.h"

#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <string>
#include <utility>

#include "core/base/limits.h"

namespace lt {

TEST_CASE("well-formed UTF-8 is accepted, to the ends of each range") {
  for (const char* text : {"", "plain", "Thủ tục hành chính", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  CHECK(is_utf8(std::string_view("a\0b", 3)));
}

TEST_CASE("ill-formed UTF-8 is found at its first byte, wherever it stands") {
  const std::string_view bad[] = {
      "\x80",              // continuation alone
      "\xBF",              // continuation alone
      "\xC0\xAF",          // overlong /
      "\xC1\xBF",          // overlong
      "\xE0\x80\xAF",      // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x80\x80\xAF",  // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // surrogate D800
      "\xED\xBF\xBF",      // surrogate DFFF
      "\xF4\x90\x80\x80",  // above 10FFFF
      "\xF5\x80\x80\x80",
      "\xFE",
      "\xFF",
      "\xC3",          // truncated
      "\xE1\xBA",      // truncated
      "\xF0\x9F\x98",  // truncated
      "\xE1\x41\x80",  // broken by a letter
      "\xE1\xBA\x41",
      "\xF0\x9F\x41\x80",
      "\xC3\xC3\xA0",
  };
  for (const auto piece : bad) {
    for (size_t before = 0; before < 40; ++before) {
      CAPTURE(piece);
      CAPTURE(before);
      const std::string start(before, 'a');
      CHECK(find_bad_utf8(start + std::string(piece)) == before);
      CHECK(find_bad_utf8(start + std::string(piece) + std::string(20, 'z')) == before);
      CHECK(find_bad_utf8("Đ" + start + "ệ" + std::string(piece) + "x") == before + 5);
    }
  }
}

namespace {

// By the letter of table 3-7 of the Unicode standard, to hold the fast check against.
size_t first_bad(std::string_view text) {
  const auto in = [&](size_t i, int low, int high) {
    const int byte = i < text.size() ? static_cast<unsigned char>(text[i]) : -1;
    return byte >= low && byte <= high;
  };
  for (size_t i = 0; i < text.size();) {
    const auto tails = [&](size_t from, size_t to) {
      for (size_t k = from; k <= to; ++k)
        if (!in(i + k, 0x80, 0xBF)) return false;
      return true;
    };
    if (in(i, 0, 0x7F))
      i += 1;
    else if (in(i, 0xC2, 0xDF) && tails(1, 1))
      i += 2;
    else if (in(i, 0xE0, 0xEF) && in(i + 1, in(i, 0xE0, 0xE0) ? 0xA0 : 0x80, in(i, 0xED, 0xED) ? 0x9F : 0xBF) &&
             tails(2, 2))
      i += 3;
    else if (in(i, 0xF0, 0xF4) && in(i + 1, in(i, 0xF0, 0xF0) ? 0x90 : 0x80, in(i, 0xF4, 0xF4) ? 0x8F : 0xBF) &&
             tails(2, 3))
      i += 4;
    else
      return i;
  }
  return std::string_view::npos;
}

}  // namespace

TEST_CASE("the check of UTF-8 by blocks agrees with the standard's table on damaged texts") {
  const std::string_view pieces[] = {"a",
                                     "Đ",
                                     "ệ",
                                     "😀",
                                     "\xED\x9F\xBF",
                                     "\xEE\x80\x80",
                                     "\xF4\x8F\xBF\xBF",
                                     "\xF0\x90\x80\x80",
                                     "\xE0\xA0\x80",
                                     "\xC2\x80",
                                     "sixteen and more"};
  std::mt19937 random(20240517);
  size_t damaged = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string text;
    for (size_t n = random() % 24; n > 0; --n) text += pieces[random() % std::size(pieces)];
    for (size_t n = random() % 3; n > 0 && !text.empty(); --n) {
      const size_t at = random() % text.size();
      if (random() % 2)
        text[at] = static_cast<char>(random());
      else
        text.erase(at, 1);
    }
    const size_t expected = first_bad(text);
    damaged += expected != std::string_view::npos;
    REQUIRE(find_bad_utf8(text) == expected);
  }
  CHECK(damaged > 10'000);
  CHECK(damaged < 90'000);
}

TEST_CASE("code points are counted, not bytes") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("Đắk Lắk") == 7);
  CHECK(count_code_points("😀a") == 2);
}

TEST_CASE("NFC composes what some keyboards and systems decompose") {
  CHECK(nfc("Vie\u0323\u0302t Nam") == "Việt Nam");
  CHECK(nfc("Vi\u1EB9\u0302t Nam") == "Việt Nam");
  CHECK(nfc("Vi\u00EA\u0323t Nam") == "Việt Nam");
  CHECK(nfc("o\u031B\u0301") == "ớ");
  CHECK(nfc("Việt Nam – “Đắk Lắk”") == "Việt Nam – “Đắk Lắk”");
  CHECK(nfc("\u212B") == "\u00C5");
  CHECK(nfc("\u1F71") == "\u03AC");
  CHECK(nfc("plain") == "plain");
  CHECK(nfc("e\u0301\xFF") == "e\u0301\xFF");
  CHECK(nfc(std::string_view("a\0e\u0301", 5)) == std::string_view("a\0\u00E9", 4));
}

TEST_CASE("normalise makes what people wrote comparable and keeps the tones") {
  CHECK(normalise("  QUYẾT   Định\t\n") == "quyết định");
  CHECK(normalise("Quye\u0302\u0301t \u0110i\u0323nh") == "quyết định");
  CHECK(normalise("UBND\u00A0tỉnh\u3000Đắk\u2003Lắk") == "ubnd tỉnh đắk lắk");
  CHECK(normalise("  PLAIN \v Ascii ") == "plain ascii");
  CHECK(normalise(" \t ").empty());
  CHECK(normalise("\u00A0\u00A0").empty());
  CHECK(normalise("hoà") != normalise("hoa"));
  CHECK(normalise("A \xFF") == "A \xFF");
}

TEST_CASE("fold turns Vietnamese names into search keys") {
  const std::pair<const char*, const char*> names[] = {
      {"Đắk Lắk", "dak lak"},
      {"Quyết định", "quyet dinh"},
      {"ĐẮK LẮK", "dak lak"},
      {"Đắk Nông", "dak nong"},
      {"Thừa Thiên Huế", "thua thien hue"},
      {"Bà Rịa - Vũng Tàu", "ba ria - vung tau"},
      {"Thành phố Hồ Chí Minh", "thanh pho ho chi minh"},
      {"Hưng Yên", "hung yen"},
      {"Nghệ An", "nghe an"},
      {"Quảng Ngãi", "quang ngai"},
      {"Buôn Ma Thuột", "buon ma thuot"},
      {"Krông Pắc", "krong pac"},
      {"Cư M'gar", "cu m'gar"},
      {"Ủy ban nhân dân xã Ea Kpam", "uy ban nhan dan xa ea kpam"},
      {"Nguyễn Thị Ỷ", "nguyen thi y"},
      {"đường Điện Biên Phủ", "duong dien bien phu"},
      {"ẰẲẴẶẦẨẪẬỀỂỄỆỒỔỖỘỜỞỠỢỪỬỮỰỲỶỸỴ", "aaaaaaaaeeeeoooooooouuuuyyyy"},
      {"\u0110a\u0306\u0301k La\u0306\u0301k", "dak lak"},
      {"\u0110\u0103\u0301k  L\u0103\u0301k", "dak lak"},
      {"QUYE\u0302\u0301T \u0111i\u0323nh", "quyet dinh"},
      {"\u00D0ồng Nai", "dong nai"},
      {"\u0189ồng\u00A0 Nai ", "dong nai"},
      {"  Giấy   khai sinh  ", "giay khai sinh"},
      {"TTHC 1.001193", "tthc 1.001193"},
      {"", ""},
      {"\xC3 bad", "\xC3 bad"},
  };
  for (const auto& [name, key] : names) {
    CAPTURE(name);
    CHECK(fold(name) == key);
    CHECK(fold(fold(name)) == fold(name));
  }
}

TEST_CASE("edit distance counts inserts, deletes, replacements and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("endpoint", "endpiont") == 1);
  CHECK(edit_distance("MaHoSo", "MaHSo") == 1);
  CHECK(edit_distance("ca", "abc") == 3);
  CHECK(edit_distance("sitting", "kitten") == 3);
  const std::string most(limits::kComparedName, 'x'), over(limits::kComparedName + 1, 'x');
  CHECK(edit_distance(most, most + "") == 0);
  CHECK(edit_distance(most, most.substr(1)) == 1);
  CHECK(edit_distance(over, over) == 0);
  CHECK(edit_distance(over, most) == over.size());
}

}  // namespace lt

TEST_CASE("a text is cut between letters") {
  CHECK(lt::cut_text("Hồ", 4) == "Hồ");
  CHECK(lt::cut_text("Hồ", 3) == "H");
  CHECK(lt::cut_text("Hồ", 1) == "H");
  CHECK(lt::cut_text("ồ", 2).empty());
  CHECK(lt::cut_text("abc", 2) == "ab");
  CHECK(lt::cut_text("\x80\x80", 1).empty());
}
