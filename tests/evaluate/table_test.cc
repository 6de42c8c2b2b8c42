#include "evaluate/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/csv.h"
#include "base/error.h"
#include "evaluate/evaluation.h"
#include "support/temporary_folder.h"

namespace thorax::evaluate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Csv, ReadsQuotesAndLeavesEmptyLinesOut) {
  const auto rows = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\n,last");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0], ElementsAre("a", "b"));
  EXPECT_THAT(rows[1], ElementsAre("x, \"y\"", "two\nlines"));
  EXPECT_THAT(rows[2], ElementsAre("", "last"));
  EXPECT_TRUE(parse_csv("").empty());
}

class Table : public testing::Test {
 protected:
  AnswerTable read(const std::string& text) {
    folder.write("t.csv", text);
    return read_answers((folder / "t.csv").string());
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_option"_code);
      return error.notice().todo(Language::en);
    }
    return "accepted";
  }

  testing_support::TemporaryFolder folder;
};

TEST_F(Table, LogitsGoThroughTheSoftmax) {
  const AnswerTable table =
      read("path,patient_id,split,class,logit_N,logit_P\na,1,test,P,0,0\nb,2,val,N,1.0986123,0\n");
  EXPECT_THAT(table.cases.classes, ElementsAre("N", "P"));
  EXPECT_THAT(table.cases.patients, ElementsAre("1", "2"));
  EXPECT_THAT(table.cases.truth_indices(), ElementsAre(1, 0));
  EXPECT_NEAR(table.cases.probabilities[0], 0.5, 1e-9);
  EXPECT_NEAR(table.cases.probabilities[2], 0.75, 1e-6);
  const AnswerTable part = table.where("split", "val");
  EXPECT_EQ(part.cases.count(), 1u);
  EXPECT_EQ(part.rows[0].at("path"), "b");
  EXPECT_THAT(part.logits, testing::SizeIs(2));
  EXPECT_THROW(table.where("split", "train"), Error);
}

TEST_F(Table, FindingsHaveATruthEach) {
  const AnswerTable table =
      read("truth_a,truth_b,probability_a,probability_b\n1,1,0.9,0.2\n0,1,0.1,0.8\n");
  EXPECT_FALSE(table.cases.exclusive);
  EXPECT_THAT(table.cases.truth, ElementsAre(1, 1, 0, 1));
  EXPECT_TRUE(table.cases.patients.empty());
  const AnswerTable logits = read("truth_a,logit_a\n1,0\n");
  EXPECT_DOUBLE_EQ(logits.cases.probabilities[0], 0.5);
}

TEST_F(Table, NamesTheLineThatIsWrong) {
  const std::string head = "class,probability_N,probability_P\n";
  EXPECT_THAT(refusal(head + "N,1,0\nX,0,1\n"), HasSubstr("line 3: \"X\" is none of the classes"));
  EXPECT_THAT(refusal(head + "N,1,0\nN,much,1\n"), HasSubstr("line 3: probability_N is no number"));
  EXPECT_THAT(refusal(head + "N,1.5,0\n"), HasSubstr("line 2: a probability is outside"));
  EXPECT_THAT(refusal(head + "N,nan,0\n"), HasSubstr("no number"));
  EXPECT_THAT(refusal(head + "N\n"), HasSubstr("no number"));
  EXPECT_THAT(refusal(head), HasSubstr("no rows"));
  EXPECT_THAT(refusal("class,score\nN,1\n"), HasSubstr("no columns logit_CLASS"));
  EXPECT_THAT(refusal("probability_N,probability_P\n1,0\n"), HasSubstr("no column class"));
  EXPECT_THAT(refusal("class,probability_N\nN,1\n"), HasSubstr("one class only"));
  EXPECT_THAT(refusal("truth_a,probability_a,probability_b\n1,1,1\n"),
              HasSubstr("no column truth_b"));
  EXPECT_THROW(read_answers((folder / "absent.csv").string()), Error);
}

/// Twice too sure: three of four right at logits of 2 ln 3.
std::string overconfident() {
  std::string text = "class,split,view,logit_N,logit_P\n";
  for (const char* split : {"validation", "test"})
    for (int i = 0; i < 80; ++i)
      text += std::string(i % 2 == (i % 8 < 2 ? 1 : 0) ? "N" : "P") + ',' + split + ',' +
              (i < 40 ? "PA" : "AP") + ',' + (i % 2 ? "0,2.1972246" : "2.1972246,0") + '\n';
  return text;
}

TEST_F(Table, WhatIsFittedOnOneSplitCalibratesTheOther) {
  const AnswerTable table = read(overconfident());
  const Fitted fitted =
      fit(table.where("split", "validation"), 1, ThresholdGoal{ThresholdGoal::Kind::youden, 0});
  EXPECT_NEAR(fitted.temperature, 2, 1e-3);
  EXPECT_EQ(fitted.cases, 80);
  EXPECT_NEAR(*fitted.threshold, 0.5, 1e-6);
  EvaluationOptions options;
  options.slices = {"view"};
  options.bootstrap.resamples = 50;
  const AnswerTable test = table.where("split", "test");
  const Evaluation before = evaluate_table(test, {}, options);
  const Evaluation after = evaluate_table(test, fitted, options);
  EXPECT_NEAR(before.metrics.calibration_error.value, 0.15, 1e-6);
  EXPECT_NEAR(after.metrics.calibration_error.value, 0, 1e-3);
  EXPECT_DOUBLE_EQ(after.metrics.accuracy.value, 0.75);
  EXPECT_EQ(after.confusion[0][0] + after.confusion[1][1], 60);
  ASSERT_EQ(after.slices.size(), 2u);
  EXPECT_EQ(after.slices[0].value, "AP");
  EXPECT_EQ(after.slices[0].metrics.cases, 40);
  ASSERT_EQ(after.miss_rates.size(), 3u);
  for (const double covered : after.miss_rates[2].coverage.of_class) EXPECT_GE(covered, 0.9);
  options.slices = {"absent"};
  EXPECT_THROW(evaluate_table(test, {}, options), Error);
}

TEST_F(Table, FittingNeedsLogitsAndEveryClass) {
  const AnswerTable probabilities = read("class,probability_N,probability_P\nN,1,0\nP,0,1\n");
  EXPECT_THROW(fit(probabilities, 1, {}), Error);
  EXPECT_THROW(fit(read("class,logit_N,logit_P\nN,1,0\n"), 1, {}), Error);
}

}  // namespace
}  // namespace thorax::evaluate
