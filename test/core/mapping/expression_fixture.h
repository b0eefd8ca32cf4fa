// Expressions over small JSON and XML documents, for the tests of the expression language.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/expression.h"
#include "core/message/tree.h"

namespace lt::mapping::test {

inline const std::string kPlain =
    R"({"a":"x","n":3,"s":"3.0","t":true,"f":false,"z":null,"o":{"k":"v"},"big":9007199254740993,"e":"","one":"1"})";
inline const std::string kDossier = R"({"MaHoSo":"H29.12-0042","Ngay":"15/08/2026","Luc":"2026-08-15T20:30:00Z",
  "NguoiNop":{"HoTen":"Nguyễn Thị Đào"},"LePhi":15000.50,"Loai":"HK",
  "TaiLieu":[{"Ten":"CCCD","Loai":"A","Trang":[1,2]},{"Ten":"Giấy tờ","Loai":"HK","Trang":[]},{"Ten":"Đơn","Loai":"C"}],
  "Rong":[],"Don":"mot"})";
inline const std::string kXml =
    "<d><f id='1'>true</f><g>true</g><T><N>A</N></T><T><N>B</N></T><x/><T><N>C</N><T>in</T></T><m>007</m></d>";

// Follows paths as the interpreter of mappings does: names, $, ^ (the object around, arrays left out) and items.
class RootFinder final : public PathFinder {
 public:
  RootFinder(const Expression& expression, const Node* root) : expression_(expression), root_(root) {}
  const Node* find(uint32_t path, const Node* item) const override {
    const auto& wanted = expression_.paths()[path];
    const Node* at = wanted.within >= 0 && item ? item : root_;
    for (uint32_t i = 0; i < wanted.path.up && at; ++i) {
      at = at->parent;
      while (at && at->kind == Kind::array) at = at->parent;
    }
    for (const auto& step : wanted.path.steps) at = at && at->kind == Kind::object ? at->find(step.name) : nullptr;
    return at;
  }

 private:
  const Expression& expression_;
  const Node* root_;
};

inline void read_into(Tree& tree, const std::string& document) {
  if (document.starts_with('<'))
    REQUIRE(codec::parse_xml(document, tree));
  else
    REQUIRE(codec::parse_json(std::string(document), tree));
}

// What came out, readable: absent, null, true, 12 as a number, 'text'.
inline std::string shown(const Expression::Value& value) {
  switch (value.state) {
    case Expression::State::absent:
      return "absent";
    case Expression::State::null:
      return "null";
    case Expression::State::boolean:
      return value.flag ? "true" : "false";
    case Expression::State::number:
      return std::string(value.text);
    default:
      return "'" + std::string(value.text) + "'";
  }
}

inline std::string value(const std::string& text, const std::string& document) {
  auto expression = Expression::parse(text);
  REQUIRE_MESSAGE(expression, text << (expression ? "" : ": " + expression.error().text()));
  Tree tree, arena;
  read_into(tree, document);
  uint64_t steps = 1'000'000;
  const auto got = expression->value(RootFinder(*expression, tree.root()), arena, steps);
  REQUIRE_MESSAGE(got, text);
  return shown(*got);
}

inline bool holds(const std::string& text, const std::string& document) {
  auto expression = Expression::parse(text);
  REQUIRE_MESSAGE(expression, text << (expression ? "" : ": " + expression.error().text()));
  Tree tree, arena;
  read_into(tree, document);
  uint64_t steps = 1'000'000;
  const auto got = expression->holds(RootFinder(*expression, tree.root()), arena, steps);
  REQUIRE_MESSAGE(got, text);
  return *got;
}

}  // namespace lt::mapping::test
