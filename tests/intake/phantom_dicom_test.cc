#include "intake/phantom_dicom.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "intake/phantom_files.h"

namespace thorax::intake {
namespace {

const Phantom& shared_phantom() {
  static const Phantom phantom = make_phantom(coarse_phantom());
  return phantom;
}

std::vector<PhantomFile> series(const PhantomSeriesOptions& options) {
  std::vector<PhantomFile> files;
  write_phantom_series(shared_phantom(), coarse_phantom(), options,
                       [&](PhantomFile file) { files.push_back(std::move(file)); });
  return files;
}

std::string text(DcmFileFormat& file, const DcmTagKey& tag, unsigned long position = 0) {
  OFString value;
  EXPECT_TRUE(file.getDataset()->findAndGetOFString(tag, value, position).good());
  return value.c_str();
}
double number(DcmFileFormat& file, const DcmTagKey& tag, unsigned long position = 0) {
  return std::stod(text(file, tag, position));
}

struct Written {
  TemporaryFolder folder;
  std::vector<std::filesystem::path> paths;

  explicit Written(const PhantomSeriesOptions& options) {
    for (const PhantomFile& file : series(options)) {
      paths.push_back(folder.path() / file.name);
      write_phantom_file(paths.back(), file.bytes);
    }
  }
};

class PhantomSyntaxTest : public testing::TestWithParam<const char*> {};

TEST_P(PhantomSyntaxTest, IsValidAndGivesBackTheVoxels) {
  PhantomSeriesOptions options;
  options.syntax = parse_phantom_syntax(GetParam());
  const Written written(options);
  const Phantom& phantom = shared_phantom();
  ASSERT_EQ(written.paths.size(), static_cast<std::size_t>(phantom.hu.shape().z));
  DcmRLEDecoderRegistration::registerCodecs();
  DJDecoderRegistration::registerCodecs();
  DJLSDecoderRegistration::registerCodecs();
  for (std::size_t k = 0; k < written.paths.size(); ++k) {
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(written.paths[k].c_str()).good());
    EXPECT_EQ(text(file, DCM_PatientName), "Phantom^Thorax");
    const int z = phantom.hu.shape().z - 1 - static_cast<int>(k);
    EXPECT_NEAR(number(file, DCM_ImagePositionPatient, 2), phantom.hu.grid().position(z, 0, 0).z,
                1e-6);
    if (options.syntax == PhantomSyntax::jpeg_2000) continue;  // DCMTK cannot decode it
    ASSERT_TRUE(file.getDataset()->chooseRepresentation(EXS_LittleEndianExplicit, nullptr).good());
    const Uint16* pixels = nullptr;
    unsigned long count = 0;
    ASSERT_TRUE(file.getDataset()->findAndGetUint16Array(DCM_PixelData, pixels, &count).good());
    const auto slice = phantom.hu.slice(z);
    ASSERT_EQ(count, slice.size());
    for (std::size_t i = 0; i < slice.size(); ++i) ASSERT_EQ(pixels[i] - 1024, slice[i]);
  }
}

TEST_P(PhantomSyntaxTest, PassesDciodvfy) {
  ASSERT_EQ(run_command("command -v dciodvfy").second, 0) << "run tools/setup.sh test";
  PhantomSeriesOptions options;
  options.syntax = parse_phantom_syntax(GetParam());
  const Written written(options);
  if (options.syntax == PhantomSyntax::deflated) {  // which dciodvfy cannot read
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(written.paths[5].c_str()).good());
    ASSERT_TRUE(file.saveFile(written.paths[5].c_str(), EXS_LittleEndianExplicit).good());
  }
  const auto [output, status] = run_command("dciodvfy " + written.paths[5].string());
  EXPECT_THAT(output, testing::Not(testing::HasSubstr("Error")));
}

INSTANTIATE_TEST_SUITE_P(Phantom, PhantomSyntaxTest,
                         testing::Values("implicit", "explicit", "big", "deflated", "rle", "jpeg",
                                         "jpegls", "j2k"));

