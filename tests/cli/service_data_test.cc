// The commands about what the service keeps: user, token, audit, backup, restore.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "cli/run_thorax.h"
#include "store/database.h"
#include "store/people.h"
#include "store/store.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing_support::Ended;
using testing_support::run_thorax;
using testing_support::TemporaryFolder;

constexpr const char* kPassword = "correct horse battery";

class ServiceData : public testing::Test {
 protected:
  /// A command on the folder of the service.
  Ended run(std::vector<std::string> words) {
    words.insert(words.end(), {"--data", data.string()});
    return run_thorax(words);
  }
  /// The same, with a password where --password-fd reads it.
  Ended with_password(std::vector<std::string> words, const std::string& password) {
    // Without O_CLOEXEC: the program is to have it.
    const int descriptor = open(folder.write("password", password + "\n").c_str(), O_RDONLY);
    words.insert(words.end(), {"--password-fd", std::to_string(descriptor)});
    const Ended ended = run(words);
    close(descriptor);
    return ended;
  }
  Ended add(const std::string& name, const std::string& role) {
    return with_password({"user", "add", name, "--role", role}, kPassword);
  }
  std::optional<store::User> user_with(const std::string& name, const std::string& password) {
    store::Database database(data / store::kDatabaseName);
    return store::People(database).user_with(name, password);
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) out.push_back(line);
    return out;
  }

  TemporaryFolder folder;
  const fs::path data = folder / "data";
};

TEST_F(ServiceData, UsersAreAddedListedChangedAndRemoved) {
  EXPECT_EQ(add("anna", "admin").exit_code, 0);
  EXPECT_EQ(with_password({"user", "add", "boris", "--names"}, kPassword).exit_code, 0);
  const std::vector<std::string> listed = lines(run({"user", "list"}).out);
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_THAT(listed[1], AllOf(StartsWith("anna"), HasSubstr("admin")));
  EXPECT_THAT(listed[2], AllOf(StartsWith("boris"), HasSubstr("viewer"), HasSubstr("names")));
  EXPECT_EQ(with_password({"user", "password", "boris"}, "battery staple horse").exit_code, 0);
  EXPECT_FALSE(user_with("boris", kPassword));
  EXPECT_TRUE(user_with("boris", "battery staple horse"));
  EXPECT_EQ(run({"user", "remove", "boris"}).exit_code, 0);
  EXPECT_EQ(lines(run({"user", "list"}).out).size(), 2u);
  EXPECT_EQ(fs::status(data).permissions(), fs::perms::owner_all) << "others must not look";
}

TEST_F(ServiceData, UsersThatMakeNoSenseAreRefusedByCode) {
  EXPECT_EQ(add("anna", "viewer").exit_code, 0);
  const Ended twice = add("anna", "viewer");
  EXPECT_EQ(twice.exit_code, 73);
  EXPECT_THAT(twice.err, HasSubstr("USER_EXISTS"));
  EXPECT_THAT(add("Anna", "viewer").err, HasSubstr("BAD_USER_NAME"));
  EXPECT_THAT(add("boris", "owner").err, HasSubstr("BAD_PARAMETER"));
  EXPECT_THAT(with_password({"user", "add", "boris"}, "short").err, HasSubstr("WEAK_PASSWORD"));
  EXPECT_THAT(run({"user", "remove", "boris"}).err, HasSubstr("UNKNOWN_USER"));
  EXPECT_EQ(run({"user"}).exit_code, 64);
}

