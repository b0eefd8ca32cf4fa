#include "core/mapping/reason.h"

#include <fmt/format.h>

namespace lt::mapping {
namespace {

struct Said {
  Reason::Is is;
  const char* vi;
  const char* en;
};
using enum Reason::Is;
constexpr Said kSaid[] = {
    {no_rule, "không luật nào đưa về", "no rule brings it back"},
    {ignored, "đã ghi ở ignore", "ignored"},
    {stylesheet, "XSLT chỉ có một chiều", "a stylesheet is one-way"},
    {null_or_nothing, "null có thể trở về thành không có", "null can come back as nothing"},
    {number_or_text, "số có thể trở về thành chữ", "a number can come back as text"},
    {expression_back, "chiều ngược tính bằng biểu thức", "an expression gives it in reverse"},
    {outside_item, "nằm ngoài phần tử", "it lies outside the item"},
    {several_fields, "tài liệu ghép từ nhiều trường", "a document made from several fields"},
    {embedded_anew, "tài liệu bên trong được viết lại", "the document inside is written anew"},
    {where_leaves_out, "phần tử mà `where` bỏ ra không trở về", "items that `where` leaves out do not come back"},
    {no_constant, "không hằng số nào phân biệt phần tử này", "no constant tells this item from others"},
    {case_not_shown, "không gì cho thấy trường hợp {}", "nothing shows case {}"},
    {case_writes_nothing, "mất khi trường hợp của nó không ghi gì", "it is lost when its case writes nothing"},
    {case_of_several, "trường hợp có nhiều giá trị trở về bằng giá trị đầu",
     "a case of several values comes back as the first"},
    {unless_case, "mất, trừ khi {} là {}", "it is lost unless {} is {}"},
    {list_order, "phần tử trở về theo thứ tự của luật, và chỉ phần tử có nội dung",
     "items come back in the order of the rules, and only those with something in them"},
    {unless, "mất, trừ khi {}", "it is lost unless {}"},
    {unless_match, "mất, trừ khi có phần tử khớp", "it is lost unless an item matches"},
    {one_way, "luật chỉ có một chiều", "the rule is one_way"},
    {file_form, "không tạo được tệp dạng {} từ dạng {}", "no file of form {} can be made from one of form {}"},
    {file_wrapped, "tệp được đóng gói lại", "the file is wrapped anew"},
    {file_address, "tệp mang địa chỉ khác", "the file gets another address"},
    {file_name, "tệp mang tên khác trong tài liệu", "the file gets another name in the document"},
    {normalised, "đã chuẩn hoá", "normalised"},
    {as_target_writes, "viết theo cách của bên đích", "written as the target writes it"},
    {table_dated, "bảng {} tra theo một ngày chưa biết", "table {} is read as of a day that is not known yet"},
    {table_not_injective, "bảng {} không phải một-một", "table {} is not one to one"},
    {table_default, "mã ngoài bảng {} trở về bằng giá trị thay", "what table {} lacks comes back as its default"},
    {default_for_nothing, "giá trị mặc định thay cho không có", "a default takes the place of nothing"},
    {nothing_written, "không có trở thành null hoặc rỗng", "nothing becomes null or empty"},
    {date_says_less, "{} cho biết ít hơn {}", "{} says less than {}"},
    {date_written_anew, "ngày chỉ viết được một cách", "a date is written in one way only"},
    {set_by_target, "được đặt khi trường đích có mặt", "a present target field sets it"},
    {pattern_keeps_less, "mẫu khớp nhiều hơn những gì các phần giữ", "its pattern matches more than its parts keep"},
    {parts_changed, "các phần bị đổi trên đường đi", "its parts are changed on the way"},
    {joined_changed, "chữ đã ghép bị đổi", "the joined text is changed"}};

}  // namespace

std::string Reason::text(bool vietnamese) const {
  for (const Said& said : kSaid)
    if (said.is == is) return fmt::format(fmt::runtime(vietnamese ? said.vi : said.en), first, second);
  return {};
}

}  // namespace lt::mapping
