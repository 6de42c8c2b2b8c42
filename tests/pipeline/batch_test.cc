#include "pipeline/batch.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "base/error.h"
#include "drawn_model.h"
#include "intake/child_main.h"
#include "intake/test_files.h"
#include "pipeline/verify.h"
#include "report/batch.h"
#include "support/drawn_pictures.h"
#include "support/drawn_studies.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing_support::draw_nifti;
using testing_support::draw_picture;
using testing_support::draw_series;
using testing_support::sick_chest;
using testing_support::small_chest;
using testing_support::TemporaryFolder;

class Quiet : public BatchListener {
 public:
  void progressed(double done, const std::string&, std::string_view) override {
    EXPECT_GE(done, 0);
    EXPECT_LE(done, 1.0 + 1e-9);
  }
  void finished(const Outcome&) override {}
};

class BatchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { intake::set_child_executable(THORAX_BINARY); }

  BatchTest() {
    options.models.folder = std::string(THORAX_SOURCE_DIR) + "/models";
    models = load_models(options.models);
  }

  std::vector<Outcome> run(const std::vector<fs::path>& paths, const std::string& output = "out") {
    return run({expand_inputs(paths), folder / output, options, {}});
  }
  std::vector<Outcome> run(const BatchJob& job) {
    Quiet listener;
    return run_batch(job, models, listener, cancelled);
  }

  static std::vector<std::string> names(const std::vector<Outcome>& outcomes) {
    std::vector<std::string> out;
    for (const Outcome& outcome : outcomes) out.push_back(outcome.name);
    return out;
  }

  std::vector<std::string> files(const std::string& under) {
    std::vector<std::string> out;
    if (fs::exists(folder / under))
      for (const auto& entry : fs::recursive_directory_iterator(folder / under))
        out.push_back(entry.path().lexically_relative(folder / under).string());
    return out;
  }

  nlohmann::json result_without_times(const fs::path& study) {
    std::ifstream file(study / "result.json");
    nlohmann::json result = nlohmann::json::parse(file);
    result.erase("timings");
    result.erase("result_sha256");
    result.erase("files");  // the page shows the timings
    return result;
  }

  TemporaryFolder folder;
  Options options;
  Models models;
  std::atomic<bool> cancelled{false};
};

