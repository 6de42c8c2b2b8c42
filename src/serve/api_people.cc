// Who one is, signing in, signing out.
#include "base/error.h"
#include "serve/api.h"

namespace thorax::serve {
namespace {

constexpr std::size_t kMaxBody = 16 << 10;

Json me(const Identity& who) {
  const bool in = who.kind != Identity::Kind::nobody;
  const auto known = [](const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
  };
  return {{"signed_in", who.kind == Identity::Kind::session || who.kind == Identity::Kind::token},
          {"sign_in_needed", !in},
          {"user", known(who.name)},
          {"role", known(who.role)},
          {"rights", who.rights.words()},
          {"names_hidden", !who.has(store::Right::names)},
          {"csrf_token", known(who.csrf)},
          {"expires_at", who.expires_at ? Json(time_text(*who.expires_at)) : Json(nullptr)}};
}

void sign_in(Context& context, Call& call) {
  const nlohmann::json body = call.read_json(kMaxBody);
  const std::string user = text_member(body, "user");
  Identity who = call.who;
  try {
    who = context.door.sign_in(call.request, user, text_member(body, "password"));
  } catch (const Error& error) {
    if (error.code() == "sign_in_throttled"_code) {
      context.trace.refused(call, error.notice());
      throw;
    }
    // Not the name that was typed: people type passwords there.
    const bool known = context.door.knows(user);
    context.trace.record(who, "sign_in_failed", known ? user : "", {{"code", error.notice().id()}});
    throw;
  }
  context.trace.record(who, "sign_in", who.name);
  call.response.set_header("Set-Cookie", context.door.cookie(who.secret));
  call.answer(me(who));
}

void sign_out(Context& context, Call& call) {
  context.door.sign_out(call.who);
  if (call.who.kind == Identity::Kind::session)
    context.trace.record(call.who, "sign_out", call.who.name);
  call.response.set_header("Set-Cookie", context.door.cookie({}));
  call.response.status = 204;
}

}  // namespace

void me_api(Call& call) {
  call.answer(me(call.who));
}

void own_password_api(Context& context, Call& call) {
  if (call.who.kind != Identity::Kind::session) throw Error("sign_in_needed"_code);
  const nlohmann::json body = call.read_json(kMaxBody);
  const std::string password = text_member(body, "new_password");
  // The door counts passwords that are wrong.
  context.door.sign_in(call.request, call.who.name, text_member(body, "password"));
  context.people.set_password(call.who.name, password);
  context.trace.record(call.who, "user_password", call.who.name);
  // That ended every session, this one too.
  const Identity who = context.door.sign_in(call.request, call.who.name, password);
  call.response.set_header("Set-Cookie", context.door.cookie(who.secret));
  call.answer(me(who));
}

void session_api(Context& context, Call& call) {
  if (call.request.method == "POST") return sign_in(context, call);
  if (call.request.method == "DELETE") return sign_out(context, call);
  throw Error("nothing_there"_code, {{"path", call.request.method + ' ' + call.request.path}});
}

}  // namespace thorax::serve
