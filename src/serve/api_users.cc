// Who may sign in, for administrators.
#include <algorithm>

#include "base/error.h"
#include "serve/api.h"
#include "store/rights.h"

namespace thorax::serve {
namespace {

constexpr std::size_t kMaxBody = 16 << 10;

Json user_json(const store::User& user) {
  return {
      {"name", user.name},
      {"role", std::string(to_string(user.role))},
      {"sees_names", user.rights.has(store::Right::names)},
      {"created_at", time_text(user.created_at)},
      {"signed_in_at", user.signed_in_at ? Json(time_text(*user.signed_in_at)) : Json(nullptr)}};
}

store::User known_user(Context& context, const std::string& name) {
  const std::vector<store::User> users = context.people.users();
  const auto found = std::find_if(users.begin(), users.end(),
                                  [&](const store::User& one) { return one.name == name; });
  if (found == users.end()) throw Error("unknown_user"_code, {{"name", name}});
  return *found;
}

bool flag_of(const nlohmann::json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end()) return false;
  if (!found->is_boolean()) throw Error("bad_request"_code);
  return found->get<bool>();
}

void list(Context& context, Call& call) {
  Json users = Json::array();
  for (const store::User& user : context.people.users()) users.push_back(user_json(user));
  call.answer(Json{{"users", std::move(users)}});
}

void add(Context& context, Call& call) {
  const nlohmann::json body = call.read_json(kMaxBody);
  const std::string name = text_member(body, "name");
  const store::Role role = store::parse_role(text_member(body, "role"));
  // With the first user this machine alone no longer opens the door: somebody must have the key.
  if (role != store::Role::admin && !context.people.any()) throw Error("last_admin"_code);
  context.people.add(name, role, flag_of(body, "sees_names"), text_member(body, "password"));
  context.trace.record(call.who, "user_add", name, {{"role", std::string(to_string(role))}});
  call.answer(user_json(known_user(context, name)), 201);
}

void change(Context& context, Call& call, const std::string& name) {
  const nlohmann::json body = call.read_json(kMaxBody);
  const store::Role role = store::parse_role(text_member(body, "role"));
  context.people.set_role(name, role, flag_of(body, "sees_names"));
  context.trace.record(call.who, "user_role", name, {{"role", std::string(to_string(role))}});
  call.answer(user_json(known_user(context, name)));
}

void set_password(Context& context, Call& call, const std::string& name) {
  const nlohmann::json body = call.read_json(kMaxBody);
  context.people.set_password(name, text_member(body, "password"));
  context.trace.record(call.who, "user_password", name);
  call.response.status = 204;
}

void remove(Context& context, Call& call, const std::string& name) {
  context.people.remove(name, /*keep_admin=*/true);
  context.trace.record(call.who, "user_remove", name);
  call.response.status = 204;
}

}  // namespace

void users_api(Context& context, Call& call, const std::vector<std::string>& rest) {
  const std::string& method = call.request.method;
  if (rest.size() == 1 && is_reading(call.request)) return list(context, call);
  if (rest.size() == 1 && method == "POST") return add(context, call);
  if (rest.size() == 2 && method == "POST") return change(context, call, rest[1]);
  if (rest.size() == 2 && method == "DELETE") return remove(context, call, rest[1]);
  if (rest.size() == 3 && method == "POST" && rest[2] == "password")
    return set_password(context, call, rest[1]);
  throw Error("nothing_there"_code, {{"path", method + ' ' + call.request.path}});
}

}  // namespace thorax::serve
