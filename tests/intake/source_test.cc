#include "intake/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "dicom_bytes.h"
#include "intake/series_model.h"
#include "shared_data.h"
#include "test_files.h"

namespace thorax::intake {
namespace {

TEST(Source, MissingPathIsRefusedByCode) {
  try {
    Source::open("/no/such/study.zip", {});
    FAIL() << "opened what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "no_such_input"_code);
  }
}

TEST(Source, AFolderWithoutImagesSaysWhatItHolds) {
  const TestFolder folder;
  const auto refusal = [&] {
    Source source = Source::open(folder.path(), {});
    return *study_refusal(source.studies().at(0), "in");
  };
  EXPECT_EQ(refusal(), Notice("nothing_to_read"_code, {{"path", "in"}, {"found", "0"}}));
  for (const char* name : {"a.xml", "b/c.XML", "b/d.txt", "README"}) folder.write(name, "<text/>");
  EXPECT_EQ(refusal().what(Language::en),
            "in holds no medical image that Thorax can read (files found: *.xml (2), * (1), "
            "*.txt (1)).");
  folder.write("z.dcm", dicom_file(std::string("\x08\0\x18\0UI\xff\x7f", 8)));
  EXPECT_EQ(refusal().code, "dicom_broken"_code);
}

TEST(Source, DicomObjectsWithoutAnImageAreNamed) {
  DicomBytes report;
  report.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.11").text(0x00080060, "CS", "SR");
  const TestFolder folder;
  const auto file = folder.write("result.dcm", dicom_file(report.str()));
  try {
    Source::open(file, {});
    FAIL() << "a report is no image";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "nothing_to_read"_code);
    EXPECT_EQ(error.notice().args.at("found"), "DICOM: structured report (1)");
  }
  folder.write("note.txt", "text");
  Source source = Source::open(folder.path(), {});
  EXPECT_EQ(study_refusal(source.studies().at(0), "in"),
            Notice("nothing_to_read"_code,
                   {{"path", "in"}, {"found", "*.txt (1), DICOM: structured report (1)"}}));
}

TEST(Source, AnArchiveWithoutImagesSaysWhatItHolds) {
  const TestFolder folder;
  const auto zip =
      folder.write("a.zip", pack(Packer::zip, {{"a.xml", "<text/>"}, {"b.txt", "text"}}));
  Source source = Source::open(zip, {});
  EXPECT_EQ(study_refusal(source.studies().at(0), "in"),
            Notice("nothing_to_read"_code, {{"path", "in"}, {"found", "*.txt (1), *.xml (1)"}}));
}

TEST(Source, ReadsAWholeChestCtFromItsZip) {
  THORAX_NEEDS_SHARED("ct/LIDC-IDRI-0001.zip");
  Source source = Source::open(shared_data() / "ct" / "LIDC-IDRI-0001.zip", {});
  ASSERT_EQ(source.studies().size(), 1u);
  const Study& study = source.studies().front();
  ASSERT_NE(study.chosen(), nullptr);
  EXPECT_EQ(study.chosen()->instances.size(), 133u);
  const LoadedVolume ct = source.load_volume(*study.chosen());
  EXPECT_EQ(ct.hu.shape(), (volume::Shape{133, 512, 512}));
  EXPECT_NEAR(ct.hu.grid().spacing.z, 2.5, 1e-6);
  EXPECT_EQ(source.content_hash(*study.chosen()).size(), 64u);
}

}  // namespace
}  // namespace thorax::intake
