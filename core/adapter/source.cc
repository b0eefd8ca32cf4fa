#include "core/adapter/source.h"

namespace lt::adapter {

net::Task<Result<Answer>> Intake::request(Inbound) { co_return fail(Code::bug, "this endpoint does not ask anybody"); }

}  // namespace lt::adapter
