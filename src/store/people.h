// Users, their sessions, and the tokens of programs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/ids.h"
#include "store/rights.h"

namespace thorax::store {

/// Says what time it is: Unix milliseconds. Given in tests.
using Clock = std::function<std::int64_t()>;

struct User {
  std::string name;
  Role role = Role::viewer;
  Rights rights;  ///< those of the role, and `names` where it was given
  std::int64_t created_at = 0;
  std::optional<std::int64_t> signed_in_at;
};

/// How long a sign-in lasts.
struct SessionLimits {
  std::int64_t idle_ms = 30 * 60'000;      ///< without a request
  std::int64_t total_ms = 12 * 3'600'000;  ///< at all
};

struct Session {
  User user;
  std::int64_t expires_at = 0;  ///< when nothing is asked until then
};

struct Token {
  std::string id;
  std::string label;  ///< what it is for
  Rights rights;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> expires_at, used_at;
};

/// Safe to use from several threads, and beside other processes that have the same database open.
class People {
 public:
  /// The database has to be migrated.
  explicit People(Database& database, Clock now = now_ms, SessionLimits limits = {});

  bool any();
  std::vector<User> users();
  /// `names`: the user sees names of patients whatever the role says.
  /// Throws Error: bad_user_name, weak_password, user_exists.
  void add(const std::string& name, Role role, bool names, const std::string& password);
  /// Ends the user's sessions, too. Throws Error: unknown_user, weak_password.
  void set_password(const std::string& name, const std::string& password);
  /// `names` as add() means it; a session that is open has the new rights at once.
  /// Throws Error: unknown_user, last_admin.
  void set_role(const std::string& name, Role role, bool names);
  /// With all sessions. `keep_admin`: the last administrator stays while there are other users.
  /// Throws Error: unknown_user, last_admin.
  void remove(const std::string& name, bool keep_admin = false);
  /// The user whose password it is.
  std::optional<User> user_with(const std::string& name, const std::string& password);

  /// Returns the secret that the session is known by.
  std::string open_session(const std::string& user);
  /// Nothing when there is no such session, or not any more. `touch`: somebody is at work, so that
  /// it goes on.
  std::optional<Session> session(const std::string& secret, bool touch = true);
  void close_session(const std::string& secret);

  /// Returns the token itself, which is not kept. `lifetime_ms`: 0 for one that does not end.
  std::string create_token(const std::string& label, Rights rights, std::int64_t lifetime_ms);
  std::vector<Token> tokens();
  /// Throws Error("unknown_id"_code).
  void remove_token(const std::string& id);
  /// Nothing when there is no such token, or not any more.
  std::optional<Token> token(const std::string& secret);

 private:
  /// Within a transaction: somebody has to be an administrator, or there are no users.
  void require_admin();

  Database& database_;
  const Clock now_;
  const SessionLimits limits_;
};

}  // namespace thorax::store
