#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "support/temporary_folder.h"
#include "tune/importance.h"
#include "tune/report.h"
#include "tune/searcher.h"

namespace thorax::tune {
namespace {

using nlohmann::json;
using testing_support::TemporaryFolder;

std::vector<Dimension> space() {
  return read_space(json::parse(R"({
    "training": {"rate": {"low": 1e-5, "high": 0.1, "scale": "log"},
                 "batch": {"low": 8, "high": 128, "type": "integer", "scale": "log"}},
    "network": {"config": {"hidden": {"choices": [[128], [256, 128], []]},
                           "activation": {"choices": ["relu", "gelu"]}}}})"));
}

TEST(Space, IsReadFromNestedKeys) {
  const std::vector<Dimension> all = space();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].key, "network.config.activation");
  EXPECT_EQ(all[0].text(1), "gelu");
  EXPECT_EQ(all[1].key, "network.config.hidden");
  EXPECT_EQ(all[1].text(0.9), "[256,128]");
  EXPECT_EQ(all[1].text(2), "[]");
  EXPECT_EQ(all[2].key, "training.batch");
  EXPECT_EQ(all[2].text(std::log(31.7)), "32");
  EXPECT_EQ(all[3].text(std::log(0.001)), "0.001");
  EXPECT_EQ(all[3].text(5), "0.1") << "never outside";
  EXPECT_TRUE(all[1].whole());
  EXPECT_FALSE(all[2].whole()) << "rounded only after the logarithm";
}

TEST(Space, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"{}", R"({"a": 3})", R"({"a": {"low": 1}})", R"({"a": {"low": 2, "high": 1}})",
        R"({"a": {"low": 0, "high": 1, "scale": "log"}})", R"({"a": {"choices": []}})",
        R"({"a": {"low": 0, "high": 1, "step": 2}})",
        R"({"a": {"low": 0, "high": 1, "scale": 1}})"}) {
    try {
      read_space(json::parse(text));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_option"_code) << text;
    }
  }
}

/// Highest, 0, at rate 1e-3 with gelu.
double planted(const std::vector<Dimension>& all, const Point& point) {
  const double distance = point[3] - std::log(1e-3);
  return -distance * distance - (all[0].text(point[0]) == "gelu" ? 0 : 5);
}

TEST(Search, FindsAPlantedOptimum) {
  const std::vector<Dimension> all = space();
  const auto searcher = make_searcher(all, 42);
  double best = -1e9;
  for (int trial = 0; trial < 40; ++trial) {
    const double score = planted(all, searcher->next());
    searcher->tell(score);
    best = std::max(best, score);
  }
  EXPECT_GT(best, -0.05) << "within a quarter of the rate";
}

TEST(Search, AsksTheSameAgainWhenItIsToldTheSame) {
  const std::vector<Dimension> all = space();
  std::vector<Point> points;
  for (const int pieces : {1, 2}) {
    for (int piece = 0; piece < pieces; ++piece) {
      const auto searcher = make_searcher(all, 7);
      for (std::size_t trial = 0; trial < 12; ++trial) {
        const Point point = searcher->next();
        if (trial == points.size()) points.push_back(point);
        EXPECT_EQ(points[trial], point);
        searcher->tell(planted(all, point));
      }
    }
  }
}

TEST(Search, OfOneValueIsThatValue) {
  const std::vector<Dimension> all = read_space({{"a", {{"choices", {"only"}}}}});
  const auto searcher = make_searcher(all, 1);
  EXPECT_EQ(all[0].text(searcher->next()[0]), "only");
  searcher->tell(1);
}

Trial trial(std::int64_t number, Point point, std::vector<double> epochs,
            Outcome outcome = Outcome::complete) {
  Trial one;
  one.number = number;
  one.point = std::move(point);
  one.epochs = std::move(epochs);
  one.score = *std::ranges::max_element(one.epochs);
  one.outcome = outcome;
  return one;
}

