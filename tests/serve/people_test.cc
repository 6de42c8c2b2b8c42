// Who may do what; the clock is the test's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "serve/door.h"
#include "serve/people_service.h"
#include "serve/views.h"
#include "support/code_of.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using store::Right;
using store::Role;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing_support::Answer;
using testing_support::Client;
using testing_support::kAnId;
using testing_support::kMinute;
using testing_support::kPassword;

using SignInTest = testing_support::PeopleService;

TEST_F(SignInTest, WithoutUsersThisMachineNeedsNone) {
  start();
  const json me = client->get("/api/v1/me").json();
  EXPECT_EQ(me["signed_in"], false);
  EXPECT_EQ(me["sign_in_needed"], false);
  EXPECT_EQ(me["user"], "local");
  EXPECT_EQ(me["names_hidden"], false);
  EXPECT_EQ(client->get("/api/v1/studies").status, 200);
}

TEST_F(SignInTest, WithAUserEverythingWantsIt) {
  start_with(Role::viewer);
  folder.write("page/index.html", "<!doctype html>");
  const testing_support::OpenApi described;
  int closed = 0;
  for (const std::string& operation : described.operations()) {
    const std::string method = operation.substr(0, operation.find(' '));
    std::string path = operation.substr(method.size() + 1);
    while (path.find('{') != std::string::npos)
      path.replace(path.find('{'), path.find('}') - path.find('{') + 1, kAnId);
    if (described.is_open(method, path)) continue;
    ++closed;
    Answer answer = method == "GET"      ? client->get(path)
                    : method == "DELETE" ? client->remove(path)
                                         : client->post(path, "sick");
    if (operation == "DELETE /api/v1/session") {
      EXPECT_EQ(answer.status, 204);
      continue;
    }
    EXPECT_EQ(answer.status, 401) << operation;
    EXPECT_EQ(code(answer), "SIGN_IN_NEEDED") << operation;
    EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
  }
  EXPECT_GT(closed, 15);
  for (const char* open : {"/healthz", "/readyz", "/health", "/api/v1/openapi.json"})
    EXPECT_EQ(client->get(open).status, 200) << open;
  EXPECT_EQ(client->raw().Get("/")->status, 200);
  const json me = client->get("/api/v1/me").json();
  EXPECT_EQ(me["sign_in_needed"], true);
  EXPECT_THAT(me["rights"], IsEmpty());
}

