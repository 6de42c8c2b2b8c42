#include "intake/phantom_output.h"
#include "base/files.h"

#include <gtest/gtest.h>
#include <nifti/nifti1.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/error.h"
#include "intake/phantom_files.h"
#include "intake/phantom_nifti.h"
#include "support/code_of.h"

namespace thorax::intake {
namespace {

namespace fs = std::filesystem;

TEST(PhantomOutput, AnArchiveOfTheSameFilesHasTheSameBytes) {
  const TemporaryFolder folder;
  for (const char* name : {"a.zip", "b.zip"}) {
    PhantomOutput output(folder.path() / name);
    output.add({"one.txt", std::string(1000, 'x')});
    output.add({"two.txt", "y"});
    output.commit();
  }
  const std::string a = read_file(folder / "a.zip");
  EXPECT_TRUE(a.starts_with("PK"));
  EXPECT_LT(a.size(), 600u);
  EXPECT_EQ(a, read_file(folder / "b.zip"));
}

TEST(PhantomOutput, LeavesNothingBehindWhenItIsNotFinished) {
  const TemporaryFolder folder;
  for (const char* name : {"a.zip", "b"}) {
    PhantomOutput output(folder.path() / name);
    output.add({"one.txt", "x"});
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(PhantomOutput, ClearsWhatAKilledRunLeft) {
  const TemporaryFolder folder;
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  const std::string stale = "a.part-" + std::to_string(dead);
  const std::string living = "a.part-" + std::to_string(::getppid());
  for (const std::string& name : {stale + "/one.dcm", living + "/one.dcm", std::string("a.part-x"),
                                  "b.part-" + std::to_string(dead)})
    folder.write(name, "x");
  folder.write("one.nii.part-" + std::to_string(dead), "x");
  PhantomOutput(folder.path() / "a").commit();
  write_phantom_file(folder.path() / "one.nii", "y");
  EXPECT_FALSE(fs::exists(folder.path() / stale));
  EXPECT_FALSE(fs::exists(folder.path() / ("one.nii.part-" + std::to_string(dead))));
  EXPECT_TRUE(fs::exists(folder.path() / living));
  EXPECT_TRUE(fs::exists(folder.path() / "a.part-x"));
  EXPECT_TRUE(fs::exists(folder.path() / ("b.part-" + std::to_string(dead))));
}

TEST(PhantomOutput, DoesNotOverwrite) {
  const TemporaryFolder folder;
  write_phantom_file(folder.path() / "there" / "file", "x");
  const auto code = [](const fs::path& path) {
    return testing_support::code_of([&] { PhantomOutput output(path); });
  };
  EXPECT_EQ(code(folder.path() / "there"), "cannot_write"_code);
  EXPECT_EQ(code(folder.path() / "there" / "file"), "cannot_write"_code);
  PhantomOutput fresh(folder.path() / "new" / "deep");
  fresh.add({"one.txt", "x"});
  fresh.commit();
  EXPECT_EQ(read_file(folder / "new/deep/one.txt"), "x");
}

TEST(PhantomNifti, HeaderPlacesTheVoxelsInRas) {
  const Phantom phantom = make_phantom(coarse_phantom());
  const std::string bytes = encode_nifti(phantom.hu, false);
  nifti_1_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const volume::Grid& grid = phantom.hu.grid();
  EXPECT_STREQ(header.magic, "n+1");
  EXPECT_EQ(header.dim[1], grid.shape.x);
  EXPECT_EQ(header.dim[3], grid.shape.z);
  // RAS of voxel (0, 0, 0): x and y turn their sign.
  EXPECT_FLOAT_EQ(header.srow_x[3], static_cast<float>(-grid.origin.x));
  EXPECT_FLOAT_EQ(header.srow_y[3], static_cast<float>(-grid.origin.y));
  EXPECT_FLOAT_EQ(header.srow_z[3], static_cast<float>(grid.origin.z));
  EXPECT_FLOAT_EQ(header.srow_x[0], static_cast<float>(-grid.spacing.x));
  EXPECT_FLOAT_EQ(header.srow_z[2], static_cast<float>(grid.spacing.z));
  EXPECT_FLOAT_EQ(header.quatern_d, 1);  // half a turn about z says the same
  ASSERT_EQ(bytes.size(), 352 + phantom.hu.size() * 2);
  EXPECT_EQ(std::memcmp(bytes.data() + 352, phantom.hu.data(), phantom.hu.size() * 2), 0);
}

TEST(PhantomNifti, CompressesToTheSameBytes) {
  const Phantom phantom = make_phantom(coarse_phantom());
  const std::string bytes = encode_nifti(phantom.anatomy, true);
  EXPECT_TRUE(bytes.starts_with("\x1f\x8b"));
  EXPECT_LT(bytes.size(), phantom.anatomy.size() / 10);
  EXPECT_EQ(bytes, encode_nifti(phantom.anatomy, true));
}

}  // namespace
}  // namespace thorax::intake
