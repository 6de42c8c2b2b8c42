// Users, sessions and tokens; the clock is the test's.
#include "store/people.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/schema.h"
#include "store/secrets.h"
#include "store/store.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"

namespace thorax::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing_support::code_of;
using testing_support::TemporaryFolder;

constexpr const char* kPassword = "correct horse battery";
constexpr std::int64_t kMinute = 60'000;

class PeopleTest : public testing::Test {
 protected:
  PeopleTest() { migrate(database); }

  TemporaryFolder folder;
  std::int64_t now = 1'000'000'000;
  Database database{folder / kDatabaseName};
  People people{database, [this] { return now; }, {30 * kMinute, 100 * kMinute}};
};

TEST_F(PeopleTest, AUserComesInByThePasswordAlone) {
  EXPECT_FALSE(people.any());
  people.add("anna", Role::operating, false, kPassword);
  EXPECT_TRUE(people.any());
  ASSERT_TRUE(people.user_with("anna", kPassword));
  EXPECT_EQ(people.user_with("anna", kPassword)->role, Role::operating);
  EXPECT_FALSE(people.user_with("anna", "correct horse batterY"));
  EXPECT_FALSE(people.user_with("anna", std::string(100'000, 'x')));
  EXPECT_FALSE(people.user_with("bert", kPassword));
  people.remove("anna");
  EXPECT_FALSE(people.user_with("anna", kPassword));
  EXPECT_FALSE(people.any());
}

TEST_F(PeopleTest, NamesAndPasswordsAreHeldToTheirRules) {
  const auto add = [&](const std::string& name, const std::string& password) {
    return code_of([&] { people.add(name, Role::viewer, false, password); });
  };
  for (const char* bad : {"", "Anna", "1a", "a b", "анна", "../a", "a/b"})
    EXPECT_EQ(add(bad, kPassword), "bad_user_name"_code) << bad;
  EXPECT_EQ(add(std::string(65, 'a'), kPassword), "bad_user_name"_code);
  EXPECT_EQ(add("anna", "ninechars"), "weak_password"_code);
  EXPECT_EQ(add("anna", "девятьбук"), "weak_password"_code);
  EXPECT_EQ(add("anna", std::string(1025, 'x')), "weak_password"_code);
  people.add("anna", Role::viewer, false, "десять букв");
  EXPECT_EQ(add("anna", kPassword), "user_exists"_code);
  EXPECT_EQ(code_of([&] { people.remove("bert"); }), "unknown_user"_code);
  EXPECT_EQ(code_of([&] { people.set_password("bert", kPassword); }), "unknown_user"_code);
}

TEST_F(PeopleTest, RolesHaveTheirRightsAndNamesCanBeAdded) {
  people.add("a", Role::viewer, false, kPassword);
  people.add("b", Role::viewer, true, kPassword);
  people.add("c", Role::operating, false, kPassword);
  people.add("d", Role::admin, false, kPassword);
  std::vector<std::string> rights;
  for (const User& user : people.users()) rights.push_back(user.rights.text());
  EXPECT_THAT(rights, ElementsAre("read", "read,names", "read,upload,remove,names",
                                  "read,upload,remove,names,admin"));
  EXPECT_EQ(Rights::parse("names,read"), (Rights{Right::read, Right::names}));
  EXPECT_EQ(code_of([] { Rights::parse("read,fly"); }), "bad_parameter"_code);
  EXPECT_EQ(code_of([] { parse_role("king"); }), "bad_parameter"_code);
}

TEST_F(PeopleTest, ASessionEndsWhenNothingIsAsked) {
  people.add("anna", Role::viewer, false, kPassword);
  const std::string secret = people.open_session("anna");
  now += 29 * kMinute;
  ASSERT_TRUE(people.session(secret));
  EXPECT_EQ(people.session(secret)->expires_at, now + 30 * kMinute);
  now += 29 * kMinute;
  EXPECT_TRUE(people.session(secret, false)) << "looked at, not used";
  now += kMinute;
  EXPECT_FALSE(people.session(secret));
}

TEST_F(PeopleTest, ASessionEndsHoweverMuchIsAsked) {
  people.add("anna", Role::viewer, false, kPassword);
  const std::string secret = people.open_session("anna");
  for (int i = 0; i < 9; ++i) {
    now += 10 * kMinute;
    EXPECT_TRUE(people.session(secret)) << i;
  }
  now += 10 * kMinute;
  EXPECT_FALSE(people.session(secret));
}

TEST_F(PeopleTest, WhatEndsAUserEndsTheSessions) {
  people.add("anna", Role::viewer, false, kPassword);
  const std::string first = people.open_session("anna"), second = people.open_session("anna");
  people.close_session(first);
  EXPECT_FALSE(people.session(first));
  EXPECT_TRUE(people.session(second));
  people.set_password("anna", "another password");
  EXPECT_FALSE(people.session(second));
  EXPECT_TRUE(people.user_with("anna", "another password"));
  const std::string third = people.open_session("anna");
  people.remove("anna");
  EXPECT_FALSE(people.session(third));
}

TEST_F(PeopleTest, ATokenHasItsScopesUntilItEnds) {
  const std::string open = people.create_token("bridge", {Right::read, Right::upload}, 0);
  const std::string brief = people.create_token("brief", {Right::read}, kMinute);
  EXPECT_THAT(open, StartsWith("thorax_"));
  ASSERT_TRUE(people.token(open));
  EXPECT_EQ(people.token(open)->rights.text(), "read,upload");
  EXPECT_TRUE(people.token(brief));
  now += kMinute;
  EXPECT_FALSE(people.token(brief));
  EXPECT_FALSE(people.token("thorax_0123"));
  const std::vector<Token> tokens = people.tokens();
  ASSERT_EQ(tokens.size(), 2u);
  for (const Token& token : tokens) people.remove_token(token.id);
  EXPECT_FALSE(people.token(open));
  EXPECT_EQ(code_of([&] { people.remove_token(tokens[0].id); }), "unknown_id"_code);
}

TEST_F(PeopleTest, NoSecretIsInTheDatabase) {
  people.add("anna", Role::viewer, false, kPassword);
  const std::string session = people.open_session("anna");
  const std::string token = people.create_token("bridge", {Right::read}, 0);
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string bytes = read_file(folder / kDatabaseName);
  EXPECT_THAT(bytes, HasSubstr("$argon2id$"));
  for (const std::string& secret : {std::string(kPassword), session, token})
    EXPECT_THAT(bytes, Not(HasSubstr(secret)));
}

TEST(SecretsTest, EverySecretIsNewAndWhatIsDerivedDoesNotTellIt) {
  const std::string secret = new_secret();
  EXPECT_EQ(secret.size(), 64u);
  EXPECT_NE(secret, new_secret());
  EXPECT_EQ(derived(secret, "csrf"), derived(secret, "csrf"));
  EXPECT_NE(derived(secret, "csrf"), derived(secret, "other"));
  EXPECT_NE(derived(secret, "csrf"), derived(new_secret(), "csrf"));
  EXPECT_TRUE(same_text("abc", "abc"));
  EXPECT_FALSE(same_text("abc", "abd"));
  EXPECT_FALSE(same_text("abc", "ab"));
  EXPECT_FALSE(password_fits("", ""));
}

TEST(SchemaTest, TheLayoutWithoutUsersGetsThem) {
  const TemporaryFolder folder;
  {
    Database database(folder / kDatabaseName);
    migrate(database, 2);
    database.execute(
        "INSERT INTO studies VALUES ('s1', 'old.zip', 'aa', 5, 1);"
        "INSERT INTO jobs (id, study_id, state, created_at, queued_at) VALUES "
        "('j1', 's1', 'done', 1, 1);"
        "INSERT INTO idempotency_keys VALUES ('k', 'aa', 's1', 'j1')");
  }
  Store store(folder.path(), {});
  EXPECT_TRUE(store.study("s1"));
  People people(store.database());
  EXPECT_THAT(people.users(), IsEmpty());
  people.add("anna", Role::viewer, false, kPassword);
  EXPECT_TRUE(people.user_with("anna", kPassword));
}

}  // namespace
}  // namespace thorax::store
