// Results as DICOM objects, read back by DCMTK and checked by dciodvfy.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segutils.h>
#include <dcmtk/dcmsr/dsrdoc.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "report/dicom_sr.h"
#include "report/write.h"
#include "sample_result.h"
#include "support/temporary_folder.h"

namespace thorax::report {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing_support::TemporaryFolder;

volume::Grid small_grid(int columns = 6) {
  volume::Grid grid;
  grid.shape = {4, 4, columns};
  grid.spacing = {0.7, 0.8, 2.5};
  grid.origin = {-100.5, -90, -300};
  return grid;
}

DicomSource source_of(int slices) {
  DicomSource source;
  source.patient_id = "P-1";
  source.patient_name = "Иванова^Анна";
  source.patient_sex = "F";
  source.patient_birth_date = "19600101";
  source.study_uid = "1.2.3";
  source.study_date = "20200102";
  source.study_time = "101112.5";
  source.series_uid = "1.2.3.4";
  source.frame_of_reference_uid = "1.2.3.9";
  for (int z = 0; z < slices; ++z) {
    source.instances.push_back({UID_CTImageStorage, "1.2.3.4." + std::to_string(z + 1)});
    source.slices.push_back(static_cast<std::size_t>(z));
  }
  return source;
}

struct DrawnMasks {
  volume::Labels anatomy{small_grid()}, findings{small_grid()};

