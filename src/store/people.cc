#include "store/people.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "store/secrets.h"

namespace thorax::store {
namespace {

constexpr std::size_t kMaxName = 64;
// What was used last is written down this often, so that reading does not become writing.
constexpr std::int64_t kTouchMs = 60'000;
constexpr const char* kTokenBegin = "thorax_";

bool is_name(const std::string& name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= kMaxName && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
         });
}

constexpr const char* kUserColumns =
    "users.name, users.role, users.names, users.created_at, users.signed_in_at";

User read_user(const Statement& row) {
  User user;
  user.name = row.text(0);
  user.role = parse_role(row.text(1));
  user.rights = Rights::of(user.role);
  if (row.integer(2) != 0) user.rights.add(Right::names);
  user.created_at = row.integer(3);
  user.signed_in_at = row.optional_integer(4);
  return user;
}

Token read_token(const Statement& row) {
  return {row.text(0),
          row.text(1),
          Rights::parse(row.text(2)),
          row.integer(3),
          row.optional_integer(4),
          row.optional_integer(5)};
}

constexpr const char* kTokenColumns = "id, label, scopes, created_at, expires_at, used_at";

}  // namespace

People::People(Database& database, Clock now, SessionLimits limits)
    : database_(database), now_(std::move(now)), limits_(limits) {}

bool People::any() {
  Transaction transaction(database_);
  return database_.prepare("SELECT 1 FROM users LIMIT 1").step();
}

std::vector<User> People::users() {
  Transaction transaction(database_);
  Statement rows =
      database_.prepare(std::string("SELECT ") + kUserColumns + " FROM users ORDER BY name");
  std::vector<User> users;
  while (rows.step()) users.push_back(read_user(rows));
  return users;
}

void People::add(const std::string& name, Role role, bool names, const std::string& password) {
  if (!is_name(name)) throw Error("bad_user_name"_code, {{"name", name}});
  const std::string hash = hash_password(password);
  Transaction transaction(database_);
  const int added = database_
                        .prepare(
                            "INSERT INTO users (name, role, names, password, created_at) "
                            "VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING")
                        .bind(name)
                        .bind(to_string(role))
                        .bind(std::int64_t(names))
                        .bind(hash)
                        .bind(now_())
                        .run();
  if (added == 0) throw Error("user_exists"_code, {{"name", name}});
  transaction.commit();
}

void People::set_password(const std::string& name, const std::string& password) {
  const std::string hash = hash_password(password);
  Transaction transaction(database_);
  if (database_.prepare("UPDATE users SET password = ? WHERE name = ?")
          .bind(hash)
          .bind(name)
          .run() == 0)
    throw Error("unknown_user"_code, {{"name", name}});
  database_.prepare("DELETE FROM sessions WHERE user = ?").bind(name).run();
  transaction.commit();
}

void People::require_admin() {
  Statement admins =
      database_.prepare("SELECT count(*), coalesce(sum(role = 'admin'), 0) FROM users");
  if (admins.step() && admins.integer(0) > 0 && admins.integer(1) == 0)
    throw Error("last_admin"_code);
}

void People::set_role(const std::string& name, Role role, bool names) {
  Transaction transaction(database_);
  if (database_.prepare("UPDATE users SET role = ?, names = ? WHERE name = ?")
          .bind(to_string(role))
          .bind(std::int64_t(names))
          .bind(name)
          .run() == 0)
    throw Error("unknown_user"_code, {{"name", name}});
  require_admin();
  transaction.commit();
}

void People::remove(const std::string& name, bool keep_admin) {
  Transaction transaction(database_);
  if (database_.prepare("DELETE FROM users WHERE name = ?").bind(name).run() == 0)
    throw Error("unknown_user"_code, {{"name", name}});
  if (keep_admin) require_admin();
  transaction.commit();
}

std::optional<User> People::user_with(const std::string& name, const std::string& password) {
  std::string hash;
  std::optional<User> user;
  {
    Transaction transaction(database_);
    Statement row = database_.prepare(std::string("SELECT ") + kUserColumns +
                                      ", users.password FROM users WHERE name = ?");
    if (row.bind(name).step()) {
      user = read_user(row);
      hash = row.text(5);
    }
  }
  if (!password_fits(hash, password)) return std::nullopt;
  return user;
}

