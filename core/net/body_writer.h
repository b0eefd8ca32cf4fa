// Inside of net: sends the body of a message from a ByteSource, sized or chunked.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/base/stream.h"
#include "core/net/connection.h"

namespace lt::net {

// Sends `head`, then all of `source`: as it is when `size` is known, else chunked, else (`until_end`) as it is. Each
// write may take `pace` (zero: the connection's deadline stays). Error: of the source, bug when it is not `size` long,
// or of the connection.
Task<Result<void>> write_stream(Connection* connection, std::string head, std::shared_ptr<ByteSource> source,
                                std::optional<uint64_t> size, bool until_end, std::chrono::microseconds pace);

// Appends "name: value\r\n". Control characters in the value become blanks, so that no value can start a new field.
void append_field(std::string& out, std::string_view name, std::string_view value);

}  // namespace lt::net
