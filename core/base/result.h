// Result<T>: a value or an Error. Functions that can fail return it; exceptions stay behind third-party wrappers.
#pragma once

#include <tl/expected.hpp>

#include "core/base/error.h"

namespace lt {

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Code code, std::string detail = {}, Place place = {}, std::string hint = {}) {
  return tl::unexpected<Error>(Error(code, std::move(detail), std::move(place), std::move(hint)));
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace lt

#define LT_JOIN_(a, b) a##b
#define LT_JOIN(a, b) LT_JOIN_(a, b)
// Return the error of `expression`, or go on.
#define LT_TRY(expression)                                                                    \
  do {                                                                                        \
    if (auto lt_try_ = (expression); !lt_try_) return ::lt::fail(std::move(lt_try_).error()); \
  } while (0)
// `declaration = value of expression`, or return its error.
#define LT_ASSIGN(declaration, expression) LT_ASSIGN_(LT_JOIN(lt_result_, __LINE__), declaration, expression)
#define LT_ASSIGN_(name, declaration, expression)        \
  auto name = (expression);                              \
  if (!name) return ::lt::fail(std::move(name).error()); \
  declaration = std::move(*name)
