// The catalogue of errors for people: on the terminal, as JSON, and as one page per code under docs/errors.
//
// A page has a head, made from the catalogue, a marker line, and what people wrote below it. Writing pages renews the
// heads and keeps everything below the marker. Pure but for write_error_pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/base/error.h"

namespace lt::cli {

// The last line of a head.
inline constexpr std::string_view kPageMarker =
    "<!-- Từ đây viết tay, chương trình giữ nguyên. Written by hand below; the program keeps it. -->\n";

// "LT-2103", "lt-2103", "2103" or "no_table_row". Error usage, with the nearest name as hint.
Result<const CodeInfo*> find_code(std::string_view text);
// What it means and what to do, in both languages, for a terminal.
std::string error_card(const CodeInfo& entry);
// {"code","name","http_status","retry","title_vi","title_en","hint_vi","hint_en"}
std::string error_json(const CodeInfo& entry);

// "LT-2103.md"
std::string page_name(const CodeInfo& entry);
std::string page_head(const CodeInfo& entry);
// `page` with its head renewed. Without a marker all of it is kept, below the new head: nothing that people wrote is
// lost.
std::string renewed_page(const CodeInfo& entry, std::string_view page);
// README.md of the folder: every code with its titles.
std::string error_index();

struct WrittenPages {
  size_t written = 0, unchanged = 0;
  std::vector<std::string> strangers;  // LT-*.md of no code; left as they are
};
Result<WrittenPages> write_error_pages(Env& env, const std::string& folder);

}  // namespace lt::cli
