#include "core/net/media_type.h"

#include <algorithm>
#include <utility>

namespace lt::net {

std::string_view media_type(std::string_view file_name) {
  static constexpr std::pair<std::string_view, std::string_view> kKnown[] = {
      {"pdf", "application/pdf"},
      {"doc", "application/msword"},
      {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {"xls", "application/vnd.ms-excel"},
      {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {"odt", "application/vnd.oasis.opendocument.text"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"png", "image/png"},
      {"tif", "image/tiff"},
      {"tiff", "image/tiff"},
      {"xml", "application/xml"},
      {"json", "application/json"},
      {"txt", "text/plain"},
      {"csv", "text/csv"},
      {"zip", "application/zip"},
      {"rar", "application/vnd.rar"},
      {"7z", "application/x-7z-compressed"}};
  const size_t dot = file_name.rfind('.');
  const std::string_view ending = dot == std::string_view::npos ? std::string_view() : file_name.substr(dot + 1);
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  for (const auto& [known, type] : kKnown)
    if (std::equal(ending.begin(), ending.end(), known.begin(), known.end(), same)) return type;
  return "application/octet-stream";
}

}  // namespace lt::net
