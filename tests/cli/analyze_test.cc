// The main job, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_thorax.h"
#include "support/drawn_studies.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace testing_support;

class AnalyzeTest : public testing::Test {
 protected:
  Ended analyze(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "analyze");
    arguments.insert(arguments.end(), {"-o", out().string()});
    return run_thorax(arguments);
  }
  fs::path out() const { return folder / "out"; }

  TemporaryFolder folder;
};

TEST_F(AnalyzeTest, ASickChestIsReadAndSaysWhereItsReportIs) {
  draw_series(folder / "sick.zip", sick_chest());
  const Ended run = analyze({(folder / "sick.zip").string()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("sick"), HasSubstr("● pathology"),
                             HasSubstr((out() / "sick/report.html").string()),
                             HasSubstr("Research use only")));
  EXPECT_THAT(run.out, Not(HasSubstr("\x1b"))) << "colours are for terminals";
  EXPECT_THAT(run.err, IsEmpty());
  EXPECT_TRUE(fs::exists(out() / "sick/report.html"));
  EXPECT_TRUE(fs::exists(out() / "report.xlsx"));
}

TEST_F(AnalyzeTest, SpeaksRussian) {
  draw_series(folder / "a.zip", small_chest());
  EXPECT_THAT(analyze({(folder / "a.zip").string(), "--lang", "ru"}).out,
              AllOf(HasSubstr("исследование"), HasSubstr("Отчёт: ")));
}

TEST_F(AnalyzeTest, JsonIsTheResult) {
  draw_series(folder / "sick.zip", sick_chest());
  const Ended run = analyze({(folder / "sick.zip").string(), "--json"});
  const auto results = nlohmann::json::parse(run.out);
  ASSERT_EQ(results.size(), 1u);
  const auto& result = results[0];
  EXPECT_EQ(result["provenance"]["program_version"].get<std::string>().substr(0, 2), "0.");
  std::ifstream file(out() / "sick/result.json");
  EXPECT_EQ(nlohmann::json::parse(file), result) << "printed and written are the same";
}

TEST_F(AnalyzeTest, ASingleFailureEndsWithTheCodeOfItsError) {
  folder.write("broken.zip", "no zip");
  folder.write("notes.txt", "no image");
  EXPECT_EQ(analyze({(folder / "broken.zip").string()}).exit_code, 65);
  EXPECT_EQ(analyze({(folder / "notes.txt").string()}).exit_code, 65);
  const Ended missing = analyze({(folder / "missing.zip").string()});
  EXPECT_EQ(missing.exit_code, 66);
  EXPECT_THAT(missing.out, HasSubstr("NO_SUCH_INPUT"));
}

TEST_F(AnalyzeTest, APartlyFailedBatchHasItsOwnCode) {
  draw_series(folder / "in/good.zip", small_chest());
  folder.write("in/bad.zip", "no zip");
  const Ended run = analyze({(folder / "in").string()});
  EXPECT_EQ(run.exit_code, 10);
  EXPECT_THAT(run.out, AllOf(HasSubstr("good"), HasSubstr("✕ failed"), HasSubstr("index.html")));
  EXPECT_EQ(analyze({(folder / "in/bad.zip").string(), (folder / "none.zip").string()}).exit_code,
            11);
}

TEST_F(AnalyzeTest, SettingsReachTheWork) {
  draw_series(folder / "a.zip", small_chest());
  const std::string study = (folder / "a.zip").string();
  EXPECT_THAT(analyze({study, "intake.max_entries=3"}).out, HasSubstr("TOO_MANY_ENTRIES"));
  EXPECT_EQ(analyze({study, "intake.max_entry=3"}).exit_code, 64);
  analyze({study, "output.html=false", "--masks"});
  EXPECT_FALSE(fs::exists(out() / "a/report.html"));
  EXPECT_TRUE(fs::exists(out() / "a/anatomy.nii.gz"));
}

