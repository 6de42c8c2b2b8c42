#include "store/patient_key.h"

#include <gtest/gtest.h>

#include "store/backup.h"
#include "store/store.h"
#include "support/temporary_folder.h"

namespace thorax::store {
namespace {

namespace fs = std::filesystem;
using testing_support::TemporaryFolder;

TEST(PatientKeyTest, TheSamePatientIsTheSameWord) {
  const TemporaryFolder folder;
  const PatientKey key(folder.path());
  EXPECT_EQ(key.of("P 17"), key.of(" P 17 ")) << "blanks around it do not count";
  EXPECT_NE(key.of("P 17"), key.of("P 18"));
  EXPECT_EQ(key.of("P 17").find("P 17"), std::string::npos);
  EXPECT_EQ(key.of("  "), "");
  EXPECT_EQ(PatientKey(folder.path()).of("P 17"), key.of("P 17")) << "the secret is kept";
  const fs::perms perms = fs::status(folder / PatientKey::kName).permissions();
  EXPECT_EQ(perms & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

TEST(PatientKeyTest, AnotherServiceHasOtherWords) {
  const TemporaryFolder a, b;
  EXPECT_NE(PatientKey(a.path()).of("P 17"), PatientKey(b.path()).of("P 17"));
}

TEST(PatientKeyTest, GoesWithTheBackup) {
  const TemporaryFolder folder;
  std::string word;
  {
    const Store store(folder / "data", {});
    word = PatientKey(folder / "data").of("P 17");
  }
  write_backup(folder / "data", folder / "backup.tar");
  restore_backup(folder / "backup.tar", folder / "again");
  EXPECT_EQ(PatientKey(folder / "again").of("P 17"), word);
}

}  // namespace
}  // namespace thorax::store