TEST(PhantomDicom, UidsAreUniqueStableAndUnder225) {
  const std::vector<PhantomFile> a = series({}), b = series({});
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].bytes, b[i].bytes);
  const Written written({});
  std::set<std::string> uids;
  for (const auto& path : written.paths) {
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    uids.insert(text(file, DCM_SOPInstanceUID));
  }
  EXPECT_EQ(uids.size(), written.paths.size());
  for (const std::string& uid : uids) {
    EXPECT_TRUE(uid.starts_with("2.25.")) << uid;
    EXPECT_LE(uid.size(), 44u);
  }
}

TEST(PhantomDicom, NumbersAndLeavesOutAsAsked) {
  PhantomSeriesOptions options;
  options.missing = {3, 4};
  options.first_number = 7;
  options.feet_first = true;
  const Written written(options);
  std::map<int, double> position;
  for (const auto& path : written.paths) {
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    position[std::stoi(text(file, DCM_InstanceNumber))] = number(file, DCM_ImagePositionPatient, 2);
  }
  EXPECT_EQ(position.begin()->first, 7);
  EXPECT_FALSE(position.contains(10));
  EXPECT_FALSE(position.contains(11));
  EXPECT_LT(position[7], position[12]);
}

TEST(PhantomDicom, ShuffledNamesAreTheSameFiles) {
  PhantomSeriesOptions options;
  options.shuffled = true;
  std::map<std::string, std::string> a, b;
  for (const PhantomFile& file : series({})) a[file.name] = file.bytes;
  for (const PhantomFile& file : series(options)) b[file.name] = file.bytes;
  ASSERT_EQ(a.size(), b.size());
  EXPECT_NE(a, b);
  std::multiset<std::string> contents_a, contents_b;
  for (const auto& [name, bytes] : a) contents_a.insert(bytes);
  for (const auto& [name, bytes] : b) contents_b.insert(bytes);
  EXPECT_EQ(contents_a, contents_b);
}

TEST(PhantomDicom, TiltLeansTheSlicesButKeepsTheirSpacing) {
  PhantomSeriesOptions options;
  options.tilt_degrees = 15;
  const Written written(options);
  DcmFileFormat a, b;
  ASSERT_TRUE(a.loadFile(written.paths[4].c_str()).good());
  ASSERT_TRUE(b.loadFile(written.paths[5].c_str()).good());
  EXPECT_NEAR(number(a, DCM_ImageOrientationPatient, 4), std::cos(15 * M_PI / 180), 1e-6);
  EXPECT_NEAR(number(a, DCM_ImageOrientationPatient, 5), -std::sin(15 * M_PI / 180), 1e-6);
  EXPECT_NEAR(number(a, DCM_ImagePositionPatient, 2) - number(b, DCM_ImagePositionPatient, 2), 10,
              1e-4);
  EXPECT_NEAR(number(a, DCM_ImagePositionPatient, 1), number(b, DCM_ImagePositionPatient, 1), 1e-6);
  // A pixel of the tilted slice shows the voxel at its place.
  const Phantom& phantom = shared_phantom();
  const volume::Grid& grid = phantom.hu.grid();
  const Uint16* pixels = nullptr;
  ASSERT_TRUE(a.getDataset()->findAndGetUint16Array(DCM_PixelData, pixels).good());
  const double down = 40 * grid.spacing.y;
  const volume::Vec3 p{grid.origin.x + 20 * grid.spacing.x,
                       number(a, DCM_ImagePositionPatient, 1) + down * std::cos(15 * M_PI / 180),
                       number(a, DCM_ImagePositionPatient, 2) - down * std::sin(15 * M_PI / 180)};
  const auto at = grid.index(p);
  double low = 4000, high = -4000;
  for (int dz = 0; dz < 2; ++dz)
    for (int dy = 0; dy < 2; ++dy) {
      const double hu = phantom.hu(static_cast<int>(at[0]) + dz, static_cast<int>(at[1]) + dy, 20);
      low = std::min(low, hu);
      high = std::max(high, hu);
    }
  const double hu = pixels[40 * grid.shape.x + 20] - 1024.0;
  EXPECT_GE(hu, low - 1);
  EXPECT_LE(hu, high + 1);
}

TEST(PhantomDicom, RefusesUnknownSyntaxAndSteepTilt) {
  EXPECT_THROW(parse_phantom_syntax("gif"), Error);
  PhantomSeriesOptions options;
  options.tilt_degrees = 45;
  EXPECT_THROW(series(options), Error);
}

}  // namespace
}  // namespace thorax::intake
