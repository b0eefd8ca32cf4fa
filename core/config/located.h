// A value of the configuration together with the place it was written at, for what can only be judged later.
#pragma once

#include "core/base/error.h"

namespace lt::config {

template <class T>
struct Located {
  T value{};
  Place place;
};

}  // namespace lt::config
