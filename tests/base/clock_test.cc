#include "base/clock.h"

#include <gtest/gtest.h>

namespace thorax {
namespace {

TEST(StageClock, KeepsStagesInOrderAndAddsUpRepeatedOnes) {
  StageClock clock;
  clock.start("read");
  clock.start("measure");
  clock.start("read");
  EXPECT_EQ(clock.stages().size(), 2u) << "the running stage already has an earlier part";
  clock.stop();
  clock.stop();
  ASSERT_EQ(clock.stages().size(), 2u);
  EXPECT_EQ(clock.stages()[0].first, "read");
  EXPECT_EQ(clock.stages()[1].first, "measure");
  EXPECT_GE(clock.stages()[0].second, 0);
  EXPECT_LE(clock.stages()[0].second + clock.stages()[1].second, clock.seconds());
}

}  // namespace
}  // namespace thorax
