#include "core/cli/errors.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "core/base/json_text.h"
#include "core/cli/command.h"
#include "core/cli/table.h"
#include "core/config/diagnostics.h"

namespace lt::cli {
namespace {

struct Words {
  std::string_view vi, en;
};

// The hundreds of a code, as the blocks of the catalogue.
struct Block {
  int first;
  Words words;
};
constexpr Block kBlocks[] = {
    {1000, {"Cấu hình", "Configuration"}},
    {1100, {"Kiểm tra ánh xạ và lược đồ", "Lint of mappings and schemas"}},
    {2100, {"Ánh xạ khi chạy", "Mapping at run time"}},
    {3000, {"Giải mã và kiểm tra nội dung nhận", "Decoding and validating what is received"}},
    {3100, {"Cơ quan nhận và tuyến", "Receivers and routes"}},
    {4000, {"Danh tính và quyền", "Identity and rights"}},
    {5000, {"Chuyển và tra cứu", "Delivery and look-ups"}},
    {6000, {"Nhật ký, tệp nội dung, danh mục, đĩa", "Journal, blobs, catalog, disk"}},
    {7000, {"Mạng", "Network"}},
    {9000, {"Chương trình", "The program itself"}},
};

int number_of(const CodeInfo& entry) { return static_cast<int>(entry.code); }

const Block& block_of(const CodeInfo& entry) {
  const Block* found = std::begin(kBlocks);
  for (const Block& block : kBlocks)
    if (block.first <= number_of(entry)) found = &block;
  return *found;
}

Words retry_words(Retry retry) {
  switch (retry) {
    case Retry::later:
      return {"gửi lại sau có thể được", "sending again later may help"};
    case Retry::ambiguous:
      return {"có thể đã có tác dụng: hỏi bên kia trước khi gửi lại",
              "it may have taken effect: ask the other side before sending again"};
    case Retry::never:
      break;
  }
  return {"gửi lại y nguyên không giúp gì", "sending the same again does not help"};
}

std::string_view retry_name(Retry retry) {
  return retry == Retry::later ? "later" : retry == Retry::ambiguous ? "ambiguous" : "never";
}

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) (out += c == '|' ? "\\" : "") += c;
  return out;
}

// Lists every code, or prints one.
int show(const std::string& code, bool json) {
  if (code.empty() && json) {
    std::string all;
    for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry)
      (all += all.empty() ? "[" : ",\n") += error_json(*entry);
    std::cout << all << "]" << std::endl;
    return kOk;
  }
  if (code.empty()) {
    Table table({"code", "name", "HTTP", "tiếng Việt", "English"});
    for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry)
      table.add({code_text(entry->code), std::string(entry->name), std::to_string(entry->http_status),
                 std::string(entry->title_vi), std::string(entry->title_en)});
    std::cout << table.text(colours_wanted()) << std::flush;
    return kOk;
  }
  const auto entry = find_code(code);
  if (!entry) {
    report_failure(entry.error());
    return kUsage;
  }
  std::cout << (json ? error_json(**entry) + "\n" : error_card(**entry)) << std::flush;
  return kOk;
}

int write(const std::string& folder) {
  const auto done = write_error_pages(system_env(), folder);
  if (!done) return report_failure(done.error());
  std::cout << fmt::format("{} pages written, {} unchanged\n", done->written, done->unchanged) << std::flush;
  for (const std::string& name : done->strangers)
    std::cerr << fmt::format("{}/{}: trang của mã không còn, hãy xóa / page of a code that is gone, delete it\n",
                             folder, name);
  return done->strangers.empty() ? kOk : kFailure;
}

}  // namespace

Result<const CodeInfo*> find_code(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string number = lower.rfind("lt-", 0) == 0 ? lower.substr(3) : lower;
  std::vector<std::string> known;
  for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry) {
    if (entry->name == lower || std::to_string(number_of(*entry)) == number) return entry;
    known.push_back(code_text(entry->code));
    known.emplace_back(entry->name);
  }
  const auto meant = config::did_you_mean(text, known);
  return fail(Code::usage, fmt::format("there is no error \"{}\"", text), Place{},
              meant ? fmt::format("did you mean \"{}\"?", *meant) : "`lienthong errors` lists them all");
}

std::string error_card(const CodeInfo& entry) {
  const Words block = block_of(entry).words, retry = retry_words(entry.retry);
  const auto line = [](std::string_view label, std::string_view text) {
    return fmt::format("  {}: {}\n", label, text);
  };
  return fmt::format("{}  {}\n\n", code_text(entry.code), entry.name) + fmt::format("{}\n", entry.title_vi) +
         line("nhóm", block.vi) + line("cần làm", entry.hint_vi) + line("gửi lại", retry.vi) +
         fmt::format("\n{}\n", entry.title_en) + line("group", block.en) + line("what to do", entry.hint_en) +
         line("again", retry.en) + fmt::format("\nHTTP {}  docs/errors/{}\n", entry.http_status, page_name(entry));
}

