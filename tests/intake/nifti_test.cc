#include "intake/nifti.h"

#include <gtest/gtest.h>
#include <nifti/nifti1.h>
#include <nifti/nifti2.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/source.h"
#include "support/deflated.h"
#include "test_files.h"

namespace thorax::intake {
namespace {

/// A volume of 3 x 2 x 2 voxels of 0.5 x 1 x 2 mm in RAS, counting up from -1024.
nifti_1_header some_header() {
  nifti_1_header h{};
  h.sizeof_hdr = 348;
  const short dim[8] = {3, 3, 2, 2, 1, 1, 1, 1};
  std::memcpy(h.dim, dim, sizeof dim);
  h.datatype = DT_INT16;
  h.bitpix = 16;
  const float pixdim[8] = {1, 0.5F, 1, 2, 0, 0, 0, 0};
  std::memcpy(h.pixdim, pixdim, sizeof pixdim);
  h.vox_offset = 352;
  h.sform_code = 1;
  const float x[4] = {0.5F, 0, 0, 10}, y[4] = {0, 1, 0, 20}, z[4] = {0, 0, 2, 30};
  std::memcpy(h.srow_x, x, sizeof x);
  std::memcpy(h.srow_y, y, sizeof y);
  std::memcpy(h.srow_z, z, sizeof z);
  std::memcpy(h.magic, "n+1", 4);
  return h;
}

std::string file_of(const nifti_1_header& h, int voxels = 12) {
  std::string bytes(reinterpret_cast<const char*>(&h), sizeof h);
  bytes += std::string(4, '\0');
  std::vector<int> values;
  for (int i = 0; i < voxels; ++i) values.push_back(i - 1024);
  return bytes + samples16(values);
}

std::string gzipped(const std::string& plain) {
  return testing_support::deflated(plain, testing_support::Deflate::gzip);
}

TEST(Nifti, BecomesAnAxialStudyInLps) {
  const TestFolder folder;
  folder.write("a.nii", file_of(some_header()));
  folder.write("a.nii.gz", gzipped(file_of(some_header())));
  for (const char* name : {"a.nii", "a.nii.gz"}) {
    SCOPED_TRACE(name);
    Source source = Source::open(folder.path() / name, {});
    ASSERT_EQ(source.studies().size(), 1u);
    EXPECT_EQ(source.studies()[0].kind, StudyKind::ct);
    ASSERT_NE(source.studies()[0].chosen(), nullptr);
    const LoadedVolume ct = source.load_volume(*source.studies()[0].chosen());
    ASSERT_EQ(ct.hu.shape(), (volume::Shape{2, 2, 3}));
    const volume::Grid& grid = ct.hu.grid();
    EXPECT_NEAR(grid.spacing.x, 0.5, 1e-6);
    EXPECT_NEAR(grid.spacing.y, 1, 1e-6);
    EXPECT_NEAR(grid.spacing.z, 2, 1e-6);
    // Voxel (0, 0, 0) of the file lies at RAS (10, 20, 30), which is LPS (-10, -20, 30).
    const std::array<double, 3> at = grid.index({-10, -20, 30});
    EXPECT_EQ(ct.hu(static_cast<int>(std::lround(at[0])), static_cast<int>(std::lround(at[1])),
                    static_cast<int>(std::lround(at[2]))),
              -1024);
    // One step along the file's x is 0.5 mm to the right of the patient.
    const std::array<double, 3> next = grid.index({-10.5, -20, 30});
    EXPECT_EQ(ct.hu(static_cast<int>(std::lround(next[0])), static_cast<int>(std::lround(next[1])),
                    static_cast<int>(std::lround(next[2]))),
              -1023);
  }
}

TEST(Nifti, ScalingIsAppliedOnce) {
  nifti_1_header h = some_header();
  h.scl_slope = 2;
  h.scl_inter = 1024;
  const NiftiVolume volume(as_bytes(file_of(h)), false, "a", {});
  std::vector<std::int16_t> hu(6);
  std::vector<std::uint8_t> outside(6);
  volume.slice(1, hu, outside);
  EXPECT_EQ(hu[0], 2 * (6 - 1024) + 1024);
}

/// The same volume as some_header() describes, as NIfTI-2.
nifti_2_header second_header() {
  nifti_2_header h{};
  h.sizeof_hdr = 540;
  std::memcpy(h.magic, "n+2\0\r\n\032\n", 8);
  const std::int64_t dim[8] = {3, 3, 2, 2, 1, 1, 1, 1};
  std::memcpy(h.dim, dim, sizeof dim);
  h.datatype = DT_INT16;
  h.bitpix = 16;
  const double pixdim[8] = {1, 0.5, 1, 2, 0, 0, 0, 0};
  std::memcpy(h.pixdim, pixdim, sizeof pixdim);
  h.vox_offset = 544;
  h.sform_code = 1;
  const double x[4] = {0.5, 0, 0, 10}, y[4] = {0, 1, 0, 20}, z[4] = {0, 0, 2, 30};
  std::memcpy(h.srow_x, x, sizeof x);
  std::memcpy(h.srow_y, y, sizeof y);
  std::memcpy(h.srow_z, z, sizeof z);
  return h;
}

template <class T>
void swap_at(std::string& bytes, std::size_t at, std::size_t count = 1) {
  for (std::size_t i = 0; i < count; ++i)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at + i * sizeof(T)),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + (i + 1) * sizeof(T)));
}

