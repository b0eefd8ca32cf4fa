// The agency directory: which agencies there are, since and until when, who took over, and other names for them.
//
// Two tables (schemas/agencies/README.md): rows of agencies, and aliases. A text is resolved by the alias table first
// (provinces renumbered when they left the old form; test units of the national axis have free texts such as
// `vxp.saas.03`, which are listed as aliases of themselves), then by AgencyCode::parse, which knows the old form. A
// code below a listed one belongs to the nearest listed one above it: H49.02.05 to H49.02 if that is listed, else to
// H49; the validity of that row is what counts. Codes without any row are taken as they are: the list of agencies is
// never complete.
//
// Immutable after loading; may be shared between threads.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/config/csv.h"
#include "core/config/spec.h"
#include "core/message/agency_code.h"

namespace lt::route {

using Date = std::chrono::sys_days;
Date vietnam_date(Wall time);
// "2025-07-01"; error wrong_type.
Result<Date> parse_date(std::string_view text);
std::string date_text(Date date);

// How sure a fact is: S read in a legal text or official page, C seen in deployed systems, D derived from such facts,
// B background knowledge nobody has confirmed.
enum class Confidence : char { stated = 'S', deployed = 'C', derived = 'D', background = 'B' };

struct AgencyRow {
  AgencyCode code;
  std::string name_vi;
  std::optional<Date> valid_from, valid_to;  // first and last day in force; none = not known to be bounded
  std::vector<AgencyCode> successors;
  Confidence confidence = Confidence::background;           // of code and name
  Confidence validity_confidence = Confidence::background;  // of dates and successors
  std::string note;
};

// An agency as somebody wrote it, resolved.
struct Agency {
  std::string written;
  AgencyCode code;                 // empty for a free text of the alias table
  const AgencyRow* row = nullptr;  // the listed agency at or nearest above `code`; owned by the directory
  bool closed = false;             // the row was closed on that day ...
  bool early = false;              // ... or not yet in force

  // The code in its new form, or the free text.
  const std::string& text() const { return code.empty() ? written : code.text(); }
};

// What happens to messages for agencies that are closed on the day.
enum class ClosedAgency : uint8_t { refuse, accept };

// The section `agencies` of a configuration.
struct AgenciesConfig {
  std::vector<std::string> tables;             // CSV: code,name_vi,valid_from,valid_to,successors,confidence,...
  std::vector<std::string> alias_tables;       // CSV: alias,code,confidence,note
  std::map<std::string, std::string> aliases;  // a few more, alias -> code or "" for a free text
  ClosedAgency closed = ClosedAgency::refuse;
  Place place;
};
const config::Spec<AgenciesConfig>& agencies_spec();

class AgencyDirectory {
 public:
  // Reads all tables; findings of all of them in one run. What could be read is usable.
  static std::shared_ptr<const AgencyDirectory> load(const AgenciesConfig& config, Env& env,
                                                     config::Diagnostics& diagnostics);

  // Alias table, then the forms of AgencyCode. Error bad_agency_code. Says nothing about validity.
  Result<Agency> resolve(std::string_view text) const;
  // resolve, and whether the agency is closed on that day.
  Result<Agency> lookup(std::string_view text, Date day) const;
  // lookup, but a closed agency is the error agency_closed, whose hint names the successors - unless the configuration
  // says `closed: accept`.
  Result<Agency> receiver(std::string_view text, Date day) const;

  const std::map<std::string, AgencyRow>& rows() const { return rows_; }
  std::vector<std::string> names() const;  // codes and aliases, for "did you mean"

 private:
  void add_rows(const config::CsvTable& table, config::Diagnostics& diagnostics);
  void add_aliases(const config::CsvTable& table, config::Diagnostics& diagnostics);
  void add_alias(const std::string& alias, const std::string& code, const Place& place,
                 config::Diagnostics& diagnostics);

  std::map<std::string, AgencyRow> rows_;  // by the text of the code
  std::map<std::string, Place> places_;
  std::unordered_map<std::string, AgencyCode> aliases_;  // an empty code: the text stands for itself
  ClosedAgency closed_ = ClosedAgency::refuse;
};

}  // namespace lt::route
