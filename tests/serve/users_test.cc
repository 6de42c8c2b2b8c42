// Users and passwords over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/people_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using store::Right;
using store::Role;
using testing_support::Answer;
using testing_support::kPassword;

constexpr const char* kOther = "battery staple horse";

class UsersTest : public testing_support::PeopleService {
 protected:
  Answer post(const std::string& path, const json& body) {
    return client->post("/api/v1/" + path, body.dump(), {{"X-CSRF-Token", csrf}});
  }
  Answer add(const std::string& name, const std::string& role) {
    return post("users", {{"name", name}, {"role", role}, {"password", kPassword}});
  }
  int removed(const std::string& name) {
    return client->raw()
        .Delete(("/api/v1/users/" + name).c_str(), {{"X-CSRF-Token", csrf}})
        ->status;
  }
  std::vector<std::string> written() {
    std::vector<std::string> acts;
    for (const store::AuditRecord& one : store::Audit(*database, options.data).list({}))
      acts.push_back(one.entry.who + ' ' + one.entry.action + ' ' + one.entry.target);
    return acts;
  }
  std::string csrf;
};

TEST_F(UsersTest, AnAdministratorAddsChangesAndRemovesThem) {
  start_with(Role::admin);
  csrf = signed_in();
  const Answer added = add("boris", "viewer");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.json()["sees_names"], false);
  EXPECT_EQ(code(add("boris", "viewer")), "USER_EXISTS");
  EXPECT_EQ(code(add("Boris", "viewer")), "BAD_USER_NAME");
  EXPECT_EQ(code(add("vera", "owner")), "BAD_PARAMETER");
  EXPECT_EQ(code(post("users", {{"name", "vera"}, {"role", "viewer"}, {"password", "short"}})),
            "WEAK_PASSWORD");
  EXPECT_EQ(client->get("/api/v1/users").json()["users"].size(), 2u);
  const Answer changed = post("users/boris", {{"role", "operator"}});
  EXPECT_EQ(changed.json()["role"], "operator");
  EXPECT_EQ(changed.json()["sees_names"], true);
  EXPECT_EQ(code(post("users/vera", {{"role", "operator"}})), "UNKNOWN_USER");
  EXPECT_EQ(post("users/boris/password", {{"password", kOther}}).status, 204);
  EXPECT_TRUE(people->user_with("boris", kOther));
  EXPECT_EQ(removed("boris"), 204);
  EXPECT_EQ(removed("boris"), 404);
  EXPECT_THAT(written(),
              testing::IsSupersetOf({"anna user_add boris", "anna user_role boris",
                                     "anna user_password boris", "anna user_remove boris"}));
}

TEST_F(UsersTest, ThereIsAlwaysAnAdministrator) {
  start();
  EXPECT_EQ(code(add("boris", "viewer")), "LAST_ADMIN") << "the first one";
  EXPECT_EQ(add("anna", "admin").status, 201);
  EXPECT_EQ(client->get("/api/v1/users").status, 401) << "from now on everybody signs in";
  csrf = signed_in();
  EXPECT_EQ(add("boris", "viewer").status, 201);
  EXPECT_EQ(code(post("users/anna", {{"role", "viewer"}})), "LAST_ADMIN");
  EXPECT_EQ(removed("anna"), 409);
  EXPECT_EQ(post("users/boris", {{"role", "admin"}}).status, 200);
  EXPECT_EQ(post("users/anna", {{"role", "viewer"}}).status, 200);
  EXPECT_EQ(client->get("/api/v1/users").status, 403) << "a session has the new rights at once";
}

TEST_F(UsersTest, OthersMayNot) {
  start_with(Role::operating);
  csrf = signed_in();
  EXPECT_EQ(client->get("/api/v1/users").status, 403);
  EXPECT_EQ(add("boris", "admin").status, 403);
  EXPECT_EQ(post("users/anna", {{"role", "admin"}}).status, 403);
  EXPECT_EQ(post("users/anna/password", {{"password", kOther}}).status, 403);
  EXPECT_EQ(removed("anna"), 403);
}

TEST_F(UsersTest, ButEverybodySetsTheirOwnPassword) {
  start_with(Role::viewer);
  csrf = signed_in();
  const json wanted{{"password", kPassword}, {"new_password", kOther}};
  EXPECT_EQ(code(post("me/password", {{"password", "not this one"}, {"new_password", kOther}})),
            "SIGN_IN_FAILED");
  EXPECT_EQ(code(post("me/password", {{"password", kPassword}, {"new_password", "short"}})),
            "WEAK_PASSWORD");
  EXPECT_EQ(code(client->post("/api/v1/me/password", wanted.dump())), "CSRF_MISSING");
  const Answer answer = post("me/password", wanted);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["user"], "anna");
  EXPECT_EQ(client->get("/api/v1/studies").status, 401) << "the old session has ended";
  const std::string cookie = answer.header("Set-Cookie");
  client->raw().set_default_headers({{"Cookie", cookie.substr(0, cookie.find(';'))}});
  EXPECT_EQ(client->get("/api/v1/studies").status, 200);
  EXPECT_FALSE(people->user_with("anna", kPassword));
  with_token({Right::read});
  EXPECT_EQ(code(post("me/password", wanted)), "SIGN_IN_NEEDED") << "a program has no password";
}

TEST_F(UsersTest, OwnPasswordsCannotBeGuessedEither) {
  start_with(Role::viewer);
  csrf = signed_in();
  const json wrong{{"password", "not this one"}, {"new_password", kOther}};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(code(post("me/password", wrong)), "SIGN_IN_FAILED");
  EXPECT_EQ(code(post("me/password", wrong)), "SIGN_IN_THROTTLED");
}

}  // namespace
}  // namespace thorax::serve
