#include "report/write.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nifti/nifti1.h>
#include <zlib.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "report/json.h"
#include "report/nifti.h"
#include "report/pictures.h"
#include "report/verify.h"
#include "sample_result.h"

namespace thorax::report {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

volume::Labels small_labels() {
  volume::Grid grid;
  grid.shape = {3, 4, 5};
  grid.spacing = {0.7, 0.8, 2.5};
  grid.origin = {-100, -90, -300};
  volume::Labels labels(grid);
  labels(2, 1, 4) = 7;
  return labels;
}

std::vector<std::uint8_t> gunzip(const std::vector<std::uint8_t>& bytes) {
  std::vector<std::uint8_t> out(1 << 16);
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class WriteTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  OutputOptions everything(const std::string& name) const {
    OutputOptions options;
    options.folder = root_ / name;
    options.write_pictures = options.write_masks = true;
    return options;
  }
  StudyResult result() const {
    StudyResult r = sample_result();
    volume::Image image;
    image.height = image.width = 16;
    for (int i = 0; i < 256; ++i) image.pixels.push_back(static_cast<float>(i));
    r.pictures = draw_xray_pictures(image, "PA");
    return r;
  }
  static void append(const fs::path& path) { std::ofstream(path, std::ios::app) << ' '; }

  fs::path root_;
  volume::Labels labels_ = small_labels();
};

TEST_F(WriteTest, WritesEverythingItNames) {
  const StudyResult written = write_study(result(), {&labels_, &labels_}, everything("study"));
  std::set<std::string> names;
  for (const OutputFile& file : written.files) {
    names.insert(file.name);
    EXPECT_EQ(sha256_file(root_ / "study" / file.name), file.sha256);
    EXPECT_EQ(fs::file_size(root_ / "study" / file.name), file.bytes);
  }
  EXPECT_EQ(names, (std::set<std::string>{"report.html", "report.txt", "pictures/xray.png",
                                          "anatomy.nii.gz", "findings.nii.gz"}));
  const StudyResult back = from_json(read_file(root_ / "study" / "result.json"));
  EXPECT_EQ(back.files.size(), 5u);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), {}), 1);  // nothing temporary left
}

TEST_F(WriteTest, LeavesOutWhatIsNotAskedFor) {
  OutputOptions options;
  options.folder = root_ / "study";
  options.write_html = false;
  const StudyResult written = write_study(refused_result(), {}, options);
  ASSERT_EQ(written.files.size(), 1u);
  EXPECT_EQ(written.files[0].name, "report.txt");
}

TEST_F(WriteTest, TheSameResultGivesTheSameBytes) {
  write_study(result(), {&labels_, &labels_}, everything("a"));
  write_study(result(), {&labels_, &labels_}, everything("b"));
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "a"))
    if (entry.is_regular_file()) {
      const fs::path name = fs::relative(entry.path(), root_ / "a");
      EXPECT_EQ(read_file(entry.path()), read_file(root_ / "b" / name)) << name;
    }
}

TEST_F(WriteTest, OnlyTimingsDifferBetweenRuns) {
  const auto stripped = [&](double seconds) {
    StudyResult r = result();
    r.provenance.timings = {{"read", seconds}};
    r.provenance.seconds = seconds;
    write_study(r, {}, everything("study"));
    auto document = nlohmann::ordered_json::parse(read_file(root_ / "study" / "result.json"));
    for (const char* key : {"timings", "result_sha256"}) document.erase(key);
    for (auto& file : document["files"])
      if (file["name"] == "report.html") file.erase("sha256");
    const std::string html = read_file(root_ / "study" / "report.html");
    const std::size_t from = html.find("class=\"timing\"");
    return document.dump() + html.substr(0, from) + html.substr(html.find("</dd>", from));
  };
  EXPECT_EQ(stripped(1.25), stripped(9.75));
}

TEST_F(WriteTest, ReplacesAnOlderReportAndNothingElse) {
  write_study(result(), {}, everything("study"));
  EXPECT_NO_THROW(write_study(result(), {}, everything("study")));
  fs::create_directories(root_ / "mine");
  append(root_ / "mine" / "thesis.txt");
  EXPECT_THROW(write_study(result(), {}, everything("mine")), Error);
  EXPECT_TRUE(fs::exists(root_ / "mine" / "thesis.txt"));
  append(root_ / "file");
  EXPECT_THROW(write_study(result(), {}, everything("file")), Error);
}

TEST_F(WriteTest, NamesNobodyUnlessAsked) {
  OutputOptions options = everything("study");
  write_study(result(), {}, options);
  for (const char* name : {"result.json", "report.html", "report.txt"})
    EXPECT_EQ(read_file(options.folder / name).find("Ivanova"), std::string::npos) << name;
}

