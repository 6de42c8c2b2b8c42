// What the viewer of the page asks for: the description of a result's volume, and parts of it.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "report/viewer.h"
#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing_support::Client;
using testing_support::TemporaryFolder;

class VolumeTest : public testing::Test {
 protected:
  void SetUp() override {
    const json study = client.upload("sick");
    client.ended(study["job"]["id"]);
    place = "/api/v1/studies/" + study["id"].get<std::string>() + "/results/1/";
    for (const fs::directory_entry& report : fs::directory_iterator(folder / "data/reports"))
      result = report.path() / "study";
  }

  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
  Service service{options, testing_support::stub_worker(folder)};
  Client client{service.port()};
  std::string place;  ///< address of the result's files
  fs::path result;    ///< its folder
};

TEST_F(VolumeTest, ItsDescriptionIsAsDescribed) {
  volume::CtVolume hu({{3, 4, 5}, {0.7, 0.7, 2.5}, {-10, -20, 30}}, -1000);
  const report::SlicedNifti file = report::encode_sliced_nifti(hu);
  write_file(result / "view.json",
             report::view_json(hu.grid(), "volume.nii.gz", file,
                               {{"findings.nii.gz", {report::meaning_of(7, report::Mark::nodule)}},
                                {"anatomy.nii.gz", {{1, {"", "", {"lung", "лёгкое"}}, {}, {}}}}}));
  EXPECT_EQ(client.get(place + "view.json").json()["volume"]["shape_zyx"], json({3, 4, 5}));
}

TEST_F(VolumeTest, ARadiographsDescriptionIsAsDescribed) {
  report::Picture picture;
  picture.width = picture.height = 16;
  for (const std::string heat : {"", "pictures/xray-heat.png"}) {
    write_file(result / "view.json", report::view_json(picture, "pictures/xray-plain.png", heat));
    EXPECT_EQ(client.get(place + "view.json").json()["overlay"].is_null(), heat.empty());
  }
}

TEST_F(VolumeTest, WhereNothingWasReadThereIsNone) {
  EXPECT_EQ(client.get(place + "view.json").status, 404);
  EXPECT_EQ(client.get(place + "volume.nii.gz").status, 404);
}

TEST_F(VolumeTest, ASliceIsAPartOfTheVolume) {
  write_file(result / "volume.nii.gz", std::string_view("0123456789"));
  EXPECT_EQ(client.get(place + "volume.nii.gz").body, "0123456789");
  const testing_support::Answer part =
      client.get(place + "volume.nii.gz", {httplib::make_range_header({{3, 5}})});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "345");
  EXPECT_EQ(part.header("Content-Range"), "bytes 3-5/10");
}

}  // namespace
}  // namespace thorax::serve
