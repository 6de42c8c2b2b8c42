// A log whose records cannot be changed, removed or moved unseen.
#include "store/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/hash.h"
#include "store/schema.h"
#include "store/store.h"
#include "support/temporary_folder.h"

namespace thorax::store {
namespace {

using testing_support::TemporaryFolder;

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    migrate(database);
    for (const char* who : {"anna", "bert", "anna", "carl"})
      audit.append({who, "192.0.2.1", "view_study", "0193f0a1b2c3d4e5f6a7b8c9", {{"k", "v"}}});
  }
  /// What verify() says: the code and the record it names.
  std::string verdict(const std::optional<AuditHead>& noted = {}) {
    try {
      return audit.verify(noted).text().substr(0, 2);
    } catch (const Error& error) {
      const auto& args = error.notice().args;
      return error.notice().id() + ' ' +
             (args.contains("number") ? args.at("number") : args.at("expected"));
    }
  }

  TemporaryFolder folder;
  std::int64_t now = 1'700'000'000'000;
  Database database{folder / kDatabaseName};
  Audit audit{database, folder.path(), [this] { return ++now; }};
};

TEST_F(AuditTest, RecordsAreWrittenListedAndHold) {
  EXPECT_EQ(verdict(), "4:");
  const std::vector<AuditRecord> all = audit.list({});
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].number, 4);
  EXPECT_EQ(all[0].entry.who, "carl");
  EXPECT_EQ(all[0].entry.details.at("k"), "v");
  EXPECT_EQ(all[3].at, 1'700'000'000'001);
  AuditQuery query;
  query.who = "anna";
  query.limit = 1;
  EXPECT_EQ(audit.count(query), 2);
  EXPECT_EQ(audit.list(query)[0].number, 3);
}

TEST_F(AuditTest, TheHashIsTheOneThatIsDescribed) {
  AuditRecord record;
  record.number = 1;
  record.at = 2;
  record.entry = {"anna", "a", "view_study", "s", {}};
  EXPECT_EQ(audit_hash(std::string(64, '0'), record),
            sha256_hex(std::string(64, '0') +
                       "\n{\"action\":\"view_study\",\"address\":\"a\",\"at\":2,\"details\":{},"
                       "\"number\":1,\"target\":\"s\",\"who\":\"anna\"}"));
}

TEST_F(AuditTest, AChangeIsNamed) {
  for (const char* change : {"who = 'dora'", "at = 1", "action = 'x'", "target = ''",
                             "details = '{}'", "address = ''"}) {
    database.execute(std::string("UPDATE audit SET ") + change + " WHERE number = 2");
    EXPECT_EQ(verdict(), "AUDIT_RECORD_CHANGED 2") << change;
    database.execute(
        "UPDATE audit SET (who, at, action, target, details, address) = ('bert', 1700000000002, "
        "'view_study', '0193f0a1b2c3d4e5f6a7b8c9', '{\"k\":\"v\"}', '192.0.2.1') WHERE number = 2");
    EXPECT_EQ(verdict(), "4:");
  }
}

TEST_F(AuditTest, AChangeWithItsHashShowsAtTheNext) {
  std::vector<AuditRecord> all = audit.list({});
  AuditRecord forged = all[2];
  forged.entry.who = "dora";
  database.prepare("UPDATE audit SET who = 'dora', hash = ? WHERE number = 2")
      .bind(audit_hash(all[3].hash, forged))
      .run();
  EXPECT_EQ(verdict(), "AUDIT_RECORD_CHANGED 3");
}

TEST_F(AuditTest, WhatIsRemovedIsNamed) {
  database.execute("DELETE FROM audit WHERE number = 2");
  EXPECT_EQ(verdict(), "AUDIT_RECORD_MISSING 2");
  database.execute("UPDATE audit SET number = number - 1 WHERE number > 2");
  EXPECT_EQ(verdict(), "AUDIT_RECORD_CHANGED 2");
}

TEST_F(AuditTest, WhatIsMovedIsNamed) {
  database.execute(
      "UPDATE audit SET number = 100 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = "
      "3; UPDATE audit SET number = 3 WHERE number = 100");
  EXPECT_EQ(verdict(), "AUDIT_RECORD_CHANGED 2");
}

TEST_F(AuditTest, WhatIsCutOffAtTheEndIsNamed) {
  const AuditHead head = audit.verify();
  database.execute("DELETE FROM audit WHERE number > 2");
  EXPECT_EQ(verdict(), "AUDIT_CUT_SHORT 4");
  // With a head that was forged too, only one that was noted elsewhere tells.
  folder.write("audit.head", "2:" + audit.list({})[0].hash + "\n");
  EXPECT_EQ(verdict(), "2:");
  EXPECT_EQ(verdict(head), "AUDIT_CUT_SHORT 4");
  database.execute("DELETE FROM audit");
  EXPECT_EQ(verdict(), "AUDIT_CUT_SHORT 2");
}

TEST_F(AuditTest, AHeadThatIsGoneIsACut) {
  std::filesystem::remove(folder / "audit.head");
  EXPECT_EQ(verdict(), "AUDIT_CUT_SHORT ?");
}

TEST_F(AuditTest, ACrashBetweenRecordAndHeadIsNoCut) {
  std::ifstream file(folder / "audit.head");
  std::string head;
  std::getline(file, head);
  audit.append({"anna", "", "sign_in", "anna", {}});
  folder.write("audit.head", head + "\n");
  EXPECT_EQ(verdict(), "5:");
}

TEST_F(AuditTest, AnyTextIsKeptSoThatItHolds) {
  audit.append({"a\"\\\n\x01", "\xff\xfe", "x", "<script>", {{"\xff", "Иванов"}}});
  EXPECT_EQ(verdict(), "5:");
  EXPECT_EQ(audit.list({})[0].entry.target, "<script>");
}

TEST(AuditHeadTest, AHeadIsReadBack) {
  const AuditHead head{12, std::string(64, 'a')};
  EXPECT_EQ(AuditHead::parse(head.text()).number, 12);
  EXPECT_EQ(AuditHead::parse(head.text()).hash, head.hash);
  for (const std::string& bad :
       {std::string(), std::string(":"), "x:" + head.hash, std::string("1:abc"), "-1:" + head.hash})
    EXPECT_THROW(AuditHead::parse(bad), Error) << bad;
}

TEST(AuditLogTest, AnEmptyLogHolds) {
  const TemporaryFolder folder;
  Database database(folder / kDatabaseName);
  migrate(database);
  EXPECT_EQ(Audit(database, folder.path()).verify().number, 0);
}

}  // namespace
}  // namespace thorax::store