TEST_F(WriteTest, AFailureLeavesNothing) {
  StudyResult r = result();
  r.pictures[0].overlay_png = {1, 2, 3};  // no PNG
  EXPECT_THROW(write_study(r, {}, everything("study")), Error);
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(WriteTest, VerifyFindsWhatChanged) {
  write_study(result(), {}, everything("study"));
  const fs::path study = root_ / "study";
  const auto state = [&](const std::string& name, const VerifyHooks& hooks = {}) {
    for (const Check& check : verify_report(study, hooks))
      if (check.name == name) return check.state;
    return CheckState::not_checked;
  };
  EXPECT_TRUE(all_intact(verify_report(study)));
  EXPECT_TRUE(all_intact(verify_report(study / "result.json")));
  EXPECT_EQ(state("studies/sample.zip"), CheckState::not_checked);
  VerifyHooks same;
  same.input_sha256 = [](const StudyResult&) { return std::string(64, 'a'); };
  same.model_sha256 = [](const Provenance::Model&) { return std::string(64, 'b'); };
  EXPECT_EQ(state("studies/sample.zip", same), CheckState::intact);
  EXPECT_EQ(state("ct-quantitative 1.0", same), CheckState::intact);
  VerifyHooks other;
  other.input_sha256 = [](const StudyResult&) { return std::string(64, 'c'); };
  other.model_sha256 = [](const Provenance::Model&) -> std::string {
    throw Error("no_such_input"_code, {{"path", "model"}});
  };
  EXPECT_EQ(state("studies/sample.zip", other), CheckState::changed);
  EXPECT_EQ(state("ct-quantitative 1.0", other), CheckState::missing);

  append(study / "report.html");
  EXPECT_EQ(state("report.html"), CheckState::changed);
  fs::remove(study / "report.txt");
  EXPECT_EQ(state("report.txt"), CheckState::missing);
  EXPECT_FALSE(all_intact(verify_report(study)));
}

TEST_F(WriteTest, VerifyFindsAForgedResult) {
  write_study(result(), {}, everything("study"));
  const fs::path file = root_ / "study" / "result.json";
  std::string text = read_file(file);
  text.replace(text.find("11.24"), 5, "1.124");
  std::ofstream(file, std::ios::binary) << text;
  const auto checks = verify_report(root_ / "study");
  EXPECT_EQ(checks[0].kind, Check::Kind::result);
  EXPECT_EQ(checks[0].state, CheckState::changed);
}

TEST_F(WriteTest, VerifyReadsNothingOutsideTheFolder) {
  StudyResult r = result();
  for (const char* name : {"../secret", "/etc/passwd", "a/../../secret"}) {
    r.files = {{name, 1, std::string(64, 'a')}};
    std::ofstream(root_ / "result.json") << to_json(r);
    EXPECT_THROW(verify_report(root_), Error) << name;
  }
  EXPECT_THROW(verify_report(root_ / "absent"), Error);
}

TEST(Nifti, SpeaksOfTheSamePlaceInRas) {
  const volume::Labels labels = small_labels();
  const auto bytes = gunzip(encode_nifti(labels));
  ASSERT_EQ(bytes.size(), 352u + labels.size());
  nifti_1_header h;
  std::memcpy(&h, bytes.data(), sizeof h);
  EXPECT_EQ(h.sizeof_hdr, 348);
  EXPECT_EQ(std::vector(h.dim, h.dim + 4), (std::vector<short>{3, 5, 4, 3}));
  EXPECT_STREQ(h.magic, "n+1");
  const auto p = labels.grid().position(2, 1, 4);  // LPS
  const auto world = [&](const float row[4]) {
    return row[0] * 4 + row[1] * 1 + row[2] * 2 + row[3];
  };
  EXPECT_NEAR(world(h.srow_x), -p.x, 1e-3);
  EXPECT_NEAR(world(h.srow_y), -p.y, 1e-3);
  EXPECT_NEAR(world(h.srow_z), p.z, 1e-3);
  EXPECT_EQ(bytes[352 + labels.grid().offset(2, 1, 4)], 7);
  EXPECT_EQ(encode_nifti(labels), encode_nifti(labels));
}

TEST(Nifti, TheQuaternionSaysTheSame) {
  const auto bytes = gunzip(encode_nifti(small_labels()));
  nifti_1_header h;
  std::memcpy(&h, bytes.data(), sizeof h);
  // (b, c, d) = (0, 0, 1): diag(-1, -1, 1) by the formula in nifti1.h.
  EXPECT_EQ(h.quatern_b, 0);
  EXPECT_EQ(h.quatern_c, 0);
  EXPECT_EQ(h.quatern_d, 1);
  EXPECT_EQ(h.pixdim[0], 1);
  EXPECT_FLOAT_EQ(h.qoffset_x, h.srow_x[3]);
}

}  // namespace
}  // namespace thorax::report
