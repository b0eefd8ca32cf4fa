#include "core/mapping/stylesheet.h"

#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/codec/xml.h"
#include "core/codec/xslt.h"
#include "core/config/diagnostics.h"
#include "core/mapping/encode.h"
#include "core/mapping/program.h"

namespace lt::mapping {
namespace {

const Node* first_blob(const Node* node) {
  if (node->kind == Kind::blob) return node;
  for (const Node* child = node->first; child; child = child->next)
    if (const Node* blob = first_blob(child)) return blob;
  return nullptr;
}

}  // namespace

std::shared_ptr<const codec::Stylesheet> compile_stylesheet(const RuleFile& file, const CompileParts& parts,
                                                            config::Diagnostics& diagnostics) {
  const Text& name = *file.stylesheet;
  if (!file.source.xml || !file.target.xml) {
    diagnostics.error(Code::wrong_type, name.place, "a stylesheet makes XML of XML",
                      "write rules for a side that is JSON");
    return nullptr;
  }
  if (!parts.stylesheet) return nullptr;
  const size_t slash = file.file.rfind('/');
  const std::string path = slash == std::string::npos ? name.text : file.file.substr(0, slash + 1) + name.text;
  diagnostics.add_source(path, parts.stylesheet);
  auto compiled = codec::Stylesheet::compile(*parts.stylesheet, path);
  if (!compiled) {
    diagnostics.add(compiled.error(), name.place);
    return nullptr;
  }
  if (!file.promised && !file.no_reverse)
    diagnostics.warning(Code::no_reverse, name.place, "a stylesheet is one-way", "write reverse: none to say so");
  return std::make_shared<const codec::Stylesheet>(std::move(*compiled));
}

Result<void> run_stylesheet(const Program& program, const Node& source, Tree& target) {
  Place place = program.place;
  if (const Node* blob = first_blob(&source)) {
    place.path = path_of(blob);
    return fail(Code::too_large,
                fmt::format("a text of {} bytes: a stylesheet takes texts of at most {}", blob->blob.length,
                            limits::kLiftedString),
                std::move(place), "map documents with large files by rules: they pass them by");
  }
  LT_ASSIGN(Encoded document, encode_part(source, true));
  LT_ASSIGN(const std::string made, program.stylesheet->run(document.text()));
  codec::XmlOptions options;
  options.longest = options.text;
  Node* const before = target.root();
  LT_TRY(codec::parse_xml(std::string_view(made), target, options));
  const Node& root = *target.root();
  if (root.name == program.root.name && root.ns == program.root.ns) return {};
  std::string found = fmt::format("the stylesheet makes {}{{{}}}, not {}{{{}}}", root.name, root.ns, program.root.name,
                                  program.root.ns);
  target.set_root(before);
  return fail(Code::value_does_not_fit, std::move(found), std::move(place));
}

}  // namespace lt::mapping