std::string file_of(const nifti_2_header& h, bool big_endian) {
  std::string bytes(reinterpret_cast<const char*>(&h), sizeof h);
  std::vector<int> values;
  for (int i = 0; i < 12; ++i) values.push_back(i - 1024);
  std::string voxels = samples16(values);
  if (big_endian) {  // offsets of nifti2.h
    swap_at<std::int32_t>(bytes, 0);
    swap_at<std::int16_t>(bytes, 12, 2);
    swap_at<std::int64_t>(bytes, 16, 8);
    swap_at<double>(bytes, 104, 8);
    swap_at<std::int64_t>(bytes, 168);
    swap_at<double>(bytes, 176, 2);
    swap_at<std::int32_t>(bytes, 344, 2);
    swap_at<double>(bytes, 352, 18);
    swap_at<std::int16_t>(voxels, 0, 12);
  }
  return bytes + std::string(4, '\0') + voxels;
}

TEST(Nifti, TheSecondVersionGivesTheSameVolumeInEitherByteOrder) {
  const FileHeader first = read_nifti_header(as_bytes(file_of(some_header())), false, "a", {});
  for (const bool big_endian : {false, true})
    for (const bool packed : {false, true}) {
      SCOPED_TRACE(std::string(big_endian ? "big " : "little ") + (packed ? "gz" : ""));
      const std::string plain = file_of(second_header(), big_endian);
      const Bytes file = as_bytes(packed ? gzipped(plain) : plain);
      const FileHeader header = read_nifti_header(file, packed, "a", {});
      EXPECT_EQ(header.instance.position, first.instance.position);
      EXPECT_EQ(header.instance.orientation, first.instance.orientation);
      EXPECT_EQ(header.instance.frames, 2);
      const NiftiVolume volume(file, packed, "a", {});
      std::vector<std::int16_t> hu(6);
      std::vector<std::uint8_t> outside(6);
      volume.slice(1, hu, outside);
      EXPECT_EQ(hu.front(), 6 - 1024);
      EXPECT_EQ(hu.back(), 11 - 1024);
    }
}

TEST(Nifti, TheSecondVersionIsCheckedAsTheFirst) {
  const auto refused = [](Code code, const nifti_2_header& h) {
    expect_code(code, [&] { read_nifti_header(as_bytes(file_of(h, false)), false, "a", {}); });
  };
  nifti_2_header huge = second_header();
  huge.dim[1] = std::int64_t{1} << 40;
  refused("nifti_unsupported"_code, huge);
  nifti_2_header negative = second_header();
  negative.dim[3] = -2;
  refused("nifti_broken"_code, negative);
  nifti_2_header far_away = second_header();
  far_away.vox_offset = std::int64_t{1} << 62;
  expect_code("pixels_truncated"_code,
              [&] { NiftiVolume(as_bytes(file_of(far_away, false)), false, "a", {}); });
  expect_code("nifti_broken"_code, [&] {
    read_nifti_header(as_bytes(file_of(second_header(), false).substr(0, 539)), false, "a", {});
  });
}