std::string error_json(const CodeInfo& entry) {
  return fmt::format(
      R"({{"code":{},"name":{},"http_status":{},"retry":{},"title_vi":{},"title_en":{},"hint_vi":{},"hint_en":{}}})",
      quote_json(code_text(entry.code)), quote_json(entry.name), entry.http_status, quote_json(retry_name(entry.retry)),
      quote_json(entry.title_vi), quote_json(entry.title_en), quote_json(entry.hint_vi), quote_json(entry.hint_en));
}

std::string page_name(const CodeInfo& entry) { return code_text(entry.code) + ".md"; }

std::string page_head(const CodeInfo& entry) {
  const Words retry = retry_words(entry.retry);
  std::string out = fmt::format("# {}: {}\n\n", code_text(entry.code), entry.title_vi);
  out += "| | Tiếng Việt | English |\n|---|---|---|\n";
  out += fmt::format("| Lỗi / Error | {} | {} |\n", cell(entry.title_vi), cell(entry.title_en));
  out += fmt::format("| Cần làm / What to do | {} | {} |\n", cell(entry.hint_vi), cell(entry.hint_en));
  out += fmt::format("| Gửi lại / Again | {} | {} |\n\n", retry.vi, retry.en);
  out += fmt::format("`{}` · HTTP {} · retry: {}\n\n", entry.name, entry.http_status, retry_name(entry.retry));
  return out += kPageMarker;
}

std::string renewed_page(const CodeInfo& entry, std::string_view page) {
  const size_t marker = page.find(kPageMarker);
  if (marker != page.npos) return page_head(entry).append(page.substr(marker + kPageMarker.size()));
  return page_head(entry).append(page.empty() ? "" : "\n").append(page);
}

std::string error_index() {
  std::string out =
      "# Mã lỗi / Error codes\n\n"
      "Mỗi mã một trang. `lienthong errors LT-2103` in tóm tắt trên màn hình. Đầu trang và bảng này do\n"
      "`lienthong errors --write docs/errors` ghi từ `core/base/error_codes.def`; phần dưới dòng đánh dấu của mỗi "
      "trang viết tay.\n\n"
      "One page per code. `lienthong errors LT-2103` prints the gist of it. Heads and this table are written by\n"
      "`lienthong errors --write docs/errors` from `core/base/error_codes.def`; below the marker line pages are "
      "written by hand.\n";
  const Block* block = nullptr;
  for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry) {
    if (const Block* now = &block_of(*entry); now != block) {
      block = now;
      out += fmt::format("\n## {} / {}\n\n| Mã / Code | | Tiếng Việt | English |\n|---|---|---|---|\n", block->words.vi,
                         block->words.en);
    }
    out += fmt::format("| [{}]({}) | `{}` | {} | {} |\n", code_text(entry->code), page_name(*entry), entry->name,
                       cell(entry->title_vi), cell(entry->title_en));
  }
  return out;
}

Result<WrittenPages> write_error_pages(Env& env, const std::string& folder) {
  WrittenPages out;
  std::vector<std::string> known;
  LT_TRY(env.make_directories(folder));
  const auto put = [&](const std::string& name, std::string_view old, const std::string& text) -> Result<void> {
    if (old == text) return ++out.unchanged, Result<void>();
    ++out.written;
    return replace_file(env, folder + "/" + name, text);
  };
  const auto old_text = [&](const std::string& name) -> Result<std::string> {
    LT_ASSIGN(const bool there, env.exists(folder + "/" + name));
    return there ? read_file(env, folder + "/" + name) : Result<std::string>();
  };
  for (const CodeInfo* entry = catalogue_begin(); entry != catalogue_end(); ++entry) {
    known.push_back(page_name(*entry));
    LT_ASSIGN(const std::string old, old_text(known.back()));
    LT_TRY(put(known.back(), old, renewed_page(*entry, old)));
  }
  LT_ASSIGN(const std::string index, old_text("README.md"));
  LT_TRY(put("README.md", index, error_index()));
  LT_ASSIGN(const auto names, env.list(folder));
  for (const std::string& name : names)
    if (name.rfind("LT-", 0) == 0 && std::find(known.begin(), known.end(), name) == known.end())
      out.strangers.push_back(name);
  return out;
}

void add_errors(CLI::App& app, Action& chosen) {
  auto code = std::make_shared<std::string>(), folder = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("errors", "Mã lỗi và cách xử lý / error codes and what to do");
  command->add_option("code", *code, "LT-2103, 2103 or its name; without it all are listed");
  command->add_flag("--json", *json, "as JSON");
  command->add_option("--write", *folder, "write the pages and their index into this folder")->excludes("code");
  command->footer("  lienthong errors LT-2103\n  lienthong errors --write docs/errors");
  command->callback([=, &chosen] { chosen = [=] { return folder->empty() ? show(*code, *json) : write(*folder); }; });
}

}  // namespace lt::cli
