#include "core/runtime/file_serving_config.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/net/http.h"
#include "core/net/url.h"

namespace lt::runtime {
namespace {

constexpr int64_t kValidLeast = 60'000;
constexpr int64_t kValidMost = int64_t{3'653} * 24 * 3'600'000;
constexpr int64_t kUrlMost = 500;

// Of RFC 3986, without what JSON, XML or a path of the listener reads as something else.
bool plain_in_address(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("-._~/:%[]@!$()+,;=").find(c) != std::string_view::npos;
}

Result<void> check_plain(std::string_view text, bool path) {
  if (!std::all_of(text.begin(), text.end(), plain_in_address))
    return fail(Code::bad_url, "only letters, digits and - . _ ~ / : % may stand in it: no query, no blanks");
  if (path && text.find("//") != std::string_view::npos) return fail(Code::bad_url, "two slashes in a row");
  return {};
}

std::string without_end(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

Result<std::string> parse_base(std::string_view text) {
  LT_ASSIGN(const net::Url url, net::parse_url(text));
  LT_TRY(check_plain(text, false));
  LT_TRY(check_plain(url.target, true));
  return without_end(text);
}

Result<std::string> parse_path(std::string_view text) {
  if (!text.starts_with('/')) return fail(Code::bad_url, "a path begins with a slash");
  LT_TRY(check_plain(text, true));
  return std::string(text);
}

}  // namespace

const config::Spec<FileServingSection>& file_serving_spec() {
  static const auto spec =
      config::Spec<FileServingSection>("files serve")
          .text("listener", &FileServingSection::listener,
                {.required = true,
                 .doc_en = "Which of `listeners` serves the files",
                 .doc_vi = "Cổng nào trong `listeners` phục vụ tệp",
                 .example = "main"})
          .parsed("url", &FileServingSection::url, "address http:// or https://", parse_base,
                  {.required = true,
                   .doc_en = "What addresses of files begin with, as partners reach it",
                   .doc_vi = "Phần đầu của địa chỉ tệp, như đối tác truy cập",
                   .example = "https://lienthong.tinh.gov.vn/tep",
                   .most = kUrlMost})
          .parsed("path", &FileServingSection::path, "path /...", parse_path,
                  {.doc_en = "Where a proxy in front puts it on the listener; by default the path of `url`",
                   .doc_vi = "Đường dẫn trên cổng khi có proxy đứng trước; mặc định là đường dẫn của `url`",
                   .example = "/tep",
                   .most = kUrlMost})
          .duration("valid", &FileServingSection::valid,
                    {.doc_en = "How long an address is good, counted from when the message was accepted; given later "
                               "than half of that, once more so long",
                     .doc_vi = "Địa chỉ dùng được bao lâu, tính từ lúc nhận bản tin; cấp khi đã quá nửa thì thêm một "
                               "lần chừng ấy",
                     .least = kValidLeast,
                     .most = kValidMost})
          .place(&FileServingSection::place);
  return spec;
}

std::string served_path(const FileServingSection& section) {
  if (!section.path.empty()) return without_end(percent_decode(section.path));
  const auto url = net::parse_url(section.url);
  return url ? without_end(percent_decode(url->target)) : std::string();
}

}  // namespace lt::runtime
