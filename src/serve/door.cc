#include "serve/door.h"

#include <algorithm>

#include "base/error.h"
#include "serve/api.h"
#include "store/secrets.h"

namespace thorax::serve {
namespace {

using store::Right;
using Path = std::vector<std::string>;

constexpr const char* kCsrfPurpose = "csrf";

/// "[::1]:80" → "::1".
std::string host_name(const std::string& host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

/// What a path is to those who have not signed in.
enum class Shown { to_all, to_know_oneself, to_those_with_the_right };

Shown shown(const Path& path, bool reading) {
  const bool api = !path.empty() && path[0] == "api";
  const bool oneself = api && path.size() >= 3 && (path[2] == "me" || path[2] == "session");
  if (oneself && (path.size() == 3 || path == Path{"api", "v1", "me", "password"}))
    return Shown::to_know_oneself;
  const bool lent = !path.empty() && path[0] == "v2";
  if (!reading || (lent && !(path.size() >= 2 && path[1] == "health")))
    return Shown::to_those_with_the_right;
  if (path == Path{"api", "v1", "openapi.json"} || path == Path{"api"} ||
      path == Path{"api", "style.css"})
    return Shown::to_all;
  if (api || (!path.empty() && (path[0] == "metrics" || path[0] == "reports")))
    return Shown::to_those_with_the_right;
  // Whether it is well, and the page, which holds nothing of anybody.
  return Shown::to_all;
}

Right needed(const httplib::Request& request, const Path& path) {
  const bool versioned = path.size() >= 3 && path[0] == "api";
  if (versioned && path[2] == "models" && !is_reading(request)) return Right::admin;
  if (versioned && path[2] == "users") return Right::admin;
  // To give up an upload takes nothing away.
  if (path.size() == 4 && path[2] == "uploads" && !is_reading(request)) return Right::upload;
  if (request.method == "DELETE") return Right::remove;
  // Triton's clients ask by POST for the list of models.
  if (path == Path{"v2", "repository", "index"}) return Right::read;
  if (!is_reading(request)) return Right::upload;
  if (path.size() >= 3 && path[2] == "audit") return Right::admin;
  // The file itself names its patient, and what is burnt into its pixels nobody takes out.
  if (path.size() == 5 && path[2] == "studies" &&
      (path[4] == "file" || path[4] == "deidentified.zip" || path[4] == "dicom.zip"))
    return Right::names;
  // Nor are DICOM objects of a patient without him.
  if (path.size() > 5 && path[2] == "studies" && path.back().ends_with(".dcm")) return Right::names;
  return Right::read;
}

}  // namespace

bool is_local_address(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

Door::Door(store::People& people, const Options& options, store::Clock now,
           const SignInLimits& limits)
    : people_(people),
      options_(options),
      now_(std::move(now)),
      users_(limits.of_user, limits.window_ms, now_),
      addresses_(limits.of_address, limits.window_ms, now_) {}

bool Door::is_open() {
  return is_local_address(options_.address) && !people_.any();
}

std::string Door::address_of(const httplib::Request& request) const {
  if (options_.behind_proxy) {
    // The proxy adds the address it sees at the end; what stands before came with the request.
    const std::string hops = request.get_header_value("X-Forwarded-For");
    const std::size_t begin = hops.find_last_of(", ") + 1;
    if (begin < hops.size()) return hops.substr(begin, 64);
  }
  return request.remote_addr;
}

std::string Door::cookie(const std::string& secret) const {
  // A name with __Host- cannot be set by a page of a neighbouring host (RFC 6265bis, 4.1.3.2).
  const std::string name = options_.certificate.empty() ? "thorax=" : "__Host-thorax=";
  const bool secure = !options_.certificate.empty() || options_.behind_proxy;
  return name + secret + "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "") +
         (secret.empty() ? "; Max-Age=0" : "");
}

std::string Door::session_secret(const httplib::Request& request) const {
  const std::string wanted = options_.certificate.empty() ? "thorax=" : "__Host-thorax=";
  std::string_view cookies;
  const std::string header = request.get_header_value("Cookie");
  cookies = header;
  while (!cookies.empty()) {
    const std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(one.size() + 1, cookies.size()));
    const std::string_view trimmed = one.substr(std::min(one.find_first_not_of(' '), one.size()));
    if (trimmed.starts_with(wanted)) return std::string(trimmed.substr(wanted.size()));
  }
  return {};
}

Identity Door::of_session(const std::string& secret, const store::Session& session) const {
  Identity who;
  who.kind = Identity::Kind::session;
  who.name = session.user.name;
  who.role = to_string(session.user.role);
  who.rights = session.user.rights;
  who.csrf = store::derived(secret, kCsrfPurpose);
  who.secret = secret;
  who.expires_at = session.expires_at;
  return who;
}

Identity Door::identify(const httplib::Request& request) {
  Identity who;
  const std::string authorization = request.get_header_value("Authorization");
  if (const std::string bearer = "Bearer "; authorization.starts_with(bearer)) {
    const std::string secret = authorization.substr(bearer.size());
    const std::optional<store::Token> token = people_.token(secret);
    if (!token) throw Error("token_invalid"_code);
    who.kind = Identity::Kind::token;
    who.name = token->label;
    who.rights = token->rights;
    who.secret = secret;
  } else if (const std::string secret = session_secret(request); !secret.empty()) {
    if (const std::optional<store::Session> session = people_.session(secret))
      who = of_session(secret, *session);
  }
  if (who.kind == Identity::Kind::nobody && is_open()) {
    who.kind = Identity::Kind::local;
    who.name = "local";
    who.rights = store::Rights::of(store::Role::admin);
  }
  who.address = address_of(request);
  return who;
}

void Door::refuse_foreign(const Identity& who, const httplib::Request& request) const {
  // A page of another site must neither read nor change anything here: not by a name of its own
  // that leads to this machine (the Host header tells; a cookie or a token does not go there), not
  // by a form (the Origin header tells).
  const std::string host = request.get_header_value("Host");
  if (who.kind == Identity::Kind::local && !host.empty() && !is_local_address(host_name(host)))
    throw Error("foreign_page"_code, {{"origin", host}});
  const std::string origin = request.get_header_value("Origin");
  if (is_reading(request) || origin.empty()) return;
  const bool secure = !options_.certificate.empty() || options_.behind_proxy;
  const bool plain = options_.certificate.empty();
  if ((plain && origin == "http://" + host) || (secure && origin == "https://" + host)) return;
  throw Error("foreign_page"_code, {{"origin", origin}});
}

void Door::admit(const httplib::Request& request, const std::vector<std::string>& path,
                 Identity& who) {
  const bool reading = is_reading(request);
  const Shown how = shown(path, reading);
  if (how == Shown::to_all) return;
  who = identify(request);
  refuse_foreign(who, request);
  const bool signing_in = request.method == "POST" && path == Path{"api", "v1", "session"};
  if (who.kind == Identity::Kind::session && !reading && !signing_in &&
      !store::same_text(request.get_header_value("X-CSRF-Token"), who.csrf))
    throw Error("csrf_missing"_code);
  if (how == Shown::to_know_oneself) return;
  if (who.kind == Identity::Kind::nobody) throw Error("sign_in_needed"_code);
  if (const Right right = needed(request, path); !who.has(right))
    throw Error("not_allowed"_code, {{"user", who.name}, {"right", std::string(to_string(right))}});
}

Identity Door::sign_in(const httplib::Request& request, const std::string& name,
                       const std::string& password) {
  const std::string address = address_of(request);
  const std::lock_guard lock(hashing_);
  if (const std::int64_t wait = std::max(users_.wait_ms(name), addresses_.wait_ms(address));
      wait > 0)
    throw Error("sign_in_throttled"_code, {{"seconds", std::to_string((wait + 999) / 1000)}});
  const std::optional<store::User> user = people_.user_with(name, password);
  if (!user) {
    users_.failed(name);
    addresses_.failed(address);
    throw Error("sign_in_failed"_code);
  }
  users_.forget(name);
  const std::string secret = people_.open_session(user->name);
  const std::optional<store::Session> session = people_.session(secret);
  if (!session) throw Error("sign_in_failed"_code);
  Identity who = of_session(secret, *session);
  who.address = address;
  return who;
}

bool Door::knows(const std::string& user) {
  const std::vector<store::User> users = people_.users();
  return std::any_of(users.begin(), users.end(),
                     [&](const store::User& one) { return one.name == user; });
}

void Door::sign_out(const Identity& who) {
  if (who.kind == Identity::Kind::session) people_.close_session(who.secret);
}

bool Door::still_open(const Identity& who) {
  if (who.kind == Identity::Kind::session) return people_.session(who.secret, false).has_value();
  if (who.kind == Identity::Kind::token) return people_.token(who.secret).has_value();
  return is_open();
}

}  // namespace thorax::serve