TEST_F(ServiceData, ATokenIsShownOnceAndEnds) {
  const Ended made = run({"token", "create", "bridge", "--scope", "read,upload", "--days", "90"});
  EXPECT_EQ(made.exit_code, 0);
  EXPECT_THAT(made.out, StartsWith("thorax_"));
  EXPECT_EQ(lines(made.out).size(), 1u) << "the token alone, so that a script can take it";
  const std::vector<std::string> listed = lines(run({"token", "list"}).out);
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_THAT(listed[1], AllOf(HasSubstr("bridge"), HasSubstr("read,upload")));
  EXPECT_THAT(listed[1], Not(HasSubstr(lines(made.out)[0].substr(7))));
  const std::string id = listed[1].substr(0, listed[1].find(' '));
  EXPECT_EQ(run({"token", "remove", id}).exit_code, 0);
  EXPECT_EQ(lines(run({"token", "list"}).out).size(), 1u);
  EXPECT_THAT(run({"token", "remove", id}).err, HasSubstr("UNKNOWN_ID"));
  EXPECT_THAT(run({"token", "create", "a", "--scope", "everything"}).err,
              HasSubstr("BAD_PARAMETER"));
}

TEST_F(ServiceData, TheAuditLogTellsWhoDidWhatAndWhetherItWasChanged) {
  add("anna", "admin");
  add("boris", "viewer");
  run({"user", "remove", "boris"});
  const std::vector<std::string> listed = lines(run({"audit", "list"}).out);
  ASSERT_EQ(listed.size(), 4u);
  EXPECT_THAT(listed[1], AllOf(StartsWith("3 "), HasSubstr("cli:"), HasSubstr("user_remove")));
  EXPECT_EQ(lines(run({"audit", "list", "--target", "anna"}).out).size(), 2u);
  const Ended good = run({"audit", "verify"});
  EXPECT_EQ(good.exit_code, 0);
  const std::string head = lines(good.out).back();
  EXPECT_THAT(head, StartsWith("3:"));
  EXPECT_EQ(run({"audit", "verify", "--head", head}).exit_code, 0);
  {
    store::Database database(data / store::kDatabaseName);
    database.execute("UPDATE audit SET target = 'vera' WHERE number = 2");
  }
  const Ended bad = run({"audit", "verify"});
  EXPECT_NE(bad.exit_code, 0);
  EXPECT_THAT(bad.err, HasSubstr("AUDIT_RECORD_CHANGED"));
  EXPECT_THAT(run({"audit", "verify", "--head", "nonsense"}).err, HasSubstr("BAD_PARAMETER"));
}

TEST_F(ServiceData, ABackupIsRestoredAndADamagedOneIsNot) {
  add("anna", "admin");
  {
    store::Store store(data, {});
    store::Upload upload = store.files().begin();
    upload.write(std::string("content of the study"));
    store.accept(std::move(upload), "a.zip", {});
  }
  const fs::path backup = folder / "backup.tar", again = folder / "again";
  const Ended made = run({"backup", backup.string()});
  EXPECT_EQ(made.exit_code, 0);
  EXPECT_THAT(made.out, HasSubstr("1 studies, "));
  EXPECT_THAT(run({"audit", "list", "--action", "backup"}).out, HasSubstr("backup.tar"));
  const Ended restored = run_thorax({"restore", backup.string(), "--data", again.string()});
  EXPECT_EQ(restored.exit_code, 0);
  EXPECT_THAT(restored.out, HasSubstr("1 studies, "));
  { const store::Store store(again, {}); }
  EXPECT_THAT(run_thorax({"user", "list", "--data", again.string()}).out, HasSubstr("anna"));
  EXPECT_EQ(run_thorax({"audit", "verify", "--data", again.string()}).exit_code, 0);
  const Ended over = run_thorax({"restore", backup.string(), "--data", again.string()});
  EXPECT_NE(over.exit_code, 0) << "what is there is not written over";
  fs::resize_file(backup, fs::file_size(backup) / 2);
  const fs::path third = folder / "third";
  EXPECT_NE(run_thorax({"restore", backup.string(), "--data", third.string()}).exit_code, 0);
  EXPECT_THAT(run_thorax({"restore", (folder / "none").string(), "--data", third.string()}).out,
              IsEmpty());
}

}  // namespace
}  // namespace thorax
