// Strict YAML: a small, predictable part of the language, with the position of everything.
//
// Taken: block and flow maps and lists, plain and quoted and block scalars, comments, anchors and aliases as long as
// all aliases of a file together copy at most limits::kYamlAliases nodes. Refused, each with its place: duplicate keys
// (both places named), merge keys `<<`, tags, keys that are not text, more than one document, tabs in indentation,
// other encodings than UTF-8, more than limits::kYamlDepth levels or limits::kYamlBytes bytes.
//
// Scalars may refer to `${NAME}` and `${NAME:-default}` (environment) and `${file:path}` (relative to the file that
// says so, one trailing line end dropped); `$${` stands for `${`. What came from outside is marked secret.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/config/value.h"

namespace lt::config {

// The value of an environment variable, or none.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;
// The process's environment.
Variables process_variables();

// Parses one document. References are left as written. Findings name `file`; the text is remembered in `diagnostics` so
// that they can quote it. After a syntax error the Value is null; after other findings it holds what could be kept.
Value parse_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics);
// Reads and parses one file, references left as written. A file that cannot be read is a finding (file_missing).
Value parse_yaml_file(Env& env, const std::string& path, Diagnostics& diagnostics);
// Expands the references in all scalars below `value`. Findings: undefined_variable, file_missing, yaml_syntax.
void expand_references(Value& value, Env& env, const Variables& variables, Diagnostics& diagnostics);

// One configuration: a single file (a path ending in .yaml or .yml), or a directory: `lienthong.yaml` and
// conf.d/*.yaml, or without a lienthong.yaml every *.yaml directly in it; in the order of their names. The top-level
// sections are merged: a section in several files gets the members of all (the same name twice is duplicate_key, both
// places named), lists are joined in file order, a scalar may be said once. All references are expanded. Positions are
// kept.
Value load_directory(Env& env, const std::string& path, Diagnostics& diagnostics,
                     const Variables& variables = process_variables());

}  // namespace lt::config
