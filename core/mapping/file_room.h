// Files in memory, for who tries a mapping without partners: what one document sends beside itself, or puts behind an
// address, the next one finds there.
//
//   FileRoom room(FileRoom::nothing_else);
//   LT_TRY(run(*mapping, source, target, context));
//   LT_TRY(room.settle(target));   // from now on a document of texts, as the partner sees it
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/mapping/mapping.h"

namespace lt::mapping {

class FileRoom {
 public:
  enum class Apart : uint8_t { part, address };
  // The bytes of a file that no document gave: `name` is that of a part, or an address.
  using Elsewhere = std::function<Result<std::string>(Apart where, std::string_view name)>;
  static Result<std::string> nothing_else(Apart where, std::string_view name);  // no_such_part, fetch_not_allowed

  explicit FileRoom(Elsewhere elsewhere) : elsewhere_(std::move(elsewhere)) {}
  // Every file of a mapped document goes into the form that it has there; a text takes its place. Addresses name the
  // place in the source and the file, so they are the same each time. Ranges of a received body stay what they are.
  // Errors bad_base64, bad_zip, too_large, those of `elsewhere`, with the path in the source.
  Result<void> settle(Tree& target);

 private:
  Result<void> settle(Tree& target, Node& node, size_t& parts);
  Result<std::string> bytes_of(Apart where, std::string_view name) const;

  Elsewhere elsewhere_;
  std::map<std::string, std::string, std::less<>> given_;  // by name of the part or address
};

}  // namespace lt::mapping
