// Where the bytes of a message's files are, for whoever sends or serves them.
#pragma once

#include "core/adapter/services.h"
#include "core/mapping/encode.h"
#include "core/message/body.h"

namespace lt::runtime {

// `bodies` outlives what is opened of it; the body is shared.
mapping::Files files_of(const Body& body, adapter::Bodies& bodies);

}  // namespace lt::runtime
