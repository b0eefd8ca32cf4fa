#include <algorithm>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "adapters/onestop/onestop.h"
#include "core/adapter/habits.h"
#include "core/base/hash.h"
#include "core/base/json_text.h"
#include "core/base/log.h"
#include "core/codec/base64.h"
#include "core/codec/json.h"
#include "core/net/client.h"

namespace lt::adapters {
namespace {

constexpr size_t kBodyLimit = 64 << 20;
constexpr std::chrono::milliseconds kBetweenTries{100};

// Plays the one-stop software of a province: sends dossiers until each has its receipt, takes call-backs, and hands the
// result over at its counter (state 10, which nobody else may set).
class OnestopSimulator final : public adapter::Simulator {
 public:
  explicit OnestopSimulator(adapter::SimulatorServices services) : services_(services), random_(services.seed) {
    habits_.bind(settings_);
    settings_.bind("bus", &bus_);
    settings_.bind("path", &path_);
    settings_.bind("key", &key_);
    settings_.bind("agency", &agency_);
    settings_.bind("start", &wanted_);
    settings_.bind("at_once", &at_once_);
    settings_.bind("file_bytes", &file_bytes_);
    settings_.bind("recognise_repeats", &recognise_repeats_);
  }

  void serve(net::Router& router) override {
    router.add("POST", "/dossiers/{MaHoSo}/progress", [this](net::Exchange* exchange) {
      net::Handler work = [this](net::Exchange* inner) { return progress(inner); };
      return adapter::with_habits(exchange, &habits_, &random_, std::move(work));
    });
  }

  Result<void> control(const Node* settings) override {
    LT_TRY(settings_.apply(settings));
    const int64_t senders = std::min(at_once_, wanted_ - begun_);
    for (int64_t i = senders_; i < senders; ++i) {
      ++senders_;
      services_.pool->shard(0).spawn("onestop sender", send_dossiers());
    }
    return {};
  }

  std::string report() override;

 private:
  struct Dossier {
    bool sent = false;
    int state = 1;
    std::unordered_set<int> applied;
    std::string result;  // hex SHA-256 of the PDF
  };

  net::Task<void> send_dossiers();
  net::Task<void> send_one(std::string number);
  net::Task<net::Response> progress(net::Exchange* exchange);
  std::string apply(const Node* body, const std::string& event);
  std::string dossier_json(const std::string& number);

