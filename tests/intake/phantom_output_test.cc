#include "intake/phantom_output.h"

#include <gtest/gtest.h>
#include <nifti/nifti1_io.h>

#include <algorithm>

#include "base/error.h"
#include "intake/phantom_files.h"
#include "intake/phantom_nifti.h"

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
  const std::string a = read_bytes(folder.path() / "a.zip");
  EXPECT_TRUE(a.starts_with("PK"));
  EXPECT_LT(a.size(), 600u);
  EXPECT_EQ(a, read_bytes(folder.path() / "b.zip"));
}

TEST(PhantomOutput, LeavesNothingBehindWhenItIsNotFinished) {
  const TemporaryFolder folder;
  for (const char* name : {"a.zip", "b"}) {
    PhantomOutput output(folder.path() / name);
    output.add({"one.txt", "x"});
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(PhantomOutput, DoesNotOverwrite) {
  const TemporaryFolder folder;
  write_phantom_file(folder.path() / "there" / "file", "x");
  const auto code = [](const fs::path& path) {
    try {
      PhantomOutput output(path);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::internal;
  };
  EXPECT_EQ(code(folder.path() / "there"), Code::cannot_write);
  EXPECT_EQ(code(folder.path() / "there" / "file"), Code::cannot_write);
  PhantomOutput fresh(folder.path() / "new" / "deep");
  fresh.add({"one.txt", "x"});
  fresh.commit();
  EXPECT_EQ(read_bytes(folder.path() / "new" / "deep" / "one.txt"), "x");
}

class PhantomNifti : public testing::TestWithParam<const char*> {};

TEST_P(PhantomNifti, IsReadBackByTheNiftiLibrary) {
  const Phantom phantom = make_phantom(coarse_phantom());
  const TemporaryFolder folder;
  const fs::path path = folder.path() / GetParam();
  write_phantom_file(path, encode_nifti(phantom.hu, path.extension() == ".gz"));
  nifti_image* image = nifti_image_read(path.c_str(), 1);
  ASSERT_NE(image, nullptr);
  const volume::Grid& grid = phantom.hu.grid();
  EXPECT_EQ(image->nx, grid.shape.x);
  EXPECT_EQ(image->nz, grid.shape.z);
  // RAS of voxel (0, 0, 0): x and y turn their sign.
  for (const mat44& to_mm : {image->sto_xyz, image->qto_xyz}) {
    EXPECT_NEAR(to_mm.m[0][3], -grid.origin.x, 1e-3);
    EXPECT_NEAR(to_mm.m[1][3], -grid.origin.y, 1e-3);
    EXPECT_NEAR(to_mm.m[2][3], grid.origin.z, 1e-3);
    EXPECT_NEAR(to_mm.m[0][0], -grid.spacing.x, 1e-4);
    EXPECT_NEAR(to_mm.m[1][1], -grid.spacing.y, 1e-4);
    EXPECT_NEAR(to_mm.m[2][2], grid.spacing.z, 1e-4);
  }
  const auto* voxels = static_cast<const std::int16_t*>(image->data);
  EXPECT_TRUE(std::equal(voxels, voxels + phantom.hu.size(), phantom.hu.data()));
  nifti_image_free(image);
}

INSTANTIATE_TEST_SUITE_P(Phantom, PhantomNifti, testing::Values("ct.nii", "ct.nii.gz"));

}  // namespace
}  // namespace thorax::intake
