#include "learn/cases.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace thorax::learn {
namespace {

TEST(StepPart, ProcessesShareAStepWithoutGapsOrOverlaps) {
  TrainingOptions training;
  training.batch = 3;
  training.processes = 2;
  EXPECT_EQ(step_inputs(training), 6u);
  EXPECT_EQ(steps_of(20, training), 3);
  for (int step = 0; step < 3; ++step)
    for (int process = 0; process < 2; ++process) {
      training.process = process;
      const StepPart part = step_part(20, step, training);
      EXPECT_EQ(part.whole, 6u);
      EXPECT_EQ(part.count, 3u);
      EXPECT_EQ(part.first, static_cast<std::size_t>(step * 6 + process * 3));
    }
}

TEST(StepPart, AShortEpochIsShared) {
  TrainingOptions training;
  training.batch = 8;
  training.processes = 2;
  EXPECT_EQ(steps_of(5, training), 1);
  training.process = 1;
  const StepPart part = step_part(5, 0, training);
  EXPECT_EQ(part.whole, 5u);
  EXPECT_EQ(part.first, 2u);
  EXPECT_EQ(part.count, 3u);
  EXPECT_THROW(steps_of(1, training), Error);
}

}  // namespace
}  // namespace thorax::learn
