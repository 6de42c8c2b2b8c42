// Who comes in, and what for.
#pragma once

#include <httplib.h>

#include <mutex>
#include <string>
#include <vector>

#include "serve/identity.h"
#include "serve/options.h"
#include "serve/throttle.h"
#include "store/people.h"

namespace thorax::serve {

struct SignInLimits {
  int of_user = 10;  ///< sign-ins that may fail within the window
  int of_address = 50;
  std::int64_t window_ms = 15 * 60'000;
};

/// While there are no users, and the service listens on this machine alone, nobody needs to sign
/// in. Thread-safe.
class Door {
 public:
  Door(store::People& people, const Options& options, store::Clock now,
       const SignInLimits& limits = {});

  /// Who sent a request, by its token, by its session, or by being at this machine, and may have
  /// what it asks for. Not looked into for what anybody may have.
  /// `who` is set whenever it is known, even when this throws.
  /// Throws Error: token_invalid, sign_in_needed, not_allowed, csrf_missing, foreign_page.
  void admit(const httplib::Request& request, const std::vector<std::string>& path, Identity& who);

  /// The user's new session. Throws Error: sign_in_failed, sign_in_throttled.
  Identity sign_in(const httplib::Request& request, const std::string& name,
                   const std::string& password);
  bool knows(const std::string& user);
  void sign_out(const Identity& who);
  /// Whether what was allowed when a long answer began still is.
  bool still_open(const Identity& who);

  std::int64_t now() const { return now_(); }

  /// Set-Cookie of a session; of none when the secret is empty.
  std::string cookie(const std::string& secret) const;

 private:
  bool is_open();
  Identity identify(const httplib::Request& request);
  std::string address_of(const httplib::Request& request) const;
  std::string session_secret(const httplib::Request& request) const;
  Identity of_session(const std::string& secret, const store::Session& session) const;
  void refuse_foreign(const Identity& who, const httplib::Request& request) const;

  store::People& people_;
  const Options& options_;
  const store::Clock now_;
  Throttle users_, addresses_;
  std::mutex hashing_;  ///< a password takes 64 MiB to check: one at a time
};

bool is_local_address(const std::string& address);

}  // namespace thorax::serve
