// The collection of difficult DICOM files beside the project, where it is present.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "intake/source.h"
#include "shared_data.h"

namespace thorax::intake {
namespace {

/// How opening and decoding a file ends: "volume", "image", or a code.
std::string outcome(const std::filesystem::path& file, const Limits& limits) {
  try {
    Source source = Source::open(file, limits);
    const Study& study = source.studies().at(0);
    if (study.series.empty() || study.series[0].instances.empty())
      return study.set_aside.at(0).reason.id();
    const Series& series = study.series[0];
    if (series.header.modality == "CT" && series.image_count() > 1) {
      const LoadedVolume ct = source.load_volume(series);
      return ct.hu.empty() ? "nothing" : "volume";
    }
    return source.load_image(series).image.pixels.empty() ? "nothing" : "image";
  } catch (const Error& error) {
    return error.notice().id();
  }
}

TEST(Edge, EveryFileEndsInAResultOrACode) {
  THORAX_NEEDS_SHARED("dicom-edge");
  Limits limits;
  limits.child_memory_bytes = 512ull << 20;
  limits.header_timeout_seconds = limits.decode_timeout_seconds = 5;
  std::map<std::string, std::string> outcomes;
  for (const auto& entry : std::filesystem::directory_iterator(shared_data() / "dicom-edge")) {
    const std::string result = outcome(entry.path(), limits);
    outcomes[entry.path().filename().string()] = result;
    RecordProperty(entry.path().filename().string(), result);
    EXPECT_THAT(result, testing::Not(testing::AnyOf("nothing", "INTERNAL", "DECODER_DIED",
                                                    "DECODER_TIMEOUT", "DECODER_OUT_OF_MEMORY",
                                                    "DECODER_PROTOCOL")))
        << entry.path();
  }
  EXPECT_EQ(outcomes.at("CTImage.dcm"), "image");
  EXPECT_EQ(outcomes.at("no_meta.dcm"), "image");
  EXPECT_EQ(outcomes.at("RG2_JPLL"), "image");
  EXPECT_EQ(outcomes.at("RG3_J2KR"), "image");
  EXPECT_EQ(outcomes.at("SC_rgb.dcm"), "image");
  EXPECT_EQ(outcomes.at("vlut_04.dcm"), "image");
  EXPECT_EQ(outcomes.at("eCT_Supplemental.dcm"), "volume");
  EXPECT_EQ(outcomes.at("MR_truncated.dcm"), "PIXELS_TRUNCATED");
  for (const char* name : {"test-SR.dcm", "rtstruct.dcm", "waveform_ecg.dcm", "no-pixel-data.dcm"})
    EXPECT_EQ(outcomes.at(name), "NOTHING_TO_READ") << name;
}

/// All voxels of the only slice of a file, as Hounsfield units.
std::vector<std::int16_t> hounsfield(const std::string& name) {
  Source source = Source::open(shared_data() / "dicom-edge" / name, {});
  const LoadedVolume ct = source.load_volume(source.studies().at(0).series.at(0));
  return {ct.hu.voxels().begin(), ct.hu.voxels().end()};
}

TEST(Edge, LosslessVariantsAreEqualBitForBit) {
  THORAX_NEEDS_SHARED("dicom-edge");
  const std::vector<std::int16_t> original = hounsfield("CTImage.dcm");
  ASSERT_EQ(original.size(), 512u * 512u);
  for (const char* syntax : {"BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
                             "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
                             "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
                             "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
                             "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
                             "LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2",
                             "RLELosslessTransferSyntax_1.2.840.10008.1.2.5"})
    EXPECT_EQ(hounsfield(std::string("CTImage.dcm_") + syntax + ".dcm"), original) << syntax;
}

TEST(Edge, SixteenBitLosslessJpegWithOverflowingPredictorIsNoNoise) {
  THORAX_NEEDS_SHARED("dicom-edge");
  const std::vector<std::int16_t> hu = hounsfield("SignedShortLosslessBug.dcm");
  double sum = 0;
  for (std::size_t i = 1; i < hu.size(); ++i) sum += std::abs(hu[i] - hu[i - 1]);
  EXPECT_LT(sum / static_cast<double>(hu.size()), 60);
  EXPECT_GE(*std::min_element(hu.begin(), hu.end()), -1024);
  EXPECT_LE(*std::max_element(hu.begin(), hu.end()), 3071);
}

TEST(Edge, Monochrome1IsTheSameRadiographAsMonochrome2Turned) {
  THORAX_NEEDS_SHARED("xray/dicom");
  const auto image = [](const char* name) {
    Source source = Source::open(shared_data() / "xray" / "dicom" / name, {});
    return source.load_image(source.studies().at(0).series.at(0)).image;
  };
  const volume::Image plain = image("1.2.276.0.7230010.3.1.4.8323329.6904.1517875201.850819.dcm");
  const volume::Image turned = image("Fake_MONOHR1.dcm");
  ASSERT_EQ(plain.pixels.size(), turned.pixels.size());
  for (std::size_t i = 0; i < plain.pixels.size(); i += 1001)
    EXPECT_NEAR(plain.pixels[i], 255 - turned.pixels[i], 1e-3);
}

}  // namespace
}  // namespace thorax::intake