  DrawnMasks() {
    for (int z = 0; z < 3; ++z)
      for (int x = 0; x < 4; ++x) anatomy(z, 1, x) = 1;
    findings(1, 1, 2) = findings(2, 2, 4) = findings(2, 0, 0) = 7;
  }
  std::vector<SegmentMask> masks() const {
    return {{&findings, 7, meaning_of(Mark::nodule), "Thorax 0"},
            {&findings, 4, meaning_of(Mark::pleural_effusion), "Thorax 0"},
            {&anatomy, 1, meaning_of(Organ::left_lung), "Thorax 0"}};
  }
};

std::unique_ptr<DcmFileFormat> parsed(const std::string& bytes) {
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  auto file = std::make_unique<DcmFileFormat>();
  file->transferInit();
  EXPECT_TRUE(file->read(stream).good());
  file->transferEnd();
  EXPECT_TRUE(file->loadAllDataIntoMemory().good());
  return file;
}

std::string text(DcmItem& item, const DcmTagKey& tag, unsigned long at = 0) {
  OFString value;
  item.findAndGetOFString(tag, value, at, OFTrue);
  return value.c_str();
}

DcmItem& item_of(DcmItem& item, const DcmTagKey& sequence, signed long at = 0) {
  DcmItem* found = nullptr;
  EXPECT_TRUE(item.findAndGetSequenceItem(sequence, found, at).good()) << sequence.toString();
  return *found;
}

/// What dciodvfy says against an object.
std::string faults(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("object.dcm", bytes).string();
  std::string output;
  FILE* pipe = ::popen(("dciodvfy " + path + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, n);
  ::pclose(pipe);
  EXPECT_THAT(output, Not(HasSubstr("not found"))) << "run tools/setup.sh test";
  return output;
}

/// Everything a reader of structured reports shows.
std::string shown(const std::string& bytes) {
  const auto file = parsed(bytes);
  DSRDocument document;
  const OFCondition read = document.read(*file->getDataset());
  EXPECT_TRUE(read.good()) << read.text();
  std::ostringstream out;
  document.print(out, DSRTypes::PF_printAllCodes | DSRTypes::PF_printSOPInstanceUID |
                          DSRTypes::PF_printLongSOPClassName);
  return out.str();
}

TEST(DicomSegmentation, FramesAreTheMasks) {
  const DrawnMasks drawn;
  const auto made = encode_segmentation(source_of(4), "0.1", drawn.masks());
  ASSERT_TRUE(made);
  ASSERT_EQ(made->segments.size(), 2u) << "there is no effusion";
  EXPECT_DOUBLE_EQ(made->segments[0].volume_ml, 3 * 0.7 * 0.8 * 2.5 / 1000);
  const auto file = parsed(made->bytes);
  DcmSegmentation* loaded = nullptr;
  ASSERT_TRUE(DcmSegmentation::loadDataset(*file->getDataset(), loaded).good());
  const std::unique_ptr<DcmSegmentation> segmentation(loaded);
  ASSERT_EQ(segmentation->getNumberOfSegments(), 2u);
  DcmItem& data = *file->getDataset();
  ASSERT_EQ(text(data, DCM_NumberOfFrames), "5");
  const std::vector<std::pair<const volume::Labels*, int>> expected{{&drawn.findings, 1},
                                                                    {&drawn.findings, 2},
                                                                    {&drawn.anatomy, 0},
                                                                    {&drawn.anatomy, 1},
                                                                    {&drawn.anatomy, 2}};
  for (std::size_t f = 0; f < expected.size(); ++f) {
    const auto& [labels, z] = expected[f];
    const std::unique_ptr<DcmIODTypes::Frame> frame(
        DcmSegUtils::unpackBinaryFrame(segmentation->getFrame(f), 4, 6));
    ASSERT_TRUE(frame);
    for (std::size_t i = 0; i < 24; ++i)
      EXPECT_EQ(frame->pixData[i] != 0, labels->slice(z)[i] != 0) << "frame " << f << ", " << i;
    DcmItem& groups =
        item_of(data, DCM_PerFrameFunctionalGroupsSequence, static_cast<signed long>(f));
    EXPECT_DOUBLE_EQ(std::stod(text(groups, DCM_ImagePositionPatient, 2)), -300 + 2.5 * z);
    EXPECT_EQ(text(groups, DCM_ReferencedSOPInstanceUID), "1.2.3.4." + std::to_string(z + 1));
    EXPECT_EQ(text(groups, DCM_SpatialLocationsPreserved), "YES");
  }
}

TEST(DicomSegmentation, FramesThatBeginWithinAByteFollowWithoutGaps) {
  volume::Labels labels(small_grid(5));  // 20 pixels a slice
  labels(0, 0, 0) = labels(1, 0, 1) = labels(1, 3, 4) = 7;
  const auto made = encode_segmentation(source_of(4), "0.1",
                                        {{&labels, 7, meaning_of(Mark::nodule), "Thorax 0"}});
  EXPECT_THAT(faults(made->bytes), Not(HasSubstr("Error")));
  const auto file = parsed(made->bytes);
  const Uint8* bytes = nullptr;
  unsigned long count = 0;
  ASSERT_TRUE(file->getDataset()->findAndGetUint8Array(DCM_PixelData, bytes, &count).good());
  // Bits 0, 21 and 39, the lowest of a byte first (PS3.5 8.1.1); an even number of bytes.
  EXPECT_THAT(std::vector<int>(bytes, bytes + count), testing::ElementsAre(1, 0, 32, 0, 128, 0));
}

TEST(DicomSegmentation, SaysWhatEachSegmentIsAndWhoseStudyItIs) {
  const auto made = encode_segmentation(source_of(4), "0.1", DrawnMasks().masks());
  const auto file = parsed(made->bytes);
  DcmItem& data = *file->getDataset();
  EXPECT_EQ(text(data, DCM_PatientName), "Иванова^Анна");
  EXPECT_EQ(text(data, DCM_SpecificCharacterSet), "ISO_IR 192");
  EXPECT_EQ(text(data, DCM_StudyInstanceUID), "1.2.3");
  EXPECT_EQ(text(data, DCM_FrameOfReferenceUID), "1.2.3.9");
  EXPECT_EQ(text(data, DCM_ContentDate) + text(data, DCM_ContentTime), "20200102101112.5");
  DcmItem& lung = item_of(data, DCM_SegmentSequence, 1);
  DcmItem& type = item_of(lung, DCM_SegmentedPropertyTypeCodeSequence);
  EXPECT_EQ(text(type, DCM_CodeValue), "39607008");
  EXPECT_EQ(text(item_of(type, DCM_SegmentedPropertyTypeModifierCodeSequence), DCM_CodeValue),
            "7771000");
  EXPECT_EQ(text(lung, DCM_SegmentAlgorithmType), "AUTOMATIC");
}

TEST(DicomSegmentation, SlicesThatWereMadeNameWhatTheyWereMadeFrom) {
  DicomSource made_slice = source_of(4), resampled = source_of(4);
  made_slice.slices[1].reset();
  resampled.slices.clear();
  const auto references = [](const DicomSource& source) {
    const auto made = encode_segmentation(source, "0.1", DrawnMasks().masks());
    EXPECT_THAT(faults(made->bytes), Not(HasSubstr("Error")));
    const auto file = parsed(made->bytes);
    std::string all;
    for (signed long f = 0; f < 5; ++f) {
      DcmItem& frame = item_of(*file->getDataset(), DCM_PerFrameFunctionalGroupsSequence, f);
      DcmStack found;
      while (frame.search(DCM_ReferencedSOPInstanceUID, found, ESM_afterStackTop).good())
        all += text(*dynamic_cast<DcmItem*>(found.elem(1)), DCM_ReferencedSOPInstanceUID).back();
      all += ' ';
    }
    return all;
  };
  EXPECT_EQ(references(made_slice), "13 3 1 13 3 ");
  EXPECT_EQ(references(resampled), "     ") << "all frames together come from all instances";
}

TEST(DicomSegmentation, NothingDrawnGivesNone) {
  const volume::Labels empty(small_grid());
  EXPECT_FALSE(encode_segmentation(source_of(4), "0.1",
                                   {{&empty, 7, meaning_of(Mark::nodule), "Thorax 0"}}));
}

TEST(DicomSegmentation, TheSameMasksGiveTheSameBytesAndOthersAnotherObject) {
  DrawnMasks drawn;
  const auto first = encode_segmentation(source_of(4), "0.1", drawn.masks());
  EXPECT_EQ(first->bytes, encode_segmentation(source_of(4), "0.1", drawn.masks())->bytes);
  drawn.findings(0, 0, 1) = 7;
  const auto other = encode_segmentation(source_of(4), "0.1", drawn.masks());
  EXPECT_NE(first->sop_instance_uid, other->sop_instance_uid);
  EXPECT_NE(first->series_uid, other->series_uid);
}

TEST(DicomSegmentation, PassesDciodvfy) {
  const auto made = encode_segmentation(source_of(4), "0.1", DrawnMasks().masks());
  const std::string said = faults(made->bytes);
  EXPECT_THAT(said, HasSubstr("Segmentation"));
  EXPECT_THAT(said, Not(HasSubstr("Error")));
}

TEST(DicomColour, IsCielab) {
  // White is the white point; pure sRGB red is L* 54.29, a* 80.81, b* 69.89 under D50.
  EXPECT_EQ(cielab("#ffffff")[0], 65535);
  EXPECT_NEAR(cielab("#ffffff")[1], 128 * 257, 20);
  const auto red = cielab("#ff0000");
  EXPECT_NEAR(red[0] / 655.35, 54.29, 0.02);
  EXPECT_NEAR(red[1] / 257.0 - 128, 80.81, 0.05);
  EXPECT_NEAR(red[2] / 257.0 - 128, 69.89, 0.05);
}

class DicomReport : public testing::Test {
 protected:
  static std::string encode(const StudyResult& result, Language language = Language::en) {
    const auto masks = encode_segmentation(source_of(4), "0.1", DrawnMasks().masks());
    return encode_structured_report(result, source_of(4), &*masks, language).bytes;
  }
};

TEST_F(DicomReport, HoldsMeasurementsFindingsAndSegments) {
  const std::string all = shown(encode(sample_result()));
  EXPECT_THAT(all, HasSubstr("Imaging Measurement Report"));
  EXPECT_THAT(all, HasSubstr("NUM:(lung.left.volume,99THORAX,\"Left lung volume\")=\"2410.2\" "
                             "(mL,UCUM,\"mL\")"));
  EXPECT_THAT(all, HasSubstr("NUM:(112031,DCM,\"Attenuation Coefficient\")=\"31.5\" "
                             "([hnsf'U],UCUM,\"Hounsfield unit\")"));
  EXPECT_THAT(all, HasSubstr("SCOORD3D:(111010,DCM,\"Center\")=(POINT,\"1.2.3.9\",61.2"));
  EXPECT_THAT(all, HasSubstr("IMAGE:(121191,DCM,\"Referenced Segment\")=(SegmentationStorage"));
  EXPECT_THAT(all, HasSubstr("(score,99THORAX,\"Score of the finding, no probability\")=\"0.83\""));
}

TEST_F(DicomReport, PassesDciodvfy) {
  const std::string said = faults(encode(sample_result()));
  EXPECT_THAT(said, HasSubstr("Comprehensive3DSR"));
  EXPECT_THAT(said, Not(HasSubstr("Error")));
}

TEST_F(DicomReport, ItsSentencesAreInTheLanguageAsked) {
  EXPECT_THAT(shown(encode(sample_result(), Language::ru)), HasSubstr("исследовательских"));
}

TEST_F(DicomReport, TakesNoTimeIntoIt) {
  StudyResult slow = sample_result();
  slow.provenance.seconds = 99;
  slow.provenance.timings = {{"read", 99}};
  EXPECT_EQ(encode(sample_result()), encode(slow));
}

TEST(DicomFiles, ARadiographHasAReportAndNoSegmentation) {
  const TemporaryFolder folder;
  StudyResult result = sample_result();
  result.kind = "xray";
  result.lesions.clear();
  OutputOptions options;
  options.folder = folder / "study";
  DicomSource source = source_of(1);
  source.slices.clear();
  source.instances[0].sop_class_uid = UID_DigitalXRayImageStorageForPresentation;
  write_study(result, {}, options, {}, {source, {}});
  EXPECT_FALSE(fs::exists(options.folder / "segmentation.dcm"));
  ASSERT_TRUE(fs::exists(options.folder / "report.dcm"));
  const std::string bytes = read_file(options.folder / "report.dcm");
  EXPECT_THAT(faults(bytes), Not(HasSubstr("Error")));
  EXPECT_THAT(shown(bytes), HasSubstr("Plain X-ray of chest"));
}

TEST(DicomFiles, WhatIsNoDicomAndWhatWasNotReadGiveNone) {
  const TemporaryFolder folder;
  const DrawnMasks drawn;
  OutputOptions options;
  options.folder = folder / "study";
  write_study(sample_result(), {}, options, {}, {{}, drawn.masks()});
  EXPECT_FALSE(fs::exists(options.folder / "report.dcm"));
  write_study(refused_result(), {}, options, {}, {source_of(4), drawn.masks()});
  EXPECT_FALSE(fs::exists(options.folder / "report.dcm"));
}

}  // namespace
}  // namespace thorax::report
