// A service that knows users, with the test's clock.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>

#include "serve/stub_service.h"
#include "store/audit.h"
#include "store/people.h"
#include "store/schema.h"
#include "store/store.h"

namespace thorax::testing_support {

inline constexpr const char* kPassword = "correct horse battery";
inline constexpr std::int64_t kMinute = 60'000;
inline constexpr const char* kAnId = "0193f0a1b2c3d4e5f6a7b8c9";

class PeopleService : public testing::Test {
 protected:
  PeopleService() {
    store::make_data_folder(options.data);
    database.emplace(std::filesystem::path(options.data) / store::kDatabaseName);
    store::migrate(*database);
    people.emplace(*database, [this] { return now.load(); });
  }
  void start() {
    service.reset();
    service.emplace(options, stub_worker(folder), [this] { return now.load(); });
    client.emplace(service->port());
  }
  void start_with(store::Role role) {
    people->add("anna", role, false, kPassword);
    start();
  }
  Answer sign_in(const std::string& user, const std::string& password) {
    return client->post("/api/v1/session",
                        nlohmann::json{{"user", user}, {"password", password}}.dump());
  }
  /// What the client sends from now on; returns the token against forged requests.
  std::string signed_in() {
    const Answer answer = sign_in("anna", kPassword);
    EXPECT_EQ(answer.status, 200);
    const std::string cookie = answer.header("Set-Cookie");
    client->raw().set_default_headers({{"Cookie", cookie.substr(0, cookie.find(';'))}});
    return answer.json()["csrf_token"];
  }
  void with_token(const store::Rights& rights) {
    client->raw().set_default_headers(
        {{"Authorization", "Bearer " + people->create_token("bridge", rights, 0)}});
  }
  static std::string code(const Answer& answer) { return answer.json().value("code", ""); }

  TemporaryFolder folder;
  serve::Options options = stub_options(folder);
  std::atomic<std::int64_t> now{1'700'000'000'000};
  std::optional<store::Database> database;
  std::optional<store::People> people;
  std::optional<serve::Service> service;
  std::optional<Client> client;
};

}  // namespace thorax::testing_support