  adapter::SimulatorServices services_;
  std::mt19937_64 random_;
  adapter::SimulatorSettings settings_;
  adapter::Habits habits_;
  std::string bus_, path_ = "/onestop/dossiers", key_, agency_ = "H49.01";
  int64_t wanted_ = 0, at_once_ = 8, file_bytes_ = 1'000;
  bool recognise_repeats_ = true;  // by our event id, as the contract with this system says
  int64_t begun_ = 0, senders_ = 0;
  std::unordered_map<std::string, Dossier> dossiers_;
  std::unordered_set<std::string> events_;
  size_t sent_ = 0, applied_ = 0, duplicated_ = 0, out_of_order_ = 0, repeats_ = 0, refused_ = 0, unknown_ = 0,
         finished_ = 0;
  std::string last_refusal_;
};

std::string OnestopSimulator::dossier_json(const std::string& number) {
  const size_t i = dossiers_.size();
  std::string file = "%PDF-1.4\n% To khai " + number + "\n";
  std::mt19937_64 noise(crc32c(0, number));
  while (static_cast<int64_t>(file.size()) < file_bytes_) file.push_back(static_cast<char>(noise() & 0xFF));
  static constexpr const char* kFamily[] = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng"};
  static constexpr const char* kGiven[] = {"Đức Sơn", "Thị Thảo", "Văn Khánh", "Ngọc Ánh", "Quốc Bảo"};
  const std::string name = fmt::format("{} {}", kFamily[i % std::size(kFamily)], kGiven[i % std::size(kGiven)]);
  return fmt::format(
      R"({{"MaHoSo":"{0}","MaTTHC":"2.000488","TenTTHC":"Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam","MaLinhVuc":"G15-TP01","TenLinhVuc":"Lý lịch tư pháp",)"
      R"("KenhThucHien":"2","MaDonViTiepNhan":"{1}","DonViXuLy":"Trung tâm phục vụ hành chính công","ChuHoSo":"{2}","LoaiDoiTuong":"1",)"
      R"("TrichYeuHoSo":"Đề nghị cấp Phiếu lý lịch tư pháp số 1","NgayTiepNhan":"20261120083000","NgayHenTra":"20261204170000","TrangThaiHoSo":"2","HinhThuc":"0",)"
      R"("ToKhaiLLTP":{{"LoaiPhieu":"1","YeuCauCDNCV":"0","MucDich":"Bổ sung hồ sơ xin việc","SoLuongCap":1,"HoTen":"{2}","GioiTinh":"{3}","NgaySinh":"{4:02}/{5:02}/1985",)"
      R"("QuocTich":"VN","DanToc":"01","LoaiGiayTo":"3","SoGiayTo":"0010850{6:05}","NgayCapGiayTo":"12/03/2021","NoiCapGiayTo":"Cục Cảnh sát QLHC về TTXH",)"
      R"("DienThoai":"0912{6:06}","ThuongTru":{{"MaTinh":"22","TenTinh":"Tỉnh Quảng Ninh","MaXa":"06646","TenXa":"Phường Hồng Gai","DiaChiChiTiet":"Số {6}, phố Lê Thánh Tông"}},)"
      R"("CuTru":[{{"TuNgay":"03/2001","DenNgay":"09/2015","NoiCuTru":"Phường Hồng Gai","NgheNghiep":"Học sinh"}},{{"TuNgay":"09/2015","DenNgay":"11/2026","NoiCuTru":"Phường Bãi Cháy","NgheNghiep":"Kỹ sư"}}]}},)"
      R"("TaiLieuNop":[{{"TepDinhKemId":"{0}-1","TenTepDinhKem":"To khai.pdf","MaThanhPhanHoSo":"TP01","LoaiNoiDung":"application/pdf","NoiDungTep":"{7}"}}]}})",
      number, agency_, name, i % 2, i % 28 + 1, i % 12 + 1, i % 100'000, codec::encode_base64(file));
}

net::Task<void> OnestopSimulator::send_dossiers() {
  while (begun_ < wanted_) {
    const std::string number = fmt::format("{}-261120-{:05}", agency_, ++begun_);
    co_await send_one(number);
  }
  --senders_;
}

net::Task<void> OnestopSimulator::send_one(std::string number) {
  const std::string body = dossier_json(number);
  dossiers_.try_emplace(number);
  for (;;) {
    net::Call call;
    call.url = bus_ + path_;
    call.headers.set("Content-Type", "application/json");
    call.headers.set("X-API-Key", key_);
    call.headers.set("Idempotency-Key", number);
    call.body = body;
    auto answer = co_await services_.pool->shard(0).client().call(std::move(call));
    if (answer && answer->status == 202) {
      dossiers_[number].sent = true;
      ++sent_;
      co_return;
    }
    if (answer && answer->status != 503 && answer->status != 507) {
      ++refused_;
      last_refusal_ = answer->body;
      log::warn("onestop", "the bus refused a dossier",
                {{"dossier", number}, {"status", answer->status}, {"error", answer->body}});
      co_return;
    }
    const bool go_on = co_await services_.pool->shard(0).sleep(kBetweenTries);
    if (!go_on) co_return;
  }
}

net::Task<net::Response> OnestopSimulator::progress(net::Exchange* exchange) {
  net::Response response;
  response.headers.add("Content-Type", "application/json");
  const std::string event(exchange->head.headers.get("X-Event-Id"));
  auto body = co_await net::read_all(exchange->body, kBodyLimit);
  Tree tree;
  if (!body || !codec::parse_json(std::move(*body), tree) || tree.root()->kind != Kind::object) {
    response.body = R"({"error_code":-1,"message":"Dữ liệu không hợp lệ"})";
    co_return response;
  }
  response.body = apply(tree.root(), event);
  co_return response;
}

int state_of(const Node* body) {
  const Node* state = body->find("TrangThaiHoSo");
  if (!state || (state->kind != Kind::text && state->kind != Kind::number)) return 0;
  const std::string text(state->text);
  return text.empty() || text.size() > 2 ? 0 : std::atoi(text.c_str());
}

std::string OnestopSimulator::apply(const Node* body, const std::string& event) {
  const Node* number = body->find("MaHoSo");
  const auto found = number ? dossiers_.find(std::string(number->text)) : dossiers_.end();
  const int state = state_of(body);
  if (found == dossiers_.end() || state < 1 || state > 9) {
    ++unknown_;
    return R"({"error_code":"-1","message":"Không có hồ sơ này, hoặc trạng thái không hợp lệ"})";
  }
  Dossier& dossier = found->second;
  if (!events_.insert(event).second) {
    ++repeats_;
    if (recognise_repeats_) return "{\"error_code\":1,\"message\":\"" + found->first + "| sự kiện đã được ghi nhận\"}";
  }
  const bool comes_and_goes = state >= 4 && state <= 6;
  if (!dossier.applied.insert(state).second && !comes_and_goes) ++duplicated_;
  const bool was_final = dossier.state == 9 || dossier.state == 10;
  if (was_final || (state < dossier.state && !comes_and_goes)) ++out_of_order_;
  ++applied_;
  dossier.state = state;
  if (state == 9) {
    if (const Node* result = body->find("KetQua"); result && result->find("TepKetQua")) {
      if (auto pdf = codec::decode_base64(result->find("TepKetQua")->text)) dossier.result = hex(sha256(*pdf));
    }
    dossier.state = 10;  // handed over at the counter
    ++finished_;
  }
  return "{\"error_code\":0,\"message\":\"" + found->first + "| đã cập nhật\"}";
}

std::string OnestopSimulator::report() {
  std::string results;
  for (const auto& [number, dossier] : dossiers_) {
    if (dossier.result.empty()) continue;
    results += fmt::format("{}\"{}\":\"{}\"", results.empty() ? "" : ",", number, dossier.result);
  }
  const bool done = wanted_ > 0 && static_cast<int64_t>(sent_) == wanted_ && finished_ == sent_;
  std::string out = fmt::format(
      R"({{"sent":{},"applied":{},"duplicated":{},"out_of_order":{},"done":{},"repeats":{},"refused":{},"unknown":{},"finished":{},"last_refusal":)",
      sent_, applied_, duplicated_, out_of_order_, done, repeats_, refused_, unknown_, finished_);
  quote_json(last_refusal_, out);
  return out + ",\"results\":{" + results + "}}";
}

}  // namespace

std::unique_ptr<adapter::Simulator> make_onestop_simulator(adapter::SimulatorServices services) {
  return std::make_unique<OnestopSimulator>(services);
}

}  // namespace lt::adapters
