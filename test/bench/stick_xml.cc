#include "test/bench/stick_xml.h"

#include <rapidjson/document.h>

#include <string_view>

namespace lt::bench {
namespace {

using rapidjson::Value;

void put_escaped(std::string& out, std::string_view text) {
  size_t done = 0;
  for (size_t at = text.find_first_of("&<>"); at != text.npos; at = text.find_first_of("&<>", done)) {
    out.append(text, done, at - done);
    out += text[at] == '&' ? "&amp;" : text[at] == '<' ? "&lt;" : "&gt;";
    done = at + 1;
  }
  out.append(text, done);
}

// Member "dossier" is element hs:Dossier; an item of "steps" is hs:Step.
void put_tag(std::string& out, std::string_view name, const char* open) {
  out += open;
  out += static_cast<char>(name[0] - 'a' + 'A');
  out.append(name, 1);
  out += '>';
}

void put(std::string& out, std::string_view name, const Value& value);

void put_content(std::string& out, std::string_view name, const Value& value) {
  if (value.IsString())
    put_escaped(out, {value.GetString(), value.GetStringLength()});
  else if (value.IsInt64())
    out += std::to_string(value.GetInt64());
  else if (value.IsBool())
    out += value.GetBool() ? "true" : "false";
  else if (value.IsObject())
    for (const auto& member : value.GetObject())
      put(out, {member.name.GetString(), member.name.GetStringLength()}, member.value);
  else if (value.IsArray())
    for (const auto& item : value.GetArray()) put(out, name.substr(0, name.size() - 1), item);
}

void put(std::string& out, std::string_view name, const Value& value) {
  put_tag(out, name, "<hs:");
  put_content(out, name, value);
  put_tag(out, name, "</hs:");
}

}  // namespace

std::optional<std::string> dossier_xml(std::string& json) {
  char values[16 << 10];
  rapidjson::MemoryPoolAllocator<> pool(values, sizeof values);
  rapidjson::Document document(&pool);
  document.ParseInsitu<rapidjson::kParseValidateEncodingFlag>(json.data());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  std::string out;
  out.reserve(6 << 10);
  out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hs:Message xmlns:hs=\"urn:vn:gov:hoso:1.2\">";
  put_content(out, {}, document);
  out += "</hs:Message>";
  return out;
}

}  // namespace lt::bench
