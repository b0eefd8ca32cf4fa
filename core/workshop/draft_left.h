// What a draft leaves to people, in words: choices between rules, fields with prefixes beside arrays. For
// draft_rules.cc.
#pragma once

#include <string>
#include <vector>

#include "core/schema/model.h"

namespace lt::workshop {

// "CaNhan | ToChuc": the field, and those of the other branches of its choice in the object `parent`.
std::string choice_text(const schema::Model& model, schema::TypeId parent, const schema::Field& field,
                        const std::string& path);

struct DraftLeft {
  const schema::Model& model;
  const schema::Field& root;
  const std::vector<std::string>& paths;  // of fields that no rule uses or writes
};
// "cha*, me*: HoTen, Tuoi <-> People": fields with prefixes on one side, where the other side has arrays left.
std::vector<std::string> spread_texts(const DraftLeft& source, const DraftLeft& target);

}  // namespace lt::workshop
