// thorax data, as a user runs it, on drawn pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "intake/phantom_xray.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

constexpr int kSide = 64;

/// A bright disc, at another place and of another size each; number 7 is a checkerboard.
void draw(const fs::path& path, int number) {
  volume::Image image;
  image.height = image.width = kSide;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const int dy = y - 26 - number, dx = x - 34 + number;
      const bool disc = dy * dy + dx * dx < 200 + 12 * number;
      const bool board = (x / 8 + y / 8) % 2 == 0;
      image.pixels.push_back((number == 7 ? board : disc) ? 2800.0F : 400.0F);
    }
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << intake::encode_xray_png(image);
}

class DataCommand : public testing::Test {
 protected:
  DataCommand() {
    std::ofstream csv(folder / "labels.csv");
    csv << "path,patient_id,class\n";
    for (int i = 0; i < 12; ++i) {
      const std::string name = (i % 2 == 0 ? "A/" : "B/") + std::to_string(i) + ".png";
      draw(folder / "set" / name, i);
      csv << name << ",p" << i / 4 * 2 + i % 2 << ',' << (i % 2 == 0 ? "A" : "B") << '\n';
    }
    fs::copy_file(folder / "set/A/2.png", folder / "set/B/copy.png");
    csv << "B/copy.png,p9,B\n";
  }
  std::string set() const { return (folder / "set").string(); }
  std::string file(const char* name) const { return (folder / name).string(); }

  TemporaryFolder folder;
};

TEST_F(DataCommand, SplitsLocksAndVerifies) {
  const Ended split = run_thorax({"data", "split", file("labels.csv"), "--validation", "0.25",
                                  "--test", "0.25", "-o", file("splits.csv")});
  ASSERT_EQ(split.exit_code, 0) << split.err;
  std::map<std::string, std::set<std::string>> splits;  // of each patient
  std::istringstream lines(read_file(folder / "splits.csv"));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const std::size_t first = line.find(',');
    splits[line.substr(first + 1, line.find(',', first + 1) - first - 1)].insert(
        line.substr(line.rfind(',') + 1));
  }
  EXPECT_EQ(splits.size(), 7u);
  for (const auto& [patient, met] : splits) EXPECT_EQ(met.size(), 1u) << patient;

  ASSERT_EQ(
      run_thorax({"data", "lock", set(), "--splits", file("splits.csv"), "-o", file("lock.json")})
          .exit_code,
      0);
  EXPECT_THAT(read_file(folder / "lock.json"), HasSubstr("\"split\": \"train\""));
  const std::vector<std::string> verify{"data", "verify", set(), "--lock", file("lock.json")};
  EXPECT_EQ(run_thorax(verify).exit_code, 0);
  std::ofstream(folder / "set/A/2.png") << "other";
  fs::remove(folder / "set/B/1.png");
  const Ended differs = run_thorax(verify);
  EXPECT_EQ(differs.exit_code, 65);
  EXPECT_THAT(differs.out, HasSubstr("changed  A/2.png"));
  EXPECT_THAT(differs.out, HasSubstr("missing  B/1.png"));
  EXPECT_THAT(differs.err, HasSubstr("DATA_DIFFER"));
}

TEST_F(DataCommand, ShowsPicturesThatAreAlikeAndOutliers) {
  const Ended shown =
      run_thorax({"data", "browse", set(), "--table", file("labels.csv"), "-o", file("page.html")});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("13 pictures"));
  EXPECT_THAT(shown.out, HasSubstr("alike: 1, outliers: 1"));
  const std::string page = read_file(folder / "page.html");
  const std::size_t alike = page.find("id=\"alike\""), outliers = page.find("id=\"outliers\""),
                    classes = page.find("id=\"class0\"");
  ASSERT_LT(alike, outliers);
  ASSERT_LT(outliers, classes);
  const std::string groups = page.substr(alike, outliers - alike),
                    odd = page.substr(outliers, classes - outliers);
  EXPECT_THAT(groups, HasSubstr("2.png"));
  EXPECT_THAT(groups, HasSubstr("copy.png"));
  EXPECT_THAT(groups, HasSubstr("With different labels"));
  EXPECT_THAT(odd, HasSubstr("7.png"));
}

TEST_F(DataCommand, SaysWhatIsMissing) {
  EXPECT_EQ(run_thorax({"data", "browse", file("absent"), "-o", file("page.html")}).exit_code, 66);
  EXPECT_EQ(run_thorax({"data", "lock", file("absent"), "-o", file("lock.json")}).exit_code, 66);
  const Ended fetched =
      run_thorax({"data", "fetch", "kaggle:nobody", "-o", file("a.zip")}, {{"HOME", set()}});
  EXPECT_EQ(fetched.exit_code, 64);
  EXPECT_EQ(
      run_thorax({"data", "fetch", "kaggle:a/b", "-o", file("a.zip")}, {{"HOME", set()}}).exit_code,
      77);
}

}  // namespace
}  // namespace thorax
