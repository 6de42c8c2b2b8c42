// Out into one file, and back; and what need not be kept.
#include "store/backup.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/audit.h"
#include "store/store.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"

namespace thorax::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::code_of;
using testing_support::TemporaryFolder;

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    store.emplace(folder / "data", StoreLimits{100, 0});
    Audit(store->database(), folder / "data").append({"anna", "", "sign_in", "anna", {}});
    study = send("content of the study");
    const Claim claim = *store->claim();
    folder.write("data/reports/" + claim.lease + "/a/report.html", "<p>report");
    store->finish(claim.lease,
                  {JobState::done, {}, {{1, claim.lease + "/a", "{}", "normal", "ct", "good"}}});
    report = claim.lease + "/a/report.html";
  }
  std::string send(const std::string& content) {
    Upload upload = store->files().begin();
    upload.write(content);
    return store->accept(std::move(upload), "a.zip", {}).study_id;
  }

  TemporaryFolder folder;
  std::optional<Store> store;
  std::string study, report;
};

TEST_F(BackupTest, WhatIsRestoredIsWhatWasThere) {
  folder.write("data/export.key", "the same pseudonyms after as before");
  const BackupSize written = write_backup(folder / "data", folder / "b.tar");
  EXPECT_EQ(written.studies, 1);
  EXPECT_EQ(fs::status(folder / "b.tar").permissions() & fs::perms::mask,
            fs::perms::owner_read | fs::perms::owner_write);
  const BackupSize read = restore_backup(folder / "b.tar", folder / "new");
  EXPECT_EQ(read.studies, 1);
  EXPECT_EQ(read.files, 1);
  EXPECT_EQ(read.bytes, 20u);
  Store restored(folder / "new", {});
  ASSERT_TRUE(restored.study(study));
  EXPECT_EQ(restored.study(study)->results.size(), 1u);
  EXPECT_EQ(read_file(restored.report_folder(report)), "<p>report");
  EXPECT_EQ(read_file(folder / "new/export.key"), "the same pseudonyms after as before");
  EXPECT_EQ(Audit(restored.database(), folder / "new").verify().number, 1);
  EXPECT_TRUE(fs::is_regular_file(folder / "data" / kDatabaseName)) << "nothing is taken away";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "data"))
    EXPECT_EQ(entry.path().filename().string().find("backup-"), std::string::npos);
}

TEST_F(BackupTest, NothingIsRestoredOverAnything) {
  write_backup(folder / "data", folder / "b.tar");
  EXPECT_EQ(code_of([&] { restore_backup(folder / "b.tar", folder / "data"); }),
            "restore_in_the_way"_code);
}

TEST_F(BackupTest, WhatIsNoBackupIsRefused) {
  EXPECT_EQ(code_of([&] { restore_backup(folder / "none.tar", folder / "n1"); }),
            "no_such_input"_code);
  folder.write("bad.tar", std::string(5000, 'x'));
  EXPECT_EQ(code_of([&] { restore_backup(folder / "bad.tar", folder / "n2"); }),
            "backup_unreadable"_code);
  EXPECT_EQ(code_of([&] { write_backup(folder / "nowhere", folder / "c.tar"); }),
            "no_such_input"_code);
}

TEST_F(BackupTest, ABackupThatWasDamagedIsRefused) {
  write_backup(folder / "data", folder / "b.tar");
  std::string bytes = read_file(folder / "b.tar");
  const std::size_t place = bytes.find("content of the study");
  ASSERT_NE(place, std::string::npos);
  bytes[place] = 'C';
  folder.write("damaged.tar", bytes);
  EXPECT_EQ(code_of([&] { restore_backup(folder / "damaged.tar", folder / "n"); }),
            "backup_unreadable"_code);
  EXPECT_TRUE(fs::is_empty(folder / "n"));
}

TEST_F(BackupTest, ABackupThatEndsTooSoonLeavesNothing) {
  write_backup(folder / "data", folder / "b.tar");
  // After the database, before the study.
  fs::resize_file(folder / "b.tar", fs::file_size(folder / "data" / kDatabaseName) + 1024);
  EXPECT_EQ(code_of([&] { restore_backup(folder / "b.tar", folder / "n"); }),
            "backup_unreadable"_code);
  EXPECT_TRUE(fs::is_empty(folder / "n"));
}

TEST_F(BackupTest, ABackupThatClimbsOutIsRefused) {
  write_backup(folder / "data", folder / "b.tar");
  std::string bytes = read_file(folder / "b.tar");
  // The name of an entry, with the sum of its header made to fit.
  const std::size_t header = bytes.find("audit.head");
  ASSERT_EQ(header % 512, 0u);
  bytes.replace(header, 10, "../../evil");
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bytes[header + i]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  bytes.replace(header + 148, 7, std::string(digits, 7));
  folder.write("evil.tar", bytes);
  EXPECT_EQ(code_of([&] { restore_backup(folder / "evil.tar", folder / "deep/er/n"); }),
            "backup_unreadable"_code);
  EXPECT_FALSE(fs::exists(folder / "deep/evil"));
}

TEST_F(BackupTest, WhatNeedNotBeKeptIsNamedTheOldestFirst) {
  const std::int64_t came = store->study(study)->created_at;
  EXPECT_THAT(store->outlived({}, came + 1'000'000), IsEmpty());
  EXPECT_THAT(store->outlived({1000, 0, 0}, came + 999), IsEmpty());
  EXPECT_THAT(store->outlived({1000, 0, 0}, came + 1000), ElementsAre(study));
  const std::string second = send("second");
  EXPECT_THAT(store->outlived({0, 1, 0}, came), ElementsAre(study));
  EXPECT_THAT(store->outlived({0, 2, 0}, came), IsEmpty());
  EXPECT_THAT(store->outlived({0, 0, 25}, came), ElementsAre(study));
  EXPECT_THAT(store->outlived({0, 0, 26}, came), IsEmpty());
  // The second waits: it is kept however old it is.
  EXPECT_THAT(store->outlived({1000, 0, 0}, came + 1'000'000), ElementsAre(study));
  const Claim claim = *store->claim();
  store->finish(claim.lease, {JobState::failed, Notice{"internal"_code, {}}, {}});
  EXPECT_THAT(store->outlived({1000, 0, 0}, came + 1'000'000), ElementsAre(study, second));
}

}  // namespace
}  // namespace thorax::store