TEST_F(BatchTest, OneBadStudyNeverStopsTheRest) {
  draw_series(folder / "in/a.zip", small_chest());
  folder.write("in/b.zip", "PK\x03\x04 but no zip");
  draw_nifti(folder / "in/c.nii.gz", sick_chest());
  const std::vector<Outcome> outcomes = run({folder / "in"});
  ASSERT_THAT(names(outcomes), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(outcomes[0].result.ok());
  EXPECT_FALSE(outcomes[1].result.ok());
  EXPECT_TRUE(outcomes[2].result.ok()) << outcomes[2].result.failure->what(Language::en);
  for (const char* name : {"report.xlsx", "warnings_and_errors.txt", "index.html", "a/result.json",
                           "a/report.html", "b/result.json", "c/result.json"})
    EXPECT_TRUE(fs::exists(folder / "out" / name)) << name;
}

TEST_F(BatchTest, TheSameInputGivesTheSameResultHoweverManyAtATime) {
  draw_series(folder / "in/a.zip", small_chest());
  draw_series(folder / "in/b.zip", sick_chest());
  options.batch.jobs = 1;
  options.batch.threads = 1;
  run({folder / "in"}, "one");
  options.batch.jobs = 2;
  options.batch.threads = 4;
  run({folder / "in"}, "two");
  for (const char* study : {"a", "b"})
    EXPECT_EQ(nlohmann::json::diff(result_without_times(folder / "one" / study),
                                   result_without_times(folder / "two" / study)),
              nlohmann::json::array());
}

// The trap of flat copies: two studies of one archive whose files have equal names.
TEST_F(BatchTest, EqualFileNamesInOneInputDoNotOverwriteEachOther) {
  draw_series(folder / "in/first", small_chest());
  draw_series(folder / "in/second", sick_chest());
  const std::vector<Outcome> outcomes = run({folder / "in"});
  ASSERT_THAT(names(outcomes), ElementsAre("in/1", "in/2"));
  for (const Outcome& outcome : outcomes) {
    EXPECT_TRUE(outcome.result.ok());
    EXPECT_THAT(outcome.result.notices,
                Not(testing::Contains(testing::Field(&Notice::code, "repeated_files"_code))));
    EXPECT_TRUE(fs::exists(outcome.folder / "report.html"));
  }
  EXPECT_NE(outcomes[0].result.study_uid, outcomes[1].result.study_uid);
  EXPECT_EQ(outcomes[0].result.place(), (folder / "in/first").string());
  EXPECT_EQ(outcomes[1].result.place(), (folder / "in/second").string());
}

// Pictures have no UID: the row of a table and a check of the report need their names.
TEST_F(BatchTest, PicturesOfOneArchiveAreToldApart) {
  draw_picture(folder / "a.png", 10);
  draw_picture(folder / "b.png", 200);
  folder.write("in.zip",
               intake::pack(intake::Packer::zip, {{"x/a.png", read_file(folder / "a.png")},
                                                  {"x/b.png", read_file(folder / "b.png")},
                                                  {"c.png", read_file(folder / "b.png")}}));
  const std::vector<Outcome> outcomes = run({folder / "in.zip"});
  ASSERT_EQ(outcomes.size(), 3u);
  std::vector<std::string> rows;
  const auto hooks = verify_hooks(options, {}, {});
  for (const Outcome& outcome : outcomes) {
    rows.push_back(report::batch_row(outcome.result, Language::en).path_to_study);
    EXPECT_FALSE(outcome.result.provenance.input_sha256.empty());
    EXPECT_EQ(hooks.input_sha256(outcome.result), outcome.result.provenance.input_sha256);
  }
  const std::string zip = (folder / "in.zip").string();
  EXPECT_THAT(rows, ElementsAre(zip + "/c.png", zip + "/x/a.png", zip + "/x/b.png"));
}

// The trap of the lone file: it is one slice of a study, and says so, instead of nothing.
TEST_F(BatchTest, ALoneSliceIsReadAndRefusedForWhatItIs) {
  draw_series(folder / "series", small_chest());
  const std::vector<Outcome> outcomes = run({folder / "series/IM00010.dcm"});
  ASSERT_EQ(outcomes.size(), 1u);
  ASSERT_FALSE(outcomes[0].result.ok());
  EXPECT_FALSE(outcomes[0].result.study_uid.empty());
  EXPECT_EQ(outcomes[0].result.series.size(), 1u);
  EXPECT_NE(outcomes[0].result.failure->code, "internal"_code);
}

// The trap of NIfTI in a batch: it has no UIDs, and is a study all the same.
TEST_F(BatchTest, NiftiVolumesAreStudiesOfABatch) {
  draw_nifti(folder / "in/a.nii", small_chest());
  draw_nifti(folder / "in/b.nii.gz", small_chest());
  const std::vector<Outcome> outcomes = run({folder / "in"});
  ASSERT_THAT(names(outcomes), ElementsAre("a", "b"));
  for (const Outcome& outcome : outcomes) {
    EXPECT_TRUE(outcome.result.ok()) << outcome.result.failure->what(Language::en);
    EXPECT_TRUE(outcome.result.decision);
  }
  const Outcome &a = outcomes[0], &b = outcomes[1];
  EXPECT_EQ(a.result.measurements.value("lung.total.volume"),
            b.result.measurements.value("lung.total.volume"));
}

TEST_F(BatchTest, AMissingInputIsARowWithoutAReport) {
  const std::vector<Outcome> outcomes = run({folder / "no.zip"});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].result.failure->code, "no_such_input"_code);
  EXPECT_THAT(files("out"), IsEmpty());
}

TEST_F(BatchTest, TheUsersOwnFolderIsNeverReplaced) {
  draw_series(folder / "study", small_chest());
  try {
    run({expand_inputs({folder / "study"}), folder.path(), options, {}});
    FAIL() << "the input would have been replaced by its report";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "folder_in_use"_code);
  }
  EXPECT_TRUE(fs::exists(folder / "study/IM00001.dcm"));
}

TEST_F(BatchTest, AnOlderReportIsReplaced) {
  draw_nifti(folder / "a.nii", small_chest());
  run({folder / "a.nii"});
  folder.write("out/a/left-over.txt");
  run({folder / "a.nii"});
  EXPECT_TRUE(fs::exists(folder / "out/a/result.json"));
  EXPECT_FALSE(fs::exists(folder / "out/a/left-over.txt"));
}

