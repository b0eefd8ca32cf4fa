// A mapping that is a stylesheet (`xslt: file.xsl`). Private to this room.
#pragma once

#include <memory>

#include "core/base/result.h"
#include "core/mapping/mapping.h"
#include "core/mapping/rule_file.h"

namespace lt::codec {
class Stylesheet;
}

namespace lt::mapping {

// Null after findings: wrong_type unless both sides are XML, bad_stylesheet, file_missing; no_reverse (warning) unless
// the file says that nothing comes back.
std::shared_ptr<const codec::Stylesheet> compile_stylesheet(const RuleFile& file, const CompileParts& parts,
                                                            config::Diagnostics& diagnostics);
// Errors: those of Stylesheet::run, too_large for a document with a long text, value_does_not_fit for another root.
Result<void> run_stylesheet(const Program& program, const Node& source, Tree& target);

}  // namespace lt::mapping
