// The section `retention` of the configuration.
#pragma once

#include "core/config/spec.h"
#include "core/runtime/retention_plan.h"

namespace lt::runtime {

const config::Spec<RetentionRules>& retention_spec();

}  // namespace lt::runtime
