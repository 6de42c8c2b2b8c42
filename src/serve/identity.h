// Who sent a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/rights.h"

namespace thorax::serve {

struct Identity {
  enum class Kind {
    nobody,   ///< has to sign in first
    local,    ///< somebody at this machine, while there are no users
    session,  ///< a user at the page
    token,    ///< a program
  };
  Kind kind = Kind::nobody;
  std::string name;     ///< of the user or the token; empty for nobody, "local" for local
  std::string role;     ///< of a user
  std::string address;  ///< of the machine that asks
  store::Rights rights;
  std::string csrf;                        ///< that the session's changes have to carry
  std::string secret;                      ///< of the session
  std::optional<std::int64_t> expires_at;  ///< of the session, when nothing is asked until then

  bool has(store::Right right) const { return rights.has(right); }
  /// As whose work things are kept.
  std::string account() const { return kind == Kind::token ? "token:" + name : name; }
};

}  // namespace thorax::serve
