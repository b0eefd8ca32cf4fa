// The coroutine type of the house. Read the coroutine rules of docs/architecture.md before the first co_await.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>

namespace lt::net {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace lt::net
