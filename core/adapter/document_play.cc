#include "core/adapter/document_play.h"
#include "core/base/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "core/base/hash.h"
#include "core/codec/json.h"

namespace lt::adapter {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNotation = "VP-TH";
constexpr auto kDay = 2026y / 11 / 20;

std::string noise(std::string opening, size_t bytes) {
  std::mt19937_64 random(crc32c(0, opening));
  while (opening.size() < bytes) opening.push_back(static_cast<char>(random() & 0xFF));
  return opening;
}

codec::OrganOut organ(const std::string& id) {
  codec::OrganOut out;
  out.id = id;
  out.in_charge = "Ủy ban nhân dân tỉnh";
  out.name = "Cơ quan " + id;
  out.address = "Số 1, đường Lê Thánh Tông";
  out.email = "vanthu@example.vn";
  return out;
}

std::string words(const std::string& code) {
  if (code == "01") return "Văn bản đã đến";
  if (code == "03") return "Văn thư tiếp nhận, vào sổ văn bản đến";
  return "Đã xử lý xong";
}

}  // namespace

std::string sample_document_id(const std::string& from, int64_t number) {
  return fmt::format("{},2026/11/20,{}/{}", from, number, kNotation);
}

Result<std::string> sample_document(const SampleDocument& sample) {
  codec::DocumentOut out;
  out.from = organ(sample.from);
  for (const auto& to : sample.to) out.to.push_back(organ(to));
  out.document_id = sample_document_id(sample.from, sample.number);
  out.code_number = std::to_string(sample.number);
  out.code_notation = kNotation;
  out.place = "Hạ Long";
  out.promulgated = kDay;
  out.subject = fmt::format("V/v phối hợp giải quyết hồ sơ đợt {} & báo cáo kết quả", sample.number);
  out.content = out.subject;
  out.signer_competence = "TL.";
  out.signer_position = "Chánh Văn phòng";
  out.signer_name = "Nguyễn Văn A";
  out.to_places = {"Như trên", "Lưu: VT"};
  out.sphere = "Lưu hành nội bộ";
  out.typer_notation = "NVA";
  out.pages = 2;
  out.appendixes = {"Phụ lục 1"};
  out.hops.push_back({sample.from, sample.at});
  if (!sample.updates.empty()) {
    out.bussiness.type = 2;
    out.bussiness.reason = "Sửa nội dung";
    out.bussiness.document_id = sample.updates;
  }
  out.bussiness.staff = {"Phòng Hành chính", "Trần Thị B", "0900000000", "vanthu@example.vn"};
  codec::AttachmentOut pdf;
  pdf.name = fmt::format("Công văn {}.pdf", sample.number);
  pdf.bytes = noise("%PDF-1.4\n% " + out.document_id + "\n", sample.file_bytes);
  out.attachments.push_back(std::move(pdf));
  if (sample.number % 3 == 0) {
    codec::AttachmentOut plain;
    plain.name = "Danh sách.txt";
    plain.content_type = "text/plain";
    plain.zipped = false;
    plain.bytes = noise("Danh sách " + out.document_id + "\n", 300);
    out.attachments.push_back(std::move(plain));
  }
  return codec::write_edxml_document(out);
}

Result<std::string> sample_status(const codec::EdxmlFile& about, const std::string& from, const std::string& code,
                                  Wall at) {
  codec::StatusOut out;
  out.from = organ(from);
  out.about = {about.from, about.code_number + "/" + about.code_notation, kDay, about.document_id};
  out.staff = {"Văn thư", "Lê Văn C", "0900000001", "vanthu@example.vn"};
  out.code = code;
  out.description = words(code);
  out.at = at;
  return codec::write_edxml_status(out);
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    auto item = text.substr(0, end);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

DocumentLedger::Content DocumentLedger::content_of(const codec::EdxmlFile& file) {
  Content out;
  out.header_hash = file.header_hash;
  for (const auto& attachment : file.attachments) out.files.push_back(attachment.sha256);
  return out;
}

void DocumentLedger::sent(const codec::EdxmlFile& document) {
  if (!sent_.emplace(document.document_id, content_of(document)).second) return;
  for (const auto& to : document.to)
    for (const char* code : kReportedStatuses) {
      owed_keys_.insert(document.document_id + '\n' + to + '\n' + code);
      ++owed_;
    }
}

bool DocumentLedger::goes_back(const codec::EdxmlFile& file, const std::string& receiver) {
  const std::string& key = file.target.empty() ? file.document_id : file.target;
  const int64_t number = std::atoll(file.code_number.c_str());
  auto [last, first] = last_number_.try_emplace(receiver + '\n' + file.from + '\n' + key, number);
  const bool early = first && key != file.document_id && key.starts_with(file.from + ',');
  const bool back = number < last->second;
  last->second = std::max(last->second, number);
  return back || early;
}

bool DocumentLedger::document(const codec::EdxmlFile& file, const std::string& receiver) {
  if (!applied_documents_.insert(file.document_id + '\n' + receiver).second) {
    ++duplicated_;
    return false;
  }
  if (goes_back(file, receiver)) ++out_of_order_;
  const Content content = content_of(file);
  const auto [known, fresh] = received_.emplace(file.document_id, content);
  if (!fresh && (known->second.header_hash != content.header_hash || known->second.files != content.files))
    ++differing_;
  return true;
}

bool DocumentLedger::status(const codec::EdxmlFile& file) {
  const std::string key = file.document_id + '\n' + file.from + '\n' + file.status_code;
  if (!applied_statuses_.insert(key).second) {
    ++duplicated_;
    return false;
  }
  std::string& last = last_code_[file.document_id + '\n' + file.from];
  if (file.status_code < last)
    ++out_of_order_;
  else
    last = file.status_code;
  if (owed_keys_.contains(key))
    --owed_;
  else
    ++unknown_;
  return true;
}

std::string DocumentLedger::report() const {
  const auto listed = [](const std::map<std::string, Content>& documents) {
    std::string out;
    for (const auto& [id, content] : documents) {
      if (!out.empty()) out += ',';
      quote_json(id, out);
      out += ":{\"header\":\"" + content.header_hash + "\",\"files\":[";
      for (size_t i = 0; i < content.files.size(); ++i) out += (i ? ",\"" : "\"") + content.files[i] + '"';
      out += "]}";
    }
    return '{' + out + '}';
  };
  return fmt::format(
      R"("applied":{},"duplicated":{},"out_of_order":{},"documents_received":{},"statuses_received":{},"unknown_statuses":{},"differing_copies":{},"sent_documents":{},"received_documents":{})",
      applied_documents_.size() + applied_statuses_.size(), duplicated_, out_of_order_, applied_documents_.size(),
      applied_statuses_.size(), unknown_, differing_, listed(sent_), listed(received_));
}

}  // namespace lt::adapter