template <class T>
void expect_rounded(short datatype) {
  nifti_1_header h = some_header();
  h.datatype = datatype;
  h.bitpix = 8 * sizeof(T);
  const std::vector<T> values = {T(-999.6),
                                 T(0.4),
                                 T(0.6),
                                 T(-0.6),
                                 T(1e9),
                                 T(-1e9),
                                 T(40),
                                 T(41),
                                 T(42),
                                 T(43),
                                 std::numeric_limits<T>::quiet_NaN(),
                                 T(45)};
  std::string file = file_of(h, 0);
  file.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  const NiftiVolume volume(as_bytes(file), false, "a", {});
  std::vector<std::int16_t> hu(6);
  std::vector<std::uint8_t> outside(6);
  const NiftiVolume::Content first = volume.slice(0, hu, outside);
  EXPECT_TRUE(first.outside);
  EXPECT_NEAR(first.rounded_hu, 0.4, 0.001);
  EXPECT_EQ(std::vector(hu.begin(), hu.begin() + 5),
            (std::vector<std::int16_t>{-1000, 0, 1, -1, 32767}));
  EXPECT_EQ(outside, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1}));
  const NiftiVolume::Content second = volume.slice(1, hu, outside);
  EXPECT_TRUE(second.outside);
  EXPECT_EQ(second.rounded_hu, 0);
  EXPECT_EQ(outside[4], 1) << "no number";
}

TEST(Nifti, FractionsAreRoundedToWholeHounsfieldUnits) {
  expect_rounded<float>(DT_FLOAT32);
  expect_rounded<double>(DT_FLOAT64);
}

TEST(Nifti, SaysThatVoxelsWereRounded) {
  const TestFolder folder;
  nifti_1_header h = some_header();
  folder.write("whole.nii", file_of(h));
  h.scl_slope = 0.5F;  // every second voxel ends in a half
  folder.write("halves.nii", file_of(h));
  const auto rounded = [&](const char* name) {
    Source source = Source::open(folder.path() / name, {});
    const std::vector<Notice> notices =
        source.load_volume(*source.studies().at(0).chosen()).notices;
    return std::any_of(notices.begin(), notices.end(),
                       [](const Notice& notice) { return notice.code == "voxels_rounded"_code; });
  };
  EXPECT_FALSE(rounded("whole.nii"));
  EXPECT_TRUE(rounded("halves.nii"));
}

TEST(Nifti, RefusesWhatIsNoCtVolume) {
  const auto refused = [](Code code, const nifti_1_header& h, const Limits& limits = {}) {
    expect_code(code, [&] { read_nifti_header(as_bytes(file_of(h)), false, "a", limits); });
  };
  nifti_1_header four = some_header();
  four.dim[0] = 4;
  four.dim[4] = 2;
  refused("nifti_unsupported"_code, four);
  nifti_1_header rgb = some_header();
  rgb.datatype = DT_RGB24;
  rgb.bitpix = 24;
  refused("nifti_unsupported"_code, rgb);
  nifti_1_header nowhere = some_header();
  nowhere.sform_code = 0;
  refused("nifti_unsupported"_code, nowhere);
  nifti_1_header large = some_header();
  large.dim[1] = 32000;
  refused("image_too_large"_code, large);
  Limits limits;
  limits.max_frames = 1;
  refused("too_many_frames"_code, some_header(), limits);
  expect_code("nifti_broken"_code,
              [] { read_nifti_header(as_bytes("too short"), false, "a", {}); });
  expect_code("pixels_truncated"_code,
              [] { NiftiVolume(as_bytes(file_of(some_header(), 11)), false, "a", {}); });
}

TEST(Nifti, AGzBombIsStopped) {
  nifti_1_header large = some_header();
  large.dim[1] = large.dim[2] = 512;
  large.dim[3] = 150;
  const std::string bomb = gzipped(file_of(large, 0) + std::string(80 << 20, '\0'));
  EXPECT_LT(bomb.size(), 100'000u);
  expect_code("ratio_too_high"_code, [&] { NiftiVolume(as_bytes(bomb), true, "a", {}); });
  expect_code("nifti_broken"_code,
              [&] { NiftiVolume(as_bytes(bomb.substr(0, 100)), true, "a", {}); });
}

}  // namespace
}  // namespace thorax::intake
