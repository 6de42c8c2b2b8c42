// Results as DICOM objects: each alone, all in a zip, and as scripts of earlier services want them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::Answer;
using testing_support::Client;
using testing_support::TemporaryFolder;

class DicomTest : public testing::Test {
 protected:
  /// The address of a study that has been read.
  std::string read(const std::string& content) {
    const json study = client.upload(content);
    client.ended(study["job"]["id"]);
    return "/api/v1/studies/" + study["id"].get<std::string>();
  }
  static void expect_zip(const Answer& answer) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "application/zip");
    EXPECT_TRUE(answer.body.starts_with("PK"));
    EXPECT_THAT(answer.body, HasSubstr("1/segmentation.dcm"));
    EXPECT_THAT(answer.body, HasSubstr("1/report.dcm"));
  }

  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
  Service service{options, testing_support::stub_worker(folder)};
  Client client{service.port()};
};

TEST_F(DicomTest, ObjectsComeAloneAndInAZip) {
  const std::string study = read("dicom");
  const Answer segmentation = client.get(study + "/results/1/segmentation.dcm");
  EXPECT_EQ(segmentation.body, "SEG");
  EXPECT_EQ(segmentation.type, "application/dicom");
  EXPECT_EQ(client.get(study + "/results/1/report.dcm").body, "SR");
  expect_zip(client.get(study + "/dicom.zip"));
}

TEST_F(DicomTest, WhatIsNoDicomHasNone) {
  const std::string study = read("sick");
  EXPECT_EQ(client.get(study + "/results/1/report.dcm").status, 404);
  const Answer none = client.get(study + "/dicom.zip");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.json()["code"], "NO_DICOM_OBJECTS");
  EXPECT_EQ(client.post_form("/predict?format=dicom", "sick").json()["code"], "NO_DICOM_OBJECTS");
}

TEST_F(DicomTest, PredictAnswersWithAZipWhenAsked) {
  expect_zip(client.post_form("/predict?format=dicom", "dicom"));
  expect_zip(client.post_form("/predict", "dicom", "study.zip", {{"Accept", "application/zip"}}));
  EXPECT_EQ(client.post_form("/predict?format=dicom", "crash").status, 500);
  EXPECT_EQ(client.post_form("/predict?format=tiff", "dicom").status, 400);
}

}  // namespace
}  // namespace thorax::serve
