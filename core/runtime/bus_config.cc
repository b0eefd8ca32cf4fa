#include "core/runtime/bus_config.h"

#include <filesystem>

#include "core/base/limits.h"
#include "core/config/yaml.h"
#include "core/runtime/retention_config.h"

namespace lt::runtime {
namespace {

using config::Spec;

const Spec<BusSection>& bus_spec() {
  static const auto spec =
      Spec<BusSection>("bus")
          .text("name", &BusSection::name,
                {.doc_en = "Name of this bus in logs and pages",
                 .doc_vi = "Tên của trục này trong nhật ký và trang quản trị"})
          .text("organ_id", &BusSection::organ_id,
                {.required = true,
                 .doc_en = "Our own agency code, written into the TraceHeader of relayed documents",
                 .doc_vi = "Mã định danh của trục, ghi vào TraceHeader của văn bản chuyển qua",
                 .example = "H22",
                 .least = 1,
                 .most = 50})
          .path("data", &BusSection::data,
                {.doc_en = "Directory of journal, blobs and catalog",
                 .doc_vi = "Thư mục nhật ký ghi trước, tệp lớn và danh mục"})
          .path("schemas", &BusSection::schemas,
                {.doc_en = "Directory of type files and schemas", .doc_vi = "Thư mục tệp kiểu và lược đồ"})
          .path("mappings", &BusSection::mappings,
                {.doc_en = "Directory of mapping files", .doc_vi = "Thư mục tệp ánh xạ"})
          .integer("shards", &BusSection::shards,
                   {.doc_en = "I/O threads; 0 = one per core",
                    .doc_vi = "Số luồng vào ra; 0 = mỗi nhân một luồng",
                    .least = 0,
                    .most = 256})
          .size("journal_segment", &BusSection::journal_segment,
                {.doc_en = "Size of a journal segment",
                 .doc_vi = "Kích thước một đoạn nhật ký",
                 .least = 1 << 20,
                 .most = int64_t{4} << 30})
          .duration("gather", &BusSection::gather,
                    {.doc_en = "Waits this long for more records before a sync under load",
                     .doc_vi = "Chờ thêm bản ghi trước khi đồng bộ đĩa khi tải cao",
                     .least = 0,
                     .most = 100})
          .duration("stop_time", &BusSection::stop_time,
                    {.doc_en = "For deliveries in flight when told to stop",
                     .doc_vi = "Thời gian cho các lượt gửi dở khi dừng",
                     .least = 0})
          .place(&BusSection::place);
  return spec;
}

const Spec<EncryptionSection>& encryption_spec() {
  static const auto spec = Spec<EncryptionSection>("encryption")
                               .secret("master_key", &EncryptionSection::master_key,
                                       {.required = true,
                                        .doc_en = "Master key: 32 bytes, raw or as 64 hex digits; from ${file:...}",
                                        .doc_vi = "Khoá chủ: 32 byte, thô hoặc 64 chữ số hex; lấy từ ${file:...}"});
  return spec;
}

const Spec<DiskSection>& disk_spec() {
  static const auto spec =
      Spec<DiskSection>("disk")
          .size(
              "reserve", &DiskSection::reserve,
              {.doc_en = "Free space kept for deliveries and their outcomes: below it new messages are refused (507)",
               .doc_vi = "Dung lượng trống giữ lại để chuyển tiếp và ghi kết quả: dưới mức này từ chối nhận mới (507)",
               .example = "1GB",
               .least = 1 << 20})
          .place(&DiskSection::place);
  return spec;
}

const Spec<FilesSection>& files_spec() {
  static const auto spec =
      Spec<FilesSection>("files")
          .object("serve", &FilesSection::serve, file_serving_spec(),
                  {.doc_en = "Files of messages at an address (`as: url` of a mapping)",
                   .doc_vi = "Tệp của bản tin tại một địa chỉ (`as: url` của ánh xạ)"})
          .object("fetch", &FilesSection::fetch, file_fetching_spec(),
                  {.doc_en = "Fetching files that documents name by their address (`carrier: url`)",
                   .doc_vi = "Tải tệp mà bản tin chỉ ghi địa chỉ (`carrier: url`)"});
  return spec;
}

const Spec<AdminSection>& admin_spec() {
  static const auto spec = Spec<AdminSection>("admin").text(
      "listen", &AdminSection::listen,
      {.doc_en = "Address of health, metrics and the admin API; has no authentication, keep it on loopback",
       .doc_vi = "Địa chỉ kiểm tra, số đo và API quản trị; không xác thực, chỉ mở trên loopback"});
  return spec;
}

const Spec<net::TlsServerOptions>& tls_spec() {
  static const auto spec = Spec<net::TlsServerOptions>("listener tls")
                               .path("certificate", &net::TlsServerOptions::certificate_file,
                                     {.required = true, .doc_en = "PEM chain", .doc_vi = "Chuỗi chứng thư PEM"})
                               .path("key", &net::TlsServerOptions::key_file,
                                     {.required = true, .doc_en = "PEM private key", .doc_vi = "Khoá riêng PEM"})
                               .path("client_ca", &net::TlsServerOptions::client_ca_file,
                                     {.doc_en = "PEM; then a client certificate signed by it is required",
                                      .doc_vi = "PEM; khi đó bắt buộc chứng thư khách do nó ký"});
  return spec;
}

const Spec<net::ServerOptions>& server_spec() {
  using net::ServerOptions;
  static const auto spec =
      Spec<ServerOptions>("listener")
          .text(
              "listen", &ServerOptions::listen,
              {.required = true, .doc_en = "Address and port", .doc_vi = "Địa chỉ và cổng", .example = "0.0.0.0:8443"})
          .object("tls", &ServerOptions::tls, tls_spec(), {.doc_en = "TLS 1.2 and 1.3", .doc_vi = "TLS 1.2 và 1.3"})
          .size("header_limit", &ServerOptions::header_limit,
                {.doc_en = "Largest header block", .doc_vi = "Khối header lớn nhất", .most = limits::kHeaderBlockMost})
          .size("body_limit", &ServerOptions::body_limit, {.doc_en = "Largest body", .doc_vi = "Thân lớn nhất"})
          .size("body_rate", &ServerOptions::body_rate,
                {.doc_en = "Bytes per second a sender must reach over a whole body",
                 .doc_vi = "Tốc độ gửi tối thiểu của cả thân, byte mỗi giây",
                 .example = "1KB"})
          .integer("connections", &ServerOptions::connections,
                   {.doc_en = "Connections per I/O thread", .doc_vi = "Số kết nối mỗi luồng vào ra", .least = 1})
          .duration("header_time", &ServerOptions::header_time,
                    {.doc_en = "To receive a header block", .doc_vi = "Thời gian nhận header", .least = 1})
          .duration("body_time", &ServerOptions::body_time,
                    {.doc_en = "Between two pieces of a body", .doc_vi = "Giữa hai phần của thân", .least = 1})
          .duration(
              "idle_time", &ServerOptions::idle_time,
              {.doc_en = "Keep-alive without a request", .doc_vi = "Giữ kết nối khi không có yêu cầu", .least = 1});
  return spec;
}

const Spec<EndpointSection>& endpoint_spec() {
  static const auto spec =
      Spec<EndpointSection>("endpoint")
          .text("adapter", &EndpointSection::adapter,
                {.required = true, .doc_en = "Which adapter", .doc_vi = "Bộ nối", .example = "http"})
          .text("type", &EndpointSection::type,
                {.required = true,
                 .doc_en = "Message type of what comes in: a type file",
                 .doc_vi = "Kiểu bản tin nhận vào: một tệp kiểu",
                 .example = "onestop/dossier"})
          .one_of("unknown_receiver", &EndpointSection::unknown_receiver, route::unknown_receiver_choices(),
                  {.doc_en = "A receiver nobody serves", .doc_vi = "Khi có nơi nhận không ai phục vụ"})
          .object("exchange", &EndpointSection::exchange, exchange_spec(),
                  {.doc_en = "It asks a partner while its caller waits, and answers 200 with what the partner says",
                   .doc_vi = "Hỏi đối tác trong lúc bên gọi chờ, trả 200 kèm trả lời của đối tác"})
          .raw("settings", &EndpointSection::settings, {.doc_en = "Of the adapter", .doc_vi = "Của bộ nối"})
          .place(&EndpointSection::place);
  return spec;
}

const Spec<DestinationSection>& destination_spec() {
  static const auto spec =
      Spec<DestinationSection>("destination")
          .text("adapter", &DestinationSection::adapter,
                {.required = true, .doc_en = "Which adapter", .doc_vi = "Bộ nối", .example = "axis"})
          .texts("serves", &DestinationSection::serves,
                 {.doc_en = "Agencies reached through it; the longest prefix wins",
                  .doc_vi = "Các cơ quan nhận qua đây; tiền tố dài nhất thắng"})
          .text("partner", &DestinationSection::partner,
                {.doc_en = "Whose it is: one of `partners`, which share limits, a session and operators' actions",
                 .doc_vi = "Thuộc đối tác nào: một tên trong `partners`, dùng chung giới hạn, phiên và lệnh vận hành"})
          .object("delivery", &DestinationSection::policy, delivery_policy_spec(),
                  {.doc_en = "How it is delivered to", .doc_vi = "Chính sách gửi"})
          .object("office_hours", &DestinationSection::office_hours, office_hours_spec(),
                  {.doc_en = "Nothing is sent outside them, but for the urgent; the age of what waits goes on",
                   .doc_vi = "Ngoài giờ không gửi, trừ bản khẩn; tuổi của bản đang chờ vẫn tính"})
          .raw("settings", &DestinationSection::settings, {.doc_en = "Of the adapter", .doc_vi = "Của bộ nối"})
          .place(&DestinationSection::place);
  return spec;
}

}  // namespace

const Spec<BusConfig>& bus_config_spec() {
  static const auto spec =
      Spec<BusConfig>("configuration")
          .object("bus", &BusConfig::bus, bus_spec(),
                  {.required = true, .doc_en = "The bus itself", .doc_vi = "Bản thân trục"})
          .object("encryption", &BusConfig::encryption, encryption_spec(),
                  {.doc_en = "Encryption of stored bodies", .doc_vi = "Mã hoá thân bản tin đã lưu"})
          .object("retention", &BusConfig::retention, retention_spec(),
                  {.doc_en = "How long what is kept", .doc_vi = "Thời hạn lưu"})
          .object("disk", &BusConfig::disk, disk_spec(),
                  {.doc_en = "The disk of the data", .doc_vi = "Đĩa chứa dữ liệu"})
          .object("files", &BusConfig::files, files_spec(),
                  {.doc_en = "Files that stand apart from their document", .doc_vi = "Tệp nằm ngoài bản tin"})
          .object("admin", &BusConfig::admin, admin_spec(),
                  {.doc_en = "Health, metrics, admin API", .doc_vi = "Kiểm tra, số đo, API quản trị"})
          .map("listeners", &BusConfig::listeners, server_spec(),
               {.doc_en = "HTTP listeners", .doc_vi = "Các cổng HTTP"})
          .object("agencies", &BusConfig::agencies, route::agencies_spec(),
                  {.doc_en = "Agency directory", .doc_vi = "Danh bạ cơ quan"})
          .map("principals", &BusConfig::principals, route::principal_spec(),
               {.doc_en = "Who may call", .doc_vi = "Ai được gọi"})
          .list("rights", &BusConfig::rights, route::right_spec(),
                {.doc_en = "What they may send", .doc_vi = "Được gửi gì"})
          .list("quotas", &BusConfig::quotas, quota_spec(),
                {.doc_en = "How much a day they may send", .doc_vi = "Mỗi ngày được gửi bao nhiêu"})
          .map("endpoints", &BusConfig::endpoints, endpoint_spec(),
               {.required = true, .doc_en = "Where messages come in", .doc_vi = "Nơi bản tin vào"})
          .map("destinations", &BusConfig::destinations, destination_spec(),
               {.required = true, .doc_en = "Where messages go out", .doc_vi = "Nơi bản tin ra"})
          .map("partners", &BusConfig::partners, partner_spec(),
               {.doc_en = "Groups of destinations that belong to one partner",
                .doc_vi = "Nhóm các đích của cùng một đối tác"})
          .list("routes", &BusConfig::routes, route::route_spec(),
                {.required = true, .doc_en = "Which message goes where", .doc_vi = "Bản tin nào đi đâu"})
          .check([](const BusConfig& config, const config::Value& value, config::Diagnostics& diagnostics) {
            // An outcome may need a segment of its own.
            if (config.disk.reserve >= 2 * config.bus.journal_segment) return true;
            diagnostics.error(Code::out_of_range, config.disk.place.file.empty() ? value.place() : config.disk.place,
                              "disk.reserve is less than two journal segments",
                              "raise disk.reserve or lower bus.journal_segment");
            return false;
          });
  return spec;
}

BusConfig read_bus_config(Env& env, const std::string& path, config::Diagnostics& diagnostics,
                          const config::Variables& variables) {
  const config::Value value = config::load_directory(env, path, diagnostics, variables);
  BusConfig config = bus_config_spec().read(value, diagnostics);
  const std::filesystem::path given(path);
  const auto directory = std::filesystem::is_directory(given) ? given : given.parent_path();
  if (config.bus.data.empty()) config.bus.data = (directory / "data").string();
  if (config.bus.schemas.empty()) config.bus.schemas = (directory / "schemas").string();
  if (config.bus.mappings.empty()) config.bus.mappings = (directory / "mappings").string();
  const Sha256 digest = config::content_hash(value);
  config.hash = hex(digest);
  return config;
}

}  // namespace lt::runtime