std::string People::open_session(const std::string& user) {
  std::string secret = new_secret();
  const std::int64_t now = now_();
  Transaction transaction(database_);
  database_.prepare("DELETE FROM sessions WHERE seen_at < ? OR opened_at < ?")
      .bind(now - limits_.idle_ms)
      .bind(now - limits_.total_ms)
      .run();
  database_.prepare("INSERT INTO sessions (hash, user, opened_at, seen_at) VALUES (?,?,?,?)")
      .bind(sha256_hex(secret))
      .bind(user)
      .bind(now)
      .bind(now)
      .run();
  database_.prepare("UPDATE users SET signed_in_at = ? WHERE name = ?").bind(now).bind(user).run();
  transaction.commit();
  return secret;
}

std::optional<Session> People::session(const std::string& secret, bool touch) {
  const std::string hash = sha256_hex(secret);
  const std::int64_t now = now_();
  Transaction transaction(database_);
  std::int64_t seen = 0, opened = 0;
  Session session;
  {
    Statement row =
        database_.prepare(std::string("SELECT ") + kUserColumns +
                          ", sessions.opened_at, sessions.seen_at FROM sessions JOIN users ON "
                          "users.name = sessions.user WHERE sessions.hash = ?");
    if (!row.bind(hash).step()) return std::nullopt;
    session.user = read_user(row);
    opened = row.integer(5);
    seen = row.integer(6);
  }
  if (now >= seen + limits_.idle_ms || now >= opened + limits_.total_ms) return std::nullopt;
  // A session is seen a minute late at most, and ends no earlier for it.
  if (touch && now >= seen + std::min(kTouchMs, limits_.idle_ms / 10)) {
    database_.prepare("UPDATE sessions SET seen_at = ? WHERE hash = ?").bind(now).bind(hash).run();
    transaction.commit();
    seen = now;
  }
  session.expires_at = std::min(seen + limits_.idle_ms, opened + limits_.total_ms);
  return session;
}

void People::close_session(const std::string& secret) {
  Transaction transaction(database_);
  database_.prepare("DELETE FROM sessions WHERE hash = ?").bind(sha256_hex(secret)).run();
  transaction.commit();
}

std::string People::create_token(const std::string& label, Rights rights,
                                 std::int64_t lifetime_ms) {
  std::string secret = kTokenBegin + new_secret();
  const std::int64_t now = now_();
  std::optional<std::int64_t> end;
  if (lifetime_ms > 0) end = now + lifetime_ms;
  Transaction transaction(database_);
  database_
      .prepare(
          "INSERT INTO tokens (id, hash, label, scopes, created_at, expires_at) "
          "VALUES (?,?,?,?,?,?)")
      .bind(new_id())
      .bind(sha256_hex(secret))
      .bind(label)
      .bind(rights.text())
      .bind(now)
      .bind(end)
      .run();
  transaction.commit();
  return secret;
}

std::vector<Token> People::tokens() {
  Transaction transaction(database_);
  Statement rows =
      database_.prepare(std::string("SELECT ") + kTokenColumns + " FROM tokens ORDER BY id");
  std::vector<Token> tokens;
  while (rows.step()) tokens.push_back(read_token(rows));
  return tokens;
}

void People::remove_token(const std::string& id) {
  Transaction transaction(database_);
  if (database_.prepare("DELETE FROM tokens WHERE id = ?").bind(id).run() == 0)
    throw Error("unknown_id"_code, {{"id", id}});
  transaction.commit();
}

std::optional<Token> People::token(const std::string& secret) {
  const std::int64_t now = now_();
  Transaction transaction(database_);
  Token token;
  {
    Statement row =
        database_.prepare(std::string("SELECT ") + kTokenColumns + " FROM tokens WHERE hash = ?");
    if (!row.bind(sha256_hex(secret)).step()) return std::nullopt;
    token = read_token(row);
  }
  if (token.expires_at && now >= *token.expires_at) return std::nullopt;
  if (!token.used_at || now >= *token.used_at + kTouchMs) {
    database_.prepare("UPDATE tokens SET used_at = ? WHERE id = ?").bind(now).bind(token.id).run();
    transaction.commit();
  }
  return token;
}

}  // namespace thorax::store
