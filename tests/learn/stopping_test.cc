#include "learn/stopping.h"

#include <gtest/gtest.h>

#include <cmath>

namespace thorax::learn {
namespace {

std::vector<EpochRow> rows(const std::vector<double>& losses) {
  std::vector<EpochRow> rows;
  for (const double loss : losses) {
    rows.emplace_back();
    rows.back().epoch = static_cast<std::int64_t>(rows.size());
    rows.back().validation_loss = loss;
    rows.back().validation_f1 = 1 - loss;
  }
  return rows;
}

TEST(Stopping, WaitsAsLongAsItIsTold) {
  TrainingOptions training;
  EXPECT_FALSE(stops_early(rows({1, 2, 3, 4, 5}), training)) << "no patience given: never";
  training.patience = 2;
  EXPECT_FALSE(stops_early(rows({3, 2, 2.5}), training));
  EXPECT_TRUE(stops_early(rows({3, 2, 2.5, 2}), training)) << "as good is not better";
  EXPECT_FALSE(stops_early(rows({3, 2, 2.5, 1.9}), training));
  training.min_delta = 0.2;
  EXPECT_TRUE(stops_early(rows({3, 2, 2.5, 1.9}), training));
}

TEST(Stopping, KeepsTheBestByWhatIsWatchedThenByTheLossThenTheFirst) {
  std::vector<EpochRow> some = rows({0.5, 0.2, 0.3, 0.2});
  EXPECT_EQ(best_epoch(some, "loss"), 2);
  EXPECT_EQ(best_epoch(some, "f1"), 2);
  some[2].validation_auroc = 0.9;
  EXPECT_EQ(best_epoch(some, "auroc"), 3);
  some[0].validation_auroc = some[3].validation_auroc = 0.9;
  EXPECT_EQ(best_epoch(some, "auroc"), 4) << "0.2 is the lowest loss of the three";
}

TEST(Stopping, TakesWhatIsNoNumberForTheWorst) {
  std::vector<EpochRow> some = rows({0.5, 0.2, 0.3});
  for (EpochRow& row : some) row.validation_auroc = std::nan("");
  EXPECT_EQ(best_epoch(some, "auroc"), 2);
  some[2].validation_auroc = 0.1;
  EXPECT_EQ(best_epoch(some, "auroc"), 3);
}

}  // namespace
}  // namespace thorax::learn
