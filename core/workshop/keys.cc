#include "core/workshop/keys.h"

namespace lt::workshop {
namespace {

using enum Takes;

const std::vector<KeyEntry> kFile = {
    {"mapping", text, "tên ánh xạ, không trùng", "name of the mapping, unique", {}, {}, true},
    {"version", whole, "số phiên bản, từ 1", "version number, from 1", {}, {}, true},
    {"title", text, "tiêu đề in trên phụ lục ký kết", "title, as printed on the sheet that is signed"},
    {"source", map, "bên nguồn: định dạng và lược đồ", "the source: format and schema", {}, MapOf::side, true},
    {"target", map, "bên đích: định dạng và lược đồ", "the target: format and schema", {}, MapOf::side, true},
    {"reverse", choice, "mức khôi phục được cam kết khi đi ngược", "what is promised of the way back",
     "exact canonical lossy none"},
    {"tables", named_maps_or_texts, "bảng mã: tên và tệp CSV", "code tables: name and CSV file", {}, MapOf::table},
    {"types",
     named_maps,
     "kiểu ngày giờ: tên, mẫu đọc, mẫu ghi",
     "date types: name, pattern read, pattern written",
     {},
     MapOf::type},
    {"links", named_pairs, "viết lại địa chỉ: tên, địa chỉ nguồn -> địa chỉ đích",
     "rewriting of addresses: name, source base -> target base"},
    {"xslt", text, "tệp XSLT thay cho luật; chỉ một chiều", "an XSLT file instead of rules; one way only"},
    {"rules", rules, "các luật: trường đích: trường nguồn", "the rules: target field: source field"},
    {"rest", choice, "trường ngoài lược đồ: giữ hay bỏ", "undeclared fields: keep or drop", "keep drop"},
    {"unfit", choice, "giá trị lược đồ đích có thể từ chối: tạm giữ lúc chạy, hay cảnh báo ngay",
     "what the target's schema may refuse: held when it happens, or warned of now", "hold warn"},
    {"ignore", map, "các trường cố ý không chuyển", "fields left out on purpose", {}, MapOf::ignore},
    {"examples", maps, "các ví dụ chạy cùng ánh xạ", "examples that are run with the mapping", {}, MapOf::example}};

const std::vector<KeyEntry> kSide = {
    {"format", choice, "định dạng thông điệp", "format of the message", "json xml", {}, true},
    {"schema", text, "tệp lược đồ, tính từ thư mục schemas", "schema file, below the schemas folder", {}, {}, true},
    {"root", text, "tên phần tử gốc (XML)", "name of the root element (XML)"},
    {"ns", pairs, "tiền tố: không gian tên (XML)", "prefix: namespace (XML)"}};

const std::vector<KeyEntry> kTable = {
    {"file", text, "tệp CSV, tính từ tệp ánh xạ", "CSV file, beside the mapping file", {}, {}, true},
    {"as_of", text, "trường nguồn có ngày áp dụng bảng", "source field with the day the table is read as of"}};

const std::vector<KeyEntry> kType = {
    {"pattern",
     text,
     "mẫu bên nguồn: dd/MM/yyyy, iso-date, ...",
     "pattern of the source: dd/MM/yyyy, iso-date, ...",
     {},
     {},
     true},
    {"to", text, "mẫu bên đích", "pattern of the target", {}, {}, true},
    {"zone", text, "múi giờ khi không ghi, ví dụ +07:00", "zone where none is written, as +07:00"}};

const std::vector<KeyEntry> kIgnore = {
    {"source", texts, "trường nguồn không chuyển sang đích", "source fields that are not carried over"},
    {"target", texts, "trường đích không được ghi", "target fields that nothing writes"}};

const std::vector<KeyEntry> kExample = {
    {"name", text, "tên ví dụ", "name of the example", {}, {}, true},
    {"source", text, "tệp nguồn", "source file"},
    {"target", text, "tệp đích", "target file"},
    {"like", text, "như ví dụ này, rồi sửa bằng set", "as that example, then changed by set"},
    {"set", pairs, "đường dẫn: giá trị mới", "path: new value"},
    {"error", text, "lỗi mong đợi: LT-2103 at TruongDich", "the error expected: LT-2103 at TargetField"},
    {"round_trip", choice, "đi rồi về phải giống đến mức nào", "how much must be the same there and back",
     "exact canonical"},
    {"direction", choice, "chiều chạy", "direction it is run in", "forward reverse"}};

const std::vector<KeyEntry> kBody = {
    {"from", text, "chép từ trường nguồn này", "copies this source field"},
    {"const", literal, "luôn ghi giá trị này; chiều ngược kiểm tra", "always writes this value; checked in reverse"},
    {"one_way", one_way, "biểu thức tính giá trị; không có chiều ngược", "an expression gives the value; no reverse"},
    {"only_back", text, "chỉ dùng khi ngược: biểu thức trên đích ghi trường nguồn",
     "reverse only: an expression over the target writes this source field"},
    {"parts", text, "tách một trường nguồn theo pattern", "splits one source field by its pattern"},
    {"join", text, "ghép nhiều trường theo pattern", "joins several fields by its pattern"},
    {"blob", text, "nội dung tệp đính kèm, chuyển theo dòng", "bytes of a file, streamed"},
    {"index", whole, "số thứ tự của phần tử, đếm từ số này", "number of the item, counted from this"},
    {"envelope", choice, "giá trị của phong bì thông điệp", "a value of the message's envelope",
     "message_id accepted_at"},
    {"each", text, "mỗi phần tử của mảng nguồn thành một phần tử đích", "one target item for each item of this array"},
    {"items",
     maps,
     "mỗi nhóm trong danh sách thành một phần tử đích",
     "one target item for each group of this list",
     {},
     MapOf::body},
    {"one_of",
     map,
     "chọn nhóm luật theo giá trị của một trường",
     "chooses rules by the value of a field",
     {},
     MapOf::one_of},
    {"spread", map, "trường có tiền tố cố định <-> mảng", "fields with fixed prefixes <-> an array", {}, MapOf::spread},
    {"pattern", text, "biểu thức chính quy của parts hoặc join, có nhóm đặt tên",
     "regular expression of parts or join, with named groups"},
    {"fields", pairs, "nhóm của pattern: đường dẫn", "group of the pattern: path"},
    {"where", text, "chỉ các phần tử thoả điều kiện", "only items for which this holds"},
    {"match_on",
     map,
     "ghép với phần tử cùng khoá của mảng khác",
     "joins items of another array by key",
     {},
     MapOf::match_on},
    {"embedded", choice_or_map, "tài liệu nằm trong một chuỗi", "a document inside a text", "json xml",
     MapOf::embedded},
    {"type", text, "kiểu ngày giờ khai ở types", "a date type of `types`"},
    {"as", choice, "ghi như số, chữ, đúng/sai; với blob: cách đặt nội dung tệp",
     "written as a number, text or truth; of a blob: how the bytes stand",
     "decimal integer text boolean base64 zip url part reference"},
    {"carrier", choice, "nội dung tệp bên nguồn đặt thế nào", "how the bytes stand in the source",
     "base64 zip url part reference"},
    {"name", text, "trường có tên tệp, của blob", "field with the file's name, of a blob"},
    {"table", text, "tra bảng mã khai ở tables", "looked up in a code table of `tables`"},
    {"unmapped", choice_or_map, "mã không có trong bảng: tạm giữ, từ chối, giữ nguyên, hoặc giá trị thay",
     "a code not in the table: hold, reject, keep, or another value", "hold reject keep", MapOf::unmapped},
    {"match", text, "giá trị phải khớp biểu thức chính quy", "the value must match this regular expression"},
    {"normalize", normalize, "chuẩn hoá: Unicode NFC, bỏ khoảng trắng hai đầu", "Unicode NFC, blanks trimmed",
     "nfc trim"},
    {"link", text_or_map, "viết lại địa chỉ theo links", "rewrites the address by `links`", {}, MapOf::link},
    {"default", literal, "giá trị khi nguồn không có", "the value when the source has none"},
    {"when", text, "chỉ ghi khi điều kiện đúng", "written only when this holds"},
    {"required_when", text, "bắt buộc có khi điều kiện đúng", "must be there when this holds"},
    {"back", choice_or_map, "chiều ngược: bỏ giá trị mặc định, hoặc đặt thêm trường nguồn",
     "in reverse: leave the default out, or set source fields", "omit_if_default", MapOf::back},
    {"when_absent", choice, "nguồn không có: bỏ qua, null, rỗng, tạm giữ", "source absent: omit, null, empty, hold",
     "omit null empty hold"},
    {"unfit", choice, "giá trị lược đồ đích có thể từ chối: tạm giữ lúc chạy, hay cảnh báo ngay",
     "what the target's schema may refuse: held when it happens, or warned of now", "hold warn"},
    {"rest", choice, "trường ngoài lược đồ: giữ hay bỏ", "undeclared fields: keep or drop", "keep drop"},
    {"rules", rules, "các luật của nhóm", "the rules of the group"}};

const std::vector<KeyEntry> kMatchOn = {
    {"array", text, "mảng kia", "the other array", {}, {}, true},
    {"key", text, "trường khoá của phần tử mảng kia", "key field of its items", {}, {}, true},
    {"equals", text, "trường bằng khoá đó, tính từ phần tử này", "field with that key, from this item", {}, {}, true}};
const std::vector<KeyEntry> kOneOf = {
    {"by", text, "trường nguồn quyết định", "the source field that decides", {}, {}, true},
    {"cases", maps, "các trường hợp", "the cases", {}, MapOf::one_case, true},
    {"other", choice, "giá trị khác: tạm giữ hay bỏ qua", "another value: hold or skip", "hold skip"}};
const std::vector<KeyEntry> kCase = {
    {"is", text_or_texts, "giá trị, hoặc danh sách giá trị", "the value, or a list of values", {}, {}, true},
    {"rules", rules, "các luật của trường hợp", "the rules of the case", {}, {}, true}};
const std::vector<KeyEntry> kSpread = {
    {"from", text, "nơi có các trường có tiền tố hoặc mảng", "where the prefixed fields or the array are"},
    {"by", text, "trường của phần tử cho biết tiền tố", "field of an item that names its prefix", {}, {}, true},
    {"prefixes", pairs, "giá trị: tiền tố", "value: prefix", {}, {}, true}};
const std::vector<KeyEntry> kEmbedded = {
    {"source", choice, "chuỗi nguồn chứa", "the source text holds", "json xml"},
    {"target", choice, "chuỗi đích chứa", "the target text holds", "json xml"},
    {"schema", text, "lược đồ của tài liệu trong chuỗi", "schema of the document inside"},
    {"root", text, "phần tử gốc của nó (XML)", "its root element (XML)"}};
const std::vector<KeyEntry> kBack = {
    {"set", pairs, "trường nguồn: giá trị, khi đích có", "source field: value, when the target is there"}};
const std::vector<KeyEntry> kUnmapped = {
    {"default", text, "giá trị thay cho mã không có trong bảng", "value for a code not in the table", {}, {}, true}};
const std::vector<KeyEntry> kLink = {{"rewrite", text, "tên khai ở links", "a name of `links`", {}, {}, true}};

}  // namespace

const std::vector<KeyEntry>& keys_of(MapOf map) {
  switch (map) {
    case MapOf::file:
      return kFile;
    case MapOf::side:
      return kSide;
    case MapOf::table:
      return kTable;
    case MapOf::type:
      return kType;
    case MapOf::ignore:
      return kIgnore;
    case MapOf::example:
      return kExample;
    case MapOf::body:
      return kBody;
    case MapOf::match_on:
      return kMatchOn;
    case MapOf::one_of:
      return kOneOf;
    case MapOf::one_case:
      return kCase;
    case MapOf::spread:
      return kSpread;
    case MapOf::embedded:
      return kEmbedded;
    case MapOf::back:
      return kBack;
    case MapOf::unmapped:
      return kUnmapped;
    case MapOf::link:
      break;
  }
  return kLink;
}

const KeyEntry* find_key(MapOf map, std::string_view name) {
  for (const KeyEntry& key : keys_of(map))
    if (key.name == name) return &key;
  return nullptr;
}

std::string_view name_of(MapOf map) {
  static constexpr std::string_view kNames[] = {"file",    "side",     "table",    "type",     "ignore",
                                                "example", "body",     "match_on", "one_of",   "case",
                                                "spread",  "embedded", "back",     "unmapped", "link"};
  return kNames[static_cast<size_t>(map)];
}

}  // namespace lt::workshop
