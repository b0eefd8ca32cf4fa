// Why a source field does not come back as it was: a reason with the names it is about, told in either language.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace lt::mapping {

struct Reason {
  // In braces: what `first` and `second` hold.
  enum class Is : uint8_t {
    none,
    no_rule,
    ignored,
    stylesheet,
    null_or_nothing,
    number_or_text,
    expression_back,
    outside_item,
    several_fields,
    embedded_anew,
    where_leaves_out,
    no_constant,
    case_not_shown,  // {the case}
    case_writes_nothing,
    case_of_several,
    unless_case,  // {the field, the cases}
    list_order,
    unless,  // {the condition}
    unless_match,
    one_way,
    file_form,  // {the form it should have, the form it has}
    file_wrapped,
    file_address,
    file_name,
    normalised,
    as_target_writes,
    table_dated,          // {the table}
    table_not_injective,  // {the table}
    table_default,        // {the table}
    default_for_nothing,
    nothing_written,
    date_says_less,  // {the target's pattern, the source's}
    date_written_anew,
    set_by_target,
    pattern_keeps_less,
    parts_changed,
    joined_changed
  };
  Is is = Is::none;
  std::string first = {}, second = {};

  Reason() = default;
  Reason(Is which, std::string one = {}, std::string other = {})
      : is(which), first(std::move(one)), second(std::move(other)) {}
  bool empty() const { return is == Is::none; }
  std::string text(bool vietnamese = false) const;
};

}  // namespace lt::mapping
