// What the phantom writes, the reader gives back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "intake/phantom_dicom.h"
#include "intake/phantom_files.h"
#include "intake/phantom_nifti.h"
#include "intake/phantom_xray.h"
#include "intake/source.h"

namespace thorax::intake {
namespace {

namespace fs = std::filesystem;

const Phantom& shared_phantom() {
  static const Phantom phantom = make_phantom(coarse_phantom());
  return phantom;
}

void write_zip(const fs::path& path, const PhantomSeriesOptions& options) {
  PhantomOutput output(path);
  write_phantom_series(shared_phantom(), coarse_phantom(), options,
                       [&](const PhantomFile& file) { output.add(file); });
  output.commit();
}

LoadedVolume load(const fs::path& path) {
  Source source = Source::open(path, {});
  EXPECT_EQ(source.studies().size(), 1u);
  Study& study = source.studies().front();
  EXPECT_EQ(study.kind, StudyKind::ct);
  const Series* series = study.chosen();
  if (series == nullptr) throw std::runtime_error("no series chosen");
  return source.load_volume(*series);
}

void expect_the_phantom(const LoadedVolume& loaded) {
  const volume::Grid& wanted = shared_phantom().hu.grid();
  const volume::Grid& grid = loaded.hu.grid();
  ASSERT_EQ(grid.shape, wanted.shape);
  EXPECT_LT(norm(grid.origin - wanted.origin), 1e-3);
  EXPECT_LT(norm(grid.spacing - wanted.spacing), 1e-4);
  EXPECT_TRUE(std::ranges::equal(loaded.hu.voxels(), shared_phantom().hu.voxels()));
}

class PhantomReading : public testing::TestWithParam<const char*> {};

TEST_P(PhantomReading, GivesBackEveryVoxel) {
  const TemporaryFolder folder;
  PhantomSeriesOptions options;
  options.syntax = parse_phantom_syntax(GetParam());
  options.shuffled = true;
  write_zip(folder.path() / "ct.zip", options);
  expect_the_phantom(load(folder.path() / "ct.zip"));
}

INSTANTIATE_TEST_SUITE_P(Phantom, PhantomReading,
                         testing::Values("implicit", "explicit", "big", "deflated", "rle", "jpeg",
                                         "jpegls", "j2k"));

TEST(PhantomReadingBack, NumberingDoesNotMatter) {
  const TemporaryFolder folder;
  PhantomSeriesOptions options;
  options.feet_first = true;
  options.first_number = 40;
  write_zip(folder.path() / "ct.zip", options);
  expect_the_phantom(load(folder.path() / "ct.zip"));
}

TEST(PhantomReadingBack, MissingSlicesAreFoundWhereTheyWere) {
  const TemporaryFolder folder;
  PhantomSeriesOptions options;
  options.missing = {9, 20};
  write_zip(folder.path() / "ct.zip", options);
  const LoadedVolume loaded = load(folder.path() / "ct.zip");
  ASSERT_EQ(loaded.geometry.missing_positions.size(), 2u);
  EXPECT_EQ(loaded.hu.shape(), shared_phantom().hu.shape());
  EXPECT_TRUE(std::ranges::equal(loaded.hu.slice(8), shared_phantom().hu.slice(8)));
}

TEST(PhantomReadingBack, ATiltedGantryIsFound) {
  const TemporaryFolder folder;
  PhantomSeriesOptions options;
  options.tilt_degrees = 12;
  write_zip(folder.path() / "ct.zip", options);
  EXPECT_NEAR(std::abs(load(folder.path() / "ct.zip").geometry.tilt_degrees), 12, 0.05);
}

TEST(PhantomReadingBack, NiftiIsTheSameVolume) {
  const TemporaryFolder folder;
  write_phantom_file(folder.path() / "ct.nii.gz", encode_nifti(shared_phantom().hu, true));
  expect_the_phantom(load(folder.path() / "ct.nii.gz"));
}

TEST(PhantomReadingBack, TheXrayIsAnXray) {
  const TemporaryFolder folder;
  PhantomXrayOptions options;
  options.columns = 128;
  const volume::Image image = project_xray(shared_phantom(), coarse_phantom(), options);
  write_phantom_file(folder.path() / "xray.dcm", encode_xray_dicom(image));
  Source source = Source::open(folder.path() / "xray.dcm", {});
  ASSERT_EQ(source.studies().size(), 1u);
  EXPECT_EQ(source.studies().front().kind, StudyKind::xray);
  ASSERT_NE(source.studies().front().chosen(), nullptr);
  const LoadedImage loaded = source.load_image(*source.studies().front().chosen());
  EXPECT_EQ(loaded.image.width, image.width);
  EXPECT_EQ(loaded.image.height, image.height);
}

}  // namespace
}  // namespace thorax::intake
