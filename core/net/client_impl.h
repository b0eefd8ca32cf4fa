// Inside of net: makes the client of a shard.
#pragma once

#include <memory>

#include "core/net/client.h"

namespace lt::net {

class ShardImpl;

std::unique_ptr<HttpClient> make_http_client(ShardImpl& shard);

}  // namespace lt::net
