// The coroutine type of the house. Read the coroutine rules of docs/architecture.md before the first co_await.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>

// g++ 12 inlines half of the frame's operator new and then takes its delete for a mismatch. Off from here to the end of
// the including file: the warning is placed at the coroutine.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace lt::net {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace lt::net
