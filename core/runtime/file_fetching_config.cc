#include "core/runtime/file_fetching_config.h"

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/runtime/fetch_places.h"

namespace lt::runtime {
namespace {

using config::Spec;

constexpr int64_t kTimeMost = 3'600'000;
constexpr int64_t kAtOnceMost = 16;

bool is_field_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

bool check_source(const FetchSourceSection& section, config::Diagnostics& diagnostics) {
  const size_t before = diagnostics.errors();
  if (const auto place = FetchPlace::parse(section.url.value); !place)
    diagnostics.error(place.error().code, section.url.place, place.error().detail,
                      "write scheme, host and the beginning of the path: https://host/path/");
  for (const auto& [name, value] : section.headers)
    if (!is_field_name(name) || !is_field_value(value))
      diagnostics.error(Code::wrong_type, section.url.place, "\"" + name + "\" cannot be a header of HTTP",
                        "a name of letters, digits and hyphens, a value on one line");
  return diagnostics.errors() == before;
}

const Spec<FetchSourceSection>& source_spec() {
  static const auto spec =
      Spec<FetchSourceSection>("files fetch from")
          .text("url", &FetchSourceSection::url,
                {.required = true,
                 .doc_en = "What addresses begin with: scheme, host, port and path up to a slash, or one whole path",
                 .doc_vi = "Phần đầu của địa chỉ: giao thức, máy, cổng và đường dẫn tới dấu gạch chéo, hoặc trọn một "
                           "đường dẫn",
                 .example = "https://motcua.tinh.gov.vn/tep/"})
          .text_map("headers", &FetchSourceSection::headers,
                    {.doc_en = "Headers sent there and nowhere else, e.g. a key from ${file:...}",
                     .doc_vi = "Header chỉ gửi tới nguồn này, ví dụ khoá từ ${file:...}"})
          .check([](const FetchSourceSection& section, const config::Value&, config::Diagnostics& diagnostics) {
            return check_source(section, diagnostics);
          });
  return spec;
}

// The longer of two places that cover an address gives the headers; of two alike neither does.
bool check_places(const FileFetchingSection& section, const config::Value& value, config::Diagnostics& diagnostics) {
  const size_t before = diagnostics.errors();
  if (section.from.empty())
    diagnostics.error(Code::missing_key, value.place(), "nothing may be fetched from anywhere",
                      "name the places in `from`, or leave files.fetch out");
  std::set<std::string> seen;
  for (const auto& source : section.from)
    if (const auto place = FetchPlace::parse(source.url.value); place && !seen.insert(place->text()).second)
      diagnostics.error(Code::bad_reference, source.url.place, place->text() + " is listed twice", "leave one out");
  return diagnostics.errors() == before;
}

}  // namespace

const Spec<FileFetchingSection>& file_fetching_spec() {
  static const auto spec =
      Spec<FileFetchingSection>("files fetch")
          .list("from", &FileFetchingSection::from, source_spec(),
                {.required = true,
                 .doc_en = "Places files may be fetched from; from no other, whatever a document says. Redirects are "
                           "not followed",
                 .doc_vi = "Các nguồn được phép tải tệp; ngoài ra không tải từ đâu, dù bản tin ghi gì. Không đi theo "
                           "chuyển hướng"})
          .size("limit", &FileFetchingSection::limit,
                {.doc_en = "Largest file", .doc_vi = "Tệp lớn nhất", .least = 1, .most = limits::kBody})
          .duration("connect_time", &FileFetchingSection::connect_time,
                    {.doc_en = "To connect", .doc_vi = "Thời gian kết nối", .least = 1, .most = kTimeMost})
          .duration("timeout", &FileFetchingSection::timeout,
                    {.doc_en = "To the first byte, and between two pieces of a file",
                     .doc_vi = "Tới byte đầu tiên, và giữa hai phần của tệp",
                     .least = 1,
                     .most = kTimeMost})
          .duration("within", &FileFetchingSection::within,
                    {.doc_en = "For one whole file; the destination's own time begins afterwards",
                     .doc_vi = "Cho trọn một tệp; thời gian của đích tính từ sau đó",
                     .least = 1,
                     .most = kTimeMost})
          .integer("at_once", &FileFetchingSection::at_once,
                   {.doc_en = "Files of one delivery fetched at a time",
                    .doc_vi = "Số tệp của một lượt gửi được tải cùng lúc",
                    .least = 1,
                    .most = kAtOnceMost})
          .place(&FileFetchingSection::place)
          .check([](const FileFetchingSection& section, const config::Value& value, config::Diagnostics& diagnostics) {
            return check_places(section, value, diagnostics);
          });
  return spec;
}

}  // namespace lt::runtime
