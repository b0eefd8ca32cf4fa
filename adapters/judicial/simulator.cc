#include <random>
#include <unordered_map>

#include "adapters/judicial/judicial.h"
#include "core/adapter/habits.h"
#include "core/base/hash.h"
#include "core/base/json_text.h"
#include "core/codec/base64.h"
#include "core/codec/json.h"

namespace lt::adapters {
namespace {

constexpr size_t kBodyLimit = 64 << 20;

// Plays the ministry: takes a dossier once, says so in words, works on it between polls and issues a certificate.
class JudicialSimulator final : public adapter::Simulator {
 public:
  explicit JudicialSimulator(adapter::SimulatorServices services) : random_(services.seed) {
    habits_.bind(settings_);
    settings_.bind("auth_key", &auth_key_);
    settings_.bind("advance", &advance_);
    settings_.bind("skip", &skip_);
    settings_.bind("pdf_bytes", &pdf_bytes_);
    settings_.bind("recognise_repeats", &recognise_repeats_);
  }

  void serve(net::Router& router) override {
    add(router, "/api/nhanHoSo", [this](const Node* body) { return submit(body); });
    add(router, "/api/traKetQua", [this](const Node* body) { return result(body); });
  }

  Result<void> control(const Node* settings) override { return settings_.apply(settings); }

  std::string report() override {
    size_t finished = 0;
    std::string results;
    for (const auto& [number, dossier] : dossiers_) {
      if (dossier.state != 9) continue;
      ++finished;
      results += (results.empty() ? "" : ",");
      quote_json(number, results);
      results += ":\"" + hex(sha256(certificate(number))) + '"';
    }
    return "{\"sent\":0,\"applied\":" + std::to_string(dossiers_.size()) +
           ",\"duplicated\":" + std::to_string(taken_ - dossiers_.size()) +
           ",\"out_of_order\":0,\"done\":" + (finished == dossiers_.size() ? "true" : "false") +
           ",\"repeats\":" + std::to_string(repeats_) + ",\"changed_repeats\":" + std::to_string(changed_repeats_) +
           ",\"refused\":" + std::to_string(refused_) + ",\"polls\":" + std::to_string(polls_) +
           ",\"finished\":" + std::to_string(finished) + ",\"results\":{" + results + "}}";
  }

 private:
  struct Dossier {
    int state = 2;
    Sha256 declaration{};
  };

  void add(net::Router& router, std::string path, std::function<std::string(const Node*)> work) {
    router.add("POST", std::move(path), [this, work = std::move(work)](net::Exchange* exchange) {
      net::Handler answer = [this, &work](net::Exchange* inner) { return reply(inner, &work); };
      return adapter::with_habits(exchange, &habits_, &random_, std::move(answer));
    });
  }

  net::Task<net::Response> reply(net::Exchange* exchange, const std::function<std::string(const Node*)>* work) {
    net::Response response;
    response.headers.add("Content-Type", "application/json;charset=UTF-8");
    auto body = co_await net::read_all(exchange->body, kBodyLimit);
    Tree tree;
    if (!body || !codec::parse_json(std::move(*body), tree) || tree.root()->kind != Kind::object) {
      response.status = 400;
      response.body = R"({"status":"0","errorCode":"400","errorDescription":"Dữ liệu không hợp lệ"})";
      co_return response;
    }
    const Node* key = tree.root()->find("authKey");
    response.body = key && key->text == auth_key_
                        ? (*work)(tree.root())
                        : R"({"status":"0","errorCode":"401","errorDescription":"authKey không đúng"})";
    co_return response;
  }

