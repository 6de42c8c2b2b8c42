#include "datasets/lock.h"
#include "base/files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/temporary_folder.h"

namespace thorax::datasets {
namespace {

namespace fs = std::filesystem;
using testing_support::TemporaryFolder;

class LockTest : public testing::Test {
 protected:
  LockTest() {
    folder.write("set/a/one.png", "1");
    folder.write("set/two.png", "22");
    locked = lock_folder(set, {{"a/one.png", "train"}, {"two.png", "test"}}, file, {});
    write_lock(file, locked);
  }
  Differences found() const { return compare(read_lock(file), lock_folder(set, {}, file, {})); }

  TemporaryFolder folder;
  fs::path set = folder / "set", file = folder / "set/data.lock.json";
  Lock locked;
};

TEST_F(LockTest, HoldsEveryFileWithItsHashAndSplit) {
  ASSERT_EQ(locked.size(), 2u);
  EXPECT_EQ(locked[0].path, "a/one.png");
  EXPECT_EQ(locked[0].split, "train");
  EXPECT_EQ(locked[1].bytes, 2u);
  // sha256 of "1"
  EXPECT_EQ(locked[0].sha256, "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
  const Lock read = read_lock(file);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].split, "test");
  EXPECT_TRUE(found().none()) << "the lock itself is no file of the set";
}

TEST_F(LockTest, NamesWhatIsMissingChangedAndNew) {
  fs::remove(set / "two.png");
  folder.write("set/a/one.png", "2");
  folder.write("set/b.png", "3");
  const Differences differences = found();
  EXPECT_EQ(differences.missing, std::vector<std::string>{"two.png"});
  EXPECT_EQ(differences.changed, std::vector<std::string>{"a/one.png"});
  EXPECT_EQ(differences.added, std::vector<std::string>{"b.png"});
}

TEST_F(LockTest, RefusesASplitOfNoFileAndALockThatWasAltered) {
  EXPECT_THROW(lock_folder(set, {{"three.png", "train"}}, file, {}), Error);
  EXPECT_THROW(lock_folder(folder / "absent", {}, file, {}), Error);
  std::string text = read_file(file);
  text.replace(text.find("\"train\""), 7, "\"test\"");
  std::ofstream(file) << text;
  EXPECT_THROW(read_lock(file), Error);
  std::ofstream(file) << "{}";
  EXPECT_THROW(read_lock(file), Error);
}

}  // namespace
}  // namespace thorax::datasets
