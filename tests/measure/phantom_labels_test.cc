// The phantom may not include the measure room, so it repeats its label numbers.
#include <gtest/gtest.h>

#include "intake/phantom.h"
#include "measure/ct.h"

namespace thorax {
namespace {

TEST(PhantomLabels, AreThoseOfTheMeasureRoom) {
  EXPECT_EQ(int{intake::kPhantomLeftLung}, int{measure::kLeftLung});
  EXPECT_EQ(int{intake::kPhantomRightLung}, int{measure::kRightLung});
  EXPECT_EQ(int{intake::kPhantomAirways}, int{measure::kAirways});
  EXPECT_EQ(int{intake::kPhantomHeart}, int{measure::kHeart});
  EXPECT_EQ(int{intake::kPhantomAorta}, int{measure::kAorta});
  EXPECT_EQ(int{intake::kPhantomSpine}, int{measure::kSpine});
  EXPECT_EQ(int{intake::kPhantomEmphysema}, int{measure::kEmphysema});
  EXPECT_EQ(int{intake::kPhantomGroundGlass}, int{measure::kGroundGlass});
  EXPECT_EQ(int{intake::kPhantomConsolidation}, int{measure::kConsolidation});
  EXPECT_EQ(int{intake::kPhantomPleuralEffusion}, int{measure::kPleuralEffusion});
  EXPECT_EQ(int{intake::kPhantomPericardialEffusion}, int{measure::kPericardialEffusion});
  EXPECT_EQ(int{intake::kPhantomPneumothorax}, int{measure::kPneumothorax});
  EXPECT_EQ(int{intake::kPhantomNodule}, int{measure::kNodule});
  EXPECT_EQ(int{intake::kPhantomCoronaryCalcification}, int{measure::kCoronaryCalcification});
  EXPECT_EQ(int{intake::kPhantomAorticCalcification}, int{measure::kAorticCalcification});
}

}  // namespace
}  // namespace thorax