  std::string submit(const Node* body) {
    const Node* number = body->find("maHoSoMCDT");
    const Node* declaration = body->find("toKhai");
    const Node* name = declaration ? declaration->find("nycHoTen") : nullptr;
    if (!number || number->text.empty() || !name || name->text.empty()) {
      ++refused_;
      return R"({"status":"0","statusDescription":"","errorCode":"200","errorDescription":"Thiếu thông tin bắt buộc: maHoSoMCDT, toKhai.nycHoTen"})";
    }
    std::string text;
    if (!codec::write_json(declaration, text)) text.clear();
    const Sha256 digest = sha256(text);
    auto [dossier, fresh] = dossiers_.try_emplace(std::string(number->text));
    if (fresh || !recognise_repeats_) {
      ++taken_;
      dossier->second.declaration = digest;
      return R"({"status":"1","statusDescription":"Gửi thông tin thành công","errorCode":"","errorDescription":""})";
    }
    ++repeats_;
    if (dossier->second.declaration != digest) ++changed_repeats_;
    return R"({"status":"0","statusDescription":"","errorCode":"101","errorDescription":"Hồ sơ đã được tiếp nhận, không thể cập nhật thông tin"})";
  }

  // Polled by number. States move on between polls, some are skipped; numbers come as numbers or as strings.
  std::string result(const Node* body) {
    ++polls_;
    const Node* number = body->find("maHoSoMCDT");
    const auto found = number ? dossiers_.find(std::string(number->text)) : dossiers_.end();
    if (found == dossiers_.end()) return R"({"status":0,"statusDescription":"Không tìm thấy hồ sơ","value":[]})";
    advance(found->second);
    std::string out = R"({"status":1,"statusDescription":"Thành công","value":[{"maHoSoMCDT":)";
    quote_json(found->first, out);
    const std::string state = std::to_string(found->second.state);
    out += ",\"trangThaiXuLy\":" + (flip() ? state : '"' + state + '"');
    if (found->second.state == 9) {
      out +=
          R"(,"ketQuaXuLy":{"soPhieuLLTP":")" + certificate_number(found->first) +
          R"(","ngayCapPhieu":"20/11/2026","loaiPhieu":"1","nguoiKy":"Nguyễn Văn B","chucVu":"Giám đốc","tinhTrangAnTich":"0","phieuLLTP":")" +
          codec::encode_base64(certificate(found->first)) + "\"}";
    }
    return out + "}]}";
  }

  void advance(Dossier& dossier) {
    if (dossier.state == 9 || std::uniform_real_distribution<double>(0, 1)(random_) >= advance_) return;
    const bool skips = std::uniform_real_distribution<double>(0, 1)(random_) < skip_;
    dossier.state = dossier.state == 2 && !skips ? 4 : 9;
  }

  bool flip() { return (random_() & 1) != 0; }

  static std::string certificate_number(const std::string& dossier) {
    return std::to_string(crc32c(0, dossier) % 1'000'000) + "/LLTP";
  }

  // A PDF that nobody else makes: the same for the same dossier, with bytes of every value.
  std::string certificate(const std::string& dossier) const {
    std::string pdf = "%PDF-1.4\n% Phieu ly lich tu phap " + dossier + "\n";
    std::mt19937_64 noise(crc32c(0, dossier));
    while (static_cast<int64_t>(pdf.size()) < pdf_bytes_) pdf.push_back(static_cast<char>(noise() & 0xFF));
    return pdf + "\n%%EOF\n";
  }

  std::mt19937_64 random_;
  adapter::SimulatorSettings settings_;
  adapter::Habits habits_;
  std::string auth_key_ = "demo-auth-key";
  double advance_ = 0.6;
  double skip_ = 0.2;
  int64_t pdf_bytes_ = 3'000;
  std::unordered_map<std::string, Dossier> dossiers_;
  bool recognise_repeats_ = true;  // as the real system does
  size_t taken_ = 0, repeats_ = 0, changed_repeats_ = 0, refused_ = 0, polls_ = 0;
};

}  // namespace

std::unique_ptr<adapter::Simulator> make_judicial_simulator(adapter::SimulatorServices services) {
  return std::make_unique<JudicialSimulator>(services);
}

}  // namespace lt::adapters
