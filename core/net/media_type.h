// What a file is, by the ending of its name.
#pragma once

#include <string_view>

namespace lt::net {

// "application/pdf" for "Đơn.PDF"; application/octet-stream when the ending says nothing.
std::string_view media_type(std::string_view file_name);

}  // namespace lt::net