TEST_F(SignInTest, ASessionIsOpenedUsedAndEnded) {
  start_with(Role::operating);
  const Answer answer = sign_in("anna", kPassword);
  const std::string cookie = answer.header("Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly"));
  EXPECT_THAT(cookie, HasSubstr("; SameSite=Strict"));
  EXPECT_THAT(cookie, Not(HasSubstr("Secure"))) << "there is no TLS here";
  const std::string csrf = signed_in();
  const json me = client->get("/api/v1/me").json();
  EXPECT_EQ(me["user"], "anna");
  EXPECT_EQ(me["role"], "operator");
  EXPECT_EQ(me["csrf_token"], csrf);
  EXPECT_EQ(me["expires_at"], time_text(now + 30 * kMinute));
  EXPECT_EQ(client->get("/api/v1/studies").status, 200);
  EXPECT_EQ(client->post("/api/v1/studies", "sick", {{"X-CSRF-Token", csrf}}).status, 201);
  EXPECT_EQ(code(client->remove("/api/v1/session")), "CSRF_MISSING");
  const auto out = client->raw().Delete("/api/v1/session", {{"X-CSRF-Token", csrf}});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->status, 204);
  EXPECT_THAT(out->get_header_value("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(client->get("/api/v1/studies").status, 401);
}

TEST_F(SignInTest, AChangeWithoutTheSessionsTokenIsRefused) {
  start_with(Role::operating);
  const std::string csrf = signed_in();
  EXPECT_EQ(code(client->post("/api/v1/studies", "sick")), "CSRF_MISSING");
  EXPECT_EQ(code(client->post("/predict", "sick", {{"X-CSRF-Token", "wrong"}})), "CSRF_MISSING");
  EXPECT_EQ(client->remove(std::string("/api/v1/studies/") + kAnId).status, 403);
  const std::string other = sign_in("anna", kPassword).json()["csrf_token"];
  EXPECT_NE(other, csrf);
  EXPECT_EQ(client->post("/api/v1/studies", "sick", {{"X-CSRF-Token", other}}).status, 403);
}

TEST_F(SignInTest, SessionsEndByTheClock) {
  start_with(Role::viewer);
  signed_in();
  now += 29 * kMinute;
  EXPECT_EQ(client->get("/api/v1/studies").status, 200);
  now += 30 * kMinute;
  EXPECT_EQ(client->get("/api/v1/studies").status, 401);
  client->raw().set_default_headers({});
  signed_in();
  for (int i = 0; i < 12 * 3 - 1; ++i) {
    now += 20 * kMinute;
    EXPECT_EQ(client->get("/api/v1/status").status, 200) << i;
  }
  now += 20 * kMinute;
  EXPECT_EQ(client->get("/api/v1/status").status, 401);
}

TEST_F(SignInTest, GuessingIsStoppedForTheUserAndNotTold) {
  start_with(Role::viewer);
  const Answer wrong = sign_in("anna", "wrong password");
  const Answer unknown = sign_in("nobody", "wrong password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  for (int i = 1; i < 10; ++i) EXPECT_EQ(sign_in("anna", "wrong password").status, 401);
  const Answer stopped = sign_in("anna", kPassword);
  EXPECT_EQ(stopped.status, 429);
  EXPECT_EQ(code(stopped), "SIGN_IN_THROTTLED");
  EXPECT_EQ(stopped.header("Retry-After"), "900");
  now += 15 * kMinute;
  EXPECT_EQ(sign_in("anna", kPassword).status, 200);
}

TEST_F(SignInTest, GuessingIsStoppedForTheAddressWhateverTheName) {
  Door door(*people, options, [this] { return now.load(); }, {10, 3, 15 * kMinute});
  people->add("anna", Role::viewer, false, kPassword);
  httplib::Request request;
  request.remote_addr = "192.0.2.1";
  const auto attempt = [&](const std::string& name, const std::string& password) {
    return testing_support::code_of([&] { door.sign_in(request, name, password); });
  };
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(attempt(name, "x"), "sign_in_failed"_code);
  EXPECT_EQ(attempt("anna", kPassword), "sign_in_throttled"_code);
  request.remote_addr = "192.0.2.2";
  EXPECT_EQ(attempt("anna", kPassword), std::nullopt) << "another address comes in";
  request.remote_addr = "192.0.2.1";
  now += 15 * kMinute;
  EXPECT_EQ(attempt("anna", kPassword), std::nullopt);
}

TEST_F(SignInTest, SignInsThatMakeNoSenseAreRefused) {
  start_with(Role::viewer);
  for (const char* body : {"", "x", "[]", "{}", R"({"user":"anna"})", R"({"user":1,"password":2})"})
    EXPECT_EQ(code(client->post("/api/v1/session", body)), "BAD_REQUEST") << body;
  EXPECT_EQ(code(client->post("/api/v1/session", std::string(20'000, ' '))), "BODY_TOO_LARGE");
}

TEST_F(SignInTest, RolesDecide) {
  start_with(Role::viewer);
  const std::string csrf = signed_in();
  const httplib::Headers good{{"X-CSRF-Token", csrf}};
  EXPECT_EQ(client->get("/api/v1/studies").status, 200);
  const Answer refused = client->post("/api/v1/studies", "sick", good);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code(refused), "NOT_ALLOWED");
  EXPECT_EQ(client->post("/analyze", "sick", good).status, 403);
  EXPECT_EQ(client->post(std::string("/api/v1/jobs/") + kAnId + "/retry", "", good).status, 403);
  EXPECT_EQ(client->get(std::string("/api/v1/studies/") + kAnId + "/file").status, 403);
}

TEST_F(SignInTest, DicomObjectsNeedTheRightToNames) {
  start_with(Role::admin);
  with_token({Right::read, Right::upload});
  const Answer study = client->post("/api/v1/studies", "dicom");
  client->ended(study.json()["job"]["id"]);
  const std::string place = "/api/v1/studies/" + study.json()["id"].get<std::string>();
  for (const char* name : {"/dicom.zip", "/results/1/segmentation.dcm", "/results/1/report.dcm"})
    EXPECT_EQ(code(client->get(place + name)), "NOT_ALLOWED") << name;
  EXPECT_EQ(code(client->post_form("/predict?format=dicom", "dicom")), "NOT_ALLOWED");
  with_token({Right::read, Right::names});
  EXPECT_EQ(client->get(place + "/dicom.zip").status, 200);
}

TEST_F(SignInTest, TokensHaveTheirScopesAndNeedNoSession) {
  start_with(Role::admin);
  with_token({Right::read});
  EXPECT_EQ(client->get("/api/v1/studies").status, 200);
  EXPECT_EQ(client->get("/metrics").status, 200);
  EXPECT_EQ(client->post("/api/v1/studies", "sick").status, 403);
  EXPECT_EQ(client->get("/api/v1/me").json()["user"], "bridge");
  with_token({Right::upload});
  const Answer study = client->post("/api/v1/studies", "sick");
  EXPECT_EQ(study.status, 201);
  EXPECT_EQ(client->get("/api/v1/studies").status, 403);
  const std::string place = "/api/v1/studies/" + study.json()["id"].get<std::string>();
  EXPECT_EQ(client->remove(place).status, 403);
  with_token({Right::read, Right::remove});
  EXPECT_EQ(client->get(place + "/file").status, 403);
  client->ended(study.json()["job"]["id"]);
  EXPECT_EQ(client->remove(place).status, 204);
  client->raw().set_default_headers({{"Authorization", "Bearer thorax_0123"}});
  EXPECT_EQ(code(client->get("/api/v1/studies")), "TOKEN_INVALID");
  client->raw().set_default_headers({{"Cookie", "thorax=0123; a=b"}});
  EXPECT_EQ(code(client->get("/api/v1/studies")), "SIGN_IN_NEEDED");
}

TEST_F(SignInTest, AStreamEndsWithItsSession) {
  start_with(Role::operating);
  const std::string csrf = signed_in();
  std::atomic<bool> heard{false};
  std::thread listener(
      [&,
       headers = httplib::Headers{
           {"Authorization", "Bearer " + people->create_token("brief", {Right::read}, kMinute)}}] {
        httplib::Client stream("127.0.0.1", service->port());
        stream.set_read_timeout(60);
        stream.Get("/api/v1/events", headers, [&](const char*, std::size_t) {
          heard = true;
          return true;
        });
      });
  while (!heard) std::this_thread::yield();
  now += 2 * kMinute;
  // Something happens, so that the stream has a reason to look.
  EXPECT_EQ(client->post("/api/v1/studies", "sick", {{"X-CSRF-Token", csrf}}).status, 201);
  listener.join();
}

TEST_F(SignInTest, NoSecretIsInTheLog) {
  testing::internal::CaptureStderr();
  log::set_level(log::Level::debug);
  start_with(Role::operating);
  const std::string csrf = signed_in();
  sign_in("anna", "some wrong password");
  const std::string token = people->create_token("bridge", {Right::read}, 0);
  client->get("/api/v1/studies", {{"Authorization", "Bearer " + token}});
  client->raw().set_default_headers({});
  with_token({Right::read, Right::upload});
  client->ended(client->upload("crash", "Ivanov^Ivan.zip")["job"]["id"]);
  service.reset();
  log::set_level(log::Level::warning);
  const std::string logged = testing::internal::GetCapturedStderr();
  for (const std::string& secret :
       {std::string(kPassword), std::string("some wrong"), csrf, token, std::string("Ivanov")})
    EXPECT_THAT(logged, Not(HasSubstr(secret)));
}

TEST_F(SignInTest, OtherAddressesWantUsersAndTls) {
  options.address = "0.0.0.0";
  const auto failure = [&] { return testing_support::code_of([&] { start(); }); };
  EXPECT_EQ(failure(), "users_missing"_code);
  people->add("anna", Role::viewer, false, kPassword);
  EXPECT_EQ(failure(), "tls_missing"_code);
  options.behind_proxy = true;
  EXPECT_EQ(failure(), std::nullopt) << "it starts";
  EXPECT_EQ(client->get("/api/v1/studies").status, 401);
  people->remove("anna");
  EXPECT_EQ(client->get("/api/v1/studies").status, 401) << "still closed when the last one goes";
}

TEST_F(SignInTest, AProxySaysWhoseAddressItIsAndPagesOfOthersAreRefused) {
  options.behind_proxy = true;
  start_with(Role::operating);
  const std::string csrf = signed_in();
  EXPECT_THAT(sign_in("anna", kPassword).header("Set-Cookie"), HasSubstr("; Secure"));
  const auto from = [&](const std::string& origin) {
    return client
        ->post("/api/v1/studies", "sick",
               {{"X-CSRF-Token", csrf}, {"Origin", origin}, {"Host", "thorax.example"}})
        .status;
  };
  EXPECT_EQ(from("https://thorax.example"), 201);
  EXPECT_EQ(from("https://evil.example"), 403);
  for (int i = 0; i < 10; ++i) sign_in("nobody", "wrong password");
  EXPECT_EQ(sign_in("nobody", "wrong password").status, 429);
}

TEST(ThrottleTest, OldFailuresAreForgotten) {
  std::int64_t now = 0;
  Throttle throttle(2, 100, [&] { return now; });
  throttle.failed("a");
  now = 50;
  throttle.failed("a");
  EXPECT_EQ(throttle.wait_ms("a"), 50);
  EXPECT_EQ(throttle.wait_ms("b"), 0);
  now = 100;
  EXPECT_EQ(throttle.wait_ms("a"), 0);
  throttle.failed("a");
  EXPECT_EQ(throttle.wait_ms("a"), 50);
  throttle.forget("a");
  EXPECT_EQ(throttle.wait_ms("a"), 0);
}

TEST(ThrottleTest, NamesAreLimited) {
  std::int64_t now = 0;
  Throttle throttle(1, 1'000'000, [&] { return now; });
  for (int i = 0; i < 10'001; ++i) {
    ++now;
    throttle.failed(std::to_string(i));
  }
  EXPECT_EQ(throttle.wait_ms("0"), 0) << "the oldest made room";
  EXPECT_GT(throttle.wait_ms("1"), 0);
  EXPECT_GT(throttle.wait_ms("10000"), 0);
}

}  // namespace
}  // namespace thorax::serve