TEST(Trials, ComeBackFromTheirFileWithoutAHalfLine) {
  const TemporaryFolder folder;
  const std::vector<Dimension> all = read_space({{"a", {{"low", 0}, {"high", 1}}}});
  const auto path = folder / "trials.jsonl";
  EXPECT_TRUE(read_trials(path, all).empty());
  append_trial(path, trial(1, {0.1 + 0.2}, {0.5, 0.25}), all);
  append_trial(path, trial(2, {1.0 / 3}, {0.125}, Outcome::pruned), all);
  std::ofstream(path, std::ios::app) << R"({"trial": 3, "sco)";
  for (int time = 0; time < 2; ++time) {
    const std::vector<Trial> back = read_trials(path, all);
    ASSERT_EQ(back.size(), 2u);
    EXPECT_EQ(back[0].point, (Point{0.1 + 0.2})) << "to the last bit";
    EXPECT_EQ(back[0].epochs, (std::vector<double>{0.5, 0.25}));
    EXPECT_EQ(back[1].outcome, Outcome::pruned);
  }
  const std::vector<Dimension> other = read_space({{"b", {{"low", 0}, {"high", 1}}}});
  try {
    read_trials(path, other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "run_differs"_code);
  }
}

TEST(Trials, AreGivenUpBelowTheMedianAfterTheWarmUp) {
  const std::vector<Trial> others{trial(1, {0}, {0.1, 0.5, 0.9}), trial(2, {0}, {0.2, 0.6, 0.7}),
                                  trial(3, {0}, {0.3, 0.4, 0.8}),
                                  trial(4, {0}, {0.0, 0.0}, Outcome::pruned)};
  EXPECT_FALSE(is_hopeless(others, {0.1}, 2)) << "in the warm-up";
  EXPECT_TRUE(is_hopeless(others, {0.1, 0.45}, 2)) << "below the median, 0.5";
  EXPECT_FALSE(is_hopeless(others, {0.5, 0.45}, 2)) << "its best counts";
  EXPECT_FALSE(is_hopeless({others[0], others[1]}, {0, 0, 0}, 2)) << "two are too few";
  EXPECT_TRUE(is_hopeless(others, {0.1, 0.1, 0.1, 0.79}, 2)) << "longer than the others";
}

TEST(Importance, FindsTheSettingThatDecides) {
  const std::vector<Dimension> all =
      read_space({{"a", {{"low", 0}, {"high", 1}}}, {"b", {{"choices", {"x", "y"}}}}});
  std::vector<Trial> trials;
  for (int i = 0; i < 40; ++i) {
    const double b = i % 2, a = static_cast<double>(i * 7 % 40) / 40;
    trials.push_back(trial(i + 1, {a, b}, {3 * b + 0.01 * a}));
  }
  trials.push_back(trial(41, {0, 0}, {-1000}, Outcome::failed));
  const std::vector<double> shares = importance(trials, all);
  EXPECT_LT(shares[0], 0.1);
  EXPECT_GT(shares[1], 0.99);
  EXPECT_EQ(importance({trials[0]}, all), (std::vector<double>{0, 0}));
}

TEST(Importance, IsInTheReportWithTheBestTrialFirst) {
  const TemporaryFolder folder;
  const std::vector<Dimension> all = read_space({{"a", {{"low", 0}, {"high", 1}}}});
  const auto path = write_report(folder.path(), {trial(1, {0.25}, {0.5}), trial(2, {0.75}, {0.75})},
                                 all, "auroc");
  const std::string text = read_file(folder / "report.md"), page = read_file(path);
  EXPECT_NE(text.find("| 2 | 0.750000 |"), std::string::npos);
  EXPECT_LT(text.find("| 2 | 0.750000 |"), text.find("| 1 | 0.500000 |"));
  EXPECT_NE(page.find("0.750000"), std::string::npos);
  EXPECT_LT(page.find("0.750000"), page.find("0.500000"));
  EXPECT_NE(text.find("Saltelli"), std::string::npos);
  EXPECT_NE(read_file(folder / "best.yaml").find("extends: trials/0002/config.yaml"),
            std::string::npos);
}

}  // namespace
}  // namespace thorax::tune
