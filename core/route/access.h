// Who may hand us what, for whom: principals and their rights. Denied unless a right says otherwise.
//
// A right allows its principals to send messages of certain types in the name of certain agencies (the body's From) to
// certain receivers, for a stated purpose (Decree 47/2020 wants one). A message is allowed when rights that match its
// From and its type together cover every receiver. A type without From, or without receivers, is judged by what it has;
// a receiver that is no agency code is left to the router, which refuses it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hash.h"
#include "core/config/spec.h"
#include "core/route/agency_set.h"
#include "core/route/rules.h"

namespace lt::route {

// The section `principals`: name -> this.
struct PrincipalConfig {
  std::string description;
  Located<std::string> key;       // "sha256:" and the hex SHA-256 of the API key; "" for a partner we poll
  Located<std::string> next_key;  // accepted as well, while keys are being changed
  bool enabled = true;
  Place place;
};
const config::Spec<PrincipalConfig>& principal_spec();

class Principals {
 public:
  // Findings: wrong_type for a malformed key, duplicate_key for a key two principals share.
  static std::shared_ptr<const Principals> compile(const std::map<std::string, PrincipalConfig>& principals,
                                                   config::Diagnostics& diagnostics);
  // Name of the principal this API key belongs to. Error unauthenticated, the same for unknown and disabled ones. The
  // time taken does not depend on which key it is nearest to. Thread-safe.
  Result<std::string> authenticate(std::string_view presented_key) const;
  std::vector<std::string> names() const;

 private:
  struct Key {
    std::string digest;  // 32 bytes
    std::string principal;
    bool enabled;
    Place place;
  };
  std::vector<Key> keys_;
  std::vector<std::string> names_;
};

// The section `rights`: a list of these.
struct RightConfig {
  std::vector<Located<std::string>> principals, from, types, to;
  std::string purpose;
  Place place;
};
const config::Spec<RightConfig>& right_spec();

class AccessRights {
 public:
  // Findings: bad_reference for unknown principals, types, agencies.
  static std::shared_ptr<const AccessRights> compile(const std::vector<RightConfig>& rights,
                                                     std::shared_ptr<const AgencyDirectory> directory,
                                                     const KnownNames& known, config::Diagnostics& diagnostics);
  // The purposes of the rights used. Error not_allowed, whose detail says which of from, type, to failed;
  // bad_agency_code. Thread-safe.
  Result<std::vector<std::string>> check(std::string_view principal, std::string_view from, std::string_view type,
                                         std::span<const std::string> to) const;

 private:
  struct Right {
    AgencySet from, to;
    TypeSet types;
    std::string purpose;
  };
  std::multimap<std::string, std::shared_ptr<const Right>, std::less<>> rights_;  // by principal
  std::shared_ptr<const AgencyDirectory> directory_;
};

}  // namespace lt::route