TEST_F(BatchTest, CancellingLeavesNothingHalfWritten) {
  class Canceller : public Quiet {
   public:
    explicit Canceller(std::atomic<bool>& flag) : flag_(flag) {}
    void progressed(double done, const std::string& study, std::string_view stage) override {
      Quiet::progressed(done, study, stage);
      if (stage == "write") flag_ = true;
    }

   private:
    std::atomic<bool>& flag_;
  };
  draw_nifti(folder / "a.nii", small_chest());
  draw_nifti(folder / "b.nii", small_chest());
  options.batch.jobs = 1;
  const BatchJob job{
      expand_inputs({folder / "a.nii", folder / "b.nii"}), folder / "out", options, {}};
  Canceller listener(cancelled);
  try {
    run_batch(job, models, listener, cancelled);
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "cancelled"_code);
  }
  for (const std::string& file : files("out"))
    EXPECT_THAT(file, testing::StartsWith("a")) << "only the first study was finished";
}

TEST_F(BatchTest, ASeriesThatIsNotThereIsSaid) {
  draw_series(folder / "a.zip", small_chest());
  options.series_uid = "1.2.3";
  const std::vector<Outcome> outcomes = run({folder / "a.zip"});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].result.failure->code, "no_such_series"_code);
}

TEST_F(BatchTest, StudiesWaitForMemoryAndAllAreRead) {
  for (const char* name : {"in/a.nii", "in/b.nii", "in/c.nii"})
    draw_nifti(folder / name, small_chest());
  options.batch.jobs = 3;
  options.batch.memory_bytes = 1;
  for (const Outcome& outcome : run({folder / "in"})) EXPECT_TRUE(outcome.result.ok());
}

/// A network over slabs of eight by eight pixels that answers with `row` and says that it takes
/// `item_bytes` a slab.
CtSlabs slab_network(testing_support::MeanRunner::Row row, std::uint64_t item_bytes) {
  auto runner = std::make_unique<testing_support::MeanRunner>(
      std::vector<std::int64_t>{-1, 1, 8, 8}, "logits", std::move(row));
  runner->set_item_bytes(item_bytes);
  LearnedModel model = testing_support::drawn_model("ct-slab-classification", std::move(runner));
  model.manifest.json["series"] = {{"input", "slabs"}, {"neighbours", 1}, {"windows", {{0, 100}}},
                                   {"step", 8},        {"share", 1},      {"band", {0.45, 0.55}}};
  return {std::move(model), {}};
}

TEST_F(BatchTest, NetworksWorkForOneStudyAtATime) {
  for (const char* name : {"in/a.nii", "in/b.nii", "in/c.nii", "in/d.nii"})
    draw_nifti(folder / name, small_chest());
  std::atomic<int> inside{0}, most{0}, asked{0};
  const auto row = [&](float) {
    most = std::max(most.load(), ++inside);
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    --inside;
    ++asked;
    return std::vector<float>{0};
  };
  models.ct_slabs = slab_network(row, 0);
  options.batch.jobs = 4;
  for (const Outcome& outcome : run({folder / "in"})) {
    ASSERT_TRUE(outcome.result.ok());
    EXPECT_EQ(outcome.result.networks.size(), 1u);
  }
  EXPECT_EQ(most, 1);
  EXPECT_GE(asked, 4);
}

/// How many studies were measured at a time.
class Crowd : public Quiet {
 public:
  void progressed(double done, const std::string& study, std::string_view stage) override {
    Quiet::progressed(done, study, stage);
    if (stage != "lungs") return;
    const std::lock_guard lock(mutex_);
    now_.insert(study);
    most_ = std::max(most_, now_.size());
  }
  void finished(const Outcome& outcome) override {
    const std::lock_guard lock(mutex_);
    now_.erase(outcome.name);
  }
  std::size_t most() const { return most_; }

 private:
  std::mutex mutex_;
  std::set<std::string> now_;
  std::size_t most_ = 0;
};

TEST_F(BatchTest, WhatANetworkTakesIsSetAsideForItAndAllStudiesAreRead) {
  constexpr std::uint64_t kItem = 1 << 28;
  models.ct_slabs = slab_network([](float) { return std::vector<float>{0}; }, kItem);
  ASSERT_EQ(models.working_bytes(), 8 * kItem);
  options.batch.jobs = 3;
  options.batch.memory_bytes = models.working_bytes() + 1;  // one study at a time
  for (const char* name : {"in/a.nii", "in/b.nii", "in/c.nii"})
    draw_nifti(folder / name, small_chest());
  Crowd crowd;
  for (const Outcome& outcome : run_batch(
           {expand_inputs({folder / "in"}), folder / "out", options, {}}, models, crowd, cancelled))
    EXPECT_TRUE(outcome.result.ok());
  EXPECT_EQ(crowd.most(), 1u);
}

}  // namespace
}  // namespace thorax::pipeline