TEST_F(AnalyzeTest, DicomObjectsAreWrittenOnRequestAndVerified) {
  draw_series(folder / "sick.zip", sick_chest());
  analyze({(folder / "sick.zip").string()});
  EXPECT_FALSE(fs::exists(out() / "sick/report.dcm"));
  analyze({(folder / "sick.zip").string(), "--dicom"});
  const std::string report = (out() / "sick").string();
  for (const char* name : {"segmentation.dcm", "report.dcm"})
    EXPECT_EQ(std::system(("dciodvfy " + report + '/' + name + " 2>&1 | grep -q ^Error").c_str()),
              1 << 8)
        << name;
  EXPECT_EQ(run_thorax({"verify", report}).exit_code, 0);
  folder.write("out/sick/segmentation.dcm", "another");
  EXPECT_THAT(run_thorax({"verify", report}).err, HasSubstr("segmentation.dcm"));
}

TEST_F(AnalyzeTest, VerifyHoldsUntilSomethingChanges) {
  draw_series(folder / "a.zip", small_chest());
  analyze({(folder / "a.zip").string()});
  const std::string report = (out() / "a").string();
  const Ended intact = run_thorax({"verify", report});
  EXPECT_EQ(intact.exit_code, 0) << intact.out << intact.err;
  fs::rename(folder / "a.zip", folder / "moved.zip");
  EXPECT_EQ(run_thorax({"verify", report}).exit_code, 65) << "the input is gone";
  const std::string moved = (folder / "moved.zip").string();
  EXPECT_EQ(run_thorax({"verify", report, "--input", moved}).exit_code, 0);
  folder.write("out/a/report.html", "<html>another story</html>");
  const Ended changed = run_thorax({"verify", report, "--input", moved});
  EXPECT_EQ(changed.exit_code, 65);
  EXPECT_THAT(changed.err, AllOf(HasSubstr("REPORT_ALTERED"), HasSubstr("report.html")));
}

TEST_F(AnalyzeTest, AnInterruptLeavesNothingHalfWritten) {
  draw_series(folder / "a.zip", small_chest());
  draw_series(folder / "b.zip", sick_chest());
  const fs::path first = out() / "a/result.json";
  const auto finished = [](void* path) { return fs::exists(*static_cast<const fs::path*>(path)); };
  fs::path waited_for = first;
  const Ended run = interrupt_thorax({"analyze", (folder / "a.zip").string(),
                                      (folder / "b.zip").string(), "-o", out().string(), "-j1"},
                                     finished, &waited_for);
  EXPECT_EQ(run.exit_code, 130);
  EXPECT_THAT(run.err, HasSubstr("CANCELLED"));
  for (const auto& entry : fs::directory_iterator(out()))
    EXPECT_EQ(entry.path().filename(), "a") << "the second study was not finished";
}

TEST(Doctor, ExplainsSeriesFilesAndGeometry) {
  const TemporaryFolder folder;
  draw_series(folder / "study", small_chest());
  folder.write("study/notes.txt", "no image");
  const Ended run = run_thorax({"doctor", (folder / "study").string(), "--files"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("SERIES_TAKEN"), HasSubstr("notes.txt"),
                             HasSubstr("IM00001.dcm"), HasSubstr("Geometry")));
  EXPECT_THAT(run_thorax({"doctor", (folder / "study").string(), "--lang", "ru"}).out,
              HasSubstr("Геометрия"));
}

TEST(Doctor, WritesNamesUnitsAndNumbersInFull) {
  const TemporaryFolder folder;
  draw_series(folder / "study", small_chest());
  const std::string ru = run_thorax({"doctor", (folder / "study").string(), "--lang", "ru"}).out;
  EXPECT_THAT(ru, AllOf(HasSubstr("Контур тела за пределами"), Not(HasSubstr("…  ")),
                        HasSubstr("см²"), HasSubstr("МиБ"), Not(HasSubstr("cm2"))));
  EXPECT_THAT(ru, Not(testing::ContainsRegex("[0-9][.][0-9]+ мм"))) << "the decimal comma";
}

}  // namespace
}  // namespace thorax
