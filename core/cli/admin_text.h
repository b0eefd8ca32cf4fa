// What the admin API says, as tables for people. Pure: JSON in, text out.
#pragma once

#include <string>
#include <string_view>

#include "core/message/tree.h"

namespace lt::cli {

struct TextOptions {
  bool colours = false;
  bool english = false;  // sentences and titles; headings always carry both languages
};

std::string messages_text(const Node* page, const TextOptions& options);
std::string message_text(const Node* details, const TextOptions& options);
std::string timeline_text(const Node* timeline, const TextOptions& options);
std::string status_text(const Node* status, const Node* lanes, const Node* controls, const TextOptions& options);

// "2026-11-20T08:30:00.123+07:00" -> "2026-11-20 08:30:00": the API always writes Vietnam time.
std::string short_time(std::string_view rfc3339);

}  // namespace lt::cli
