#include "core/workshop/rule_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::workshop {
namespace {

using mapping::Origin;
using mapping::Rule;
using mapping::Text;
using mapping::TypeUse;

class Words {
 public:
  Words(const std::vector<TypeUse>& types, bool vietnamese) : types_(types), vi_(vietnamese) {}

  std::string operator()(const Rule& rule) {
    origin(rule);
    value(rule);
    conditions(rule);
    reverse(rule);
    std::string out;
    for (const std::string& part : parts_) out += (out.empty() ? "" : "; ") + part;
    return out;
  }

 private:
  void say(std::string_view vi, std::string_view en) { parts_.emplace_back(vi_ ? vi : en); }
  void say(std::string_view vi, std::string_view en, const std::string& value) {
    parts_.push_back(fmt::format(fmt::runtime(vi_ ? vi : en), value));
  }
  static std::string quoted(const Text& text) { return text.null ? "null" : "\"" + text.text + "\""; }
  static std::string pairs(const std::vector<std::pair<Text, Text>>& list, std::string_view between) {
    std::string out;
    for (const auto& [a, b] : list) out += fmt::format("{}{}{}{}", out.empty() ? "" : ", ", a.text, between, b.text);
    return out;
  }

  void origin(const Rule& rule) {
    switch (rule.origin) {
      case Origin::constant:
        return say("luôn là {}", "always {}", quoted(rule.source));
      case Origin::parts:
        return say("tách theo mẫu {}", "split by the pattern {}", rule.pattern ? rule.pattern->text : "");
      case Origin::join:
        return say("ghép theo mẫu {}", "joined by the pattern {}", rule.pattern ? rule.pattern->text : "");
      case Origin::blob:
        return blob(rule);
      case Origin::index:
        return say("số thứ tự, đếm từ {}", "number of the item, counted from {}", std::to_string(rule.first));
      case Origin::envelope:
        if (rule.envelope == mapping::EnvelopeField::message_id)
          return say("mã thông điệp trên trục", "id of the message on the bus");
        return say("thời điểm trục nhận thông điệp", "time the bus accepted the message");
      case Origin::one_way:
        return say("tính bằng biểu thức: {}", "computed: {}", rule.source.text);
      case Origin::only_back:
        return say("chỉ dùng khi đi ngược: {}", "in reverse only: {}", rule.source.text);
      case Origin::each:
        return say("mỗi phần tử của {} thành một phần tử", "one item for each of {}", rule.source.text);
      case Origin::items:
        return say("mỗi nhóm dưới đây thành một phần tử", "one item for each group below");
      case Origin::one_of:
        return say("chọn theo giá trị của {}", "chosen by the value of {}", rule.source.text);
      case Origin::spread:
        return say("trải theo tiền tố: {}", "spread over prefixes: {}", pairs(rule.prefixes, " = "));
      default:
        break;
    }
    if (rule.group && rule.origin == Origin::none) return say("nhóm", "group");
    if (rule.group) return say("nhóm, từ {}", "group, from {}", rule.source.text);
    if (!rule.type && !rule.table && rule.as == mapping::As::unsaid) say("chép nguyên", "copied");
  }
  void blob(const Rule& rule) {
    static constexpr std::string_view kVi[] = {"base64", "ZIP, base64", "URL", "phần gửi kèm", "nguyên trạng"};
    static constexpr std::string_view kEn[] = {"base64", "ZIP, base64", "URL", "part", "as it stands"};
    const auto form = static_cast<size_t>(rule.blob);
    say("nội dung tệp, dạng {}", "bytes of a file, as {}", std::string(vi_ ? kVi[form] : kEn[form]));
  }
  void value(const Rule& rule) {
    if (rule.nfc) say("chuẩn hoá Unicode", "Unicode normalised");
    if (rule.trim) say("bỏ khoảng trắng hai đầu", "blanks trimmed");
    if (rule.match) say("phải khớp {}", "must match {}", rule.match->text);
    if (rule.type) {
      const auto at = std::find_if(types_.begin(), types_.end(),
                                   [&](const TypeUse& type) { return type.name.text == rule.type->text; });
      const std::string patterns =
          at == types_.end() ? rule.type->text : fmt::format("{} -> {}", at->pattern.text, at->to.text);
      say("ngày {}", "date {}", patterns);
    }
    if (rule.table) {
      say("tra bảng {}", "table {}", rule.table->text);
      unmapped(rule);
    }
    static constexpr std::string_view kVi[] = {"", "số thập phân", "số nguyên", "chuỗi", "đúng/sai"};
    static constexpr std::string_view kEn[] = {"", "decimal", "whole number", "text", "boolean"};
    const auto as = static_cast<size_t>(rule.as);
    if (as > 0) say("ghi thành {}", "written as {}", std::string(vi_ ? kVi[as] : kEn[as]));
    if (rule.link) say("viết lại địa chỉ theo {}", "address rewritten by {}", rule.link->text);
    if (rule.embedded_source != mapping::Embedded::none || rule.embedded_target != mapping::Embedded::none)
      say("tài liệu nằm trong một chuỗi", "a document inside a text");
  }
  void unmapped(const Rule& rule) {
    switch (rule.unmapped) {
      case mapping::Unmapped::hold:
        return say("mã không có trong bảng: tạm giữ", "code not in the table: held");
      case mapping::Unmapped::reject:
        return say("mã không có trong bảng: từ chối", "code not in the table: refused");
      case mapping::Unmapped::keep:
        return say("mã không có trong bảng: giữ nguyên", "code not in the table: kept");
      case mapping::Unmapped::fallback:
        return say("mã không có trong bảng: ghi {}", "code not in the table: {}",
                   rule.unmapped_value ? quoted(*rule.unmapped_value) : "");
    }
  }
  void conditions(const Rule& rule) {
    for (const Text& when : rule.when) say("chỉ khi {}", "only when {}", when.text);
    if (rule.where) say("chỉ phần tử có {}", "only items where {}", rule.where->text);
    if (rule.match_on)
      parts_.push_back(
          fmt::format(fmt::runtime(vi_ ? "ghép với {0} có {1} bằng {2}" : "matched with {0} where {1} is {2}"),
                      rule.match_on->array.text, rule.match_on->key.text, rule.match_on->equals.text));
    if (rule.required_when) say("bắt buộc khi {}", "required when {}", rule.required_when->text);
    if (rule.fallback) say("khi không có: {}", "when absent: {}", quoted(*rule.fallback));
    switch (rule.when_absent) {
      case mapping::WhenAbsent::omit:
        return say("không có thì bỏ qua", "left out when absent");
      case mapping::WhenAbsent::null:
        return say("không có thì ghi null", "null when absent");
      case mapping::WhenAbsent::empty:
        return say("không có thì để rỗng", "empty when absent");
      case mapping::WhenAbsent::hold:
        return say("không có thì tạm giữ", "held when absent");
      case mapping::WhenAbsent::unsaid:
        break;
    }
  }
  void reverse(const Rule& rule) {
    if (rule.keep_rest) say("giữ cả trường ngoài lược đồ", "undeclared fields are kept");
    if (rule.omit_default) say("chiều ngược: bỏ giá trị mặc định", "in reverse: the default is left out");
    if (!rule.set.empty()) say("chiều ngược: đặt {}", "in reverse: sets {}", pairs(rule.set, " = "));
    if (rule.one_way || rule.origin == Origin::one_way) say("không có chiều ngược", "nothing in reverse");
  }

  const std::vector<TypeUse>& types_;
  bool vi_;
  std::vector<std::string> parts_;
};

}  // namespace

std::string rule_words(const Rule& rule, const std::vector<TypeUse>& types, bool vietnamese) {
  return Words(types, vietnamese)(rule);
}

}  // namespace lt::workshop
