#include "intake/phantom_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thorax::intake {
namespace {

using testing::ElementsAre;

TEST(PhantomWords, ANoduleInAnyOrder) {
  const PhantomNodule a = parse_phantom_nodule("--nodule", "wall,left,12.5mm,part-solid,lower");
  EXPECT_EQ(a.diameter_mm, 12.5);
  EXPECT_EQ(a.kind, PhantomNoduleKind::part_solid);
  EXPECT_EQ(a.side, PhantomSide::left);
  EXPECT_EQ(a.third, PhantomThird::lower);
  EXPECT_EQ(a.place, PhantomNodulePlace::wall);
  EXPECT_FALSE(a.centre_mm);
  const PhantomNodule b = parse_phantom_nodule("--nodule", "8,at=-60/10/25.5");
  EXPECT_EQ(b.centre_mm, (volume::Vec3{-60, 10, 25.5}));
}

TEST(PhantomWords, ARegion) {
  const PhantomRegion region = parse_phantom_region("--effusion", "300ml,left");
  EXPECT_EQ(region.volume_ml, 300);
  EXPECT_EQ(region.side, PhantomSide::left);
}

TEST(PhantomWords, MissingSlices) {
  EXPECT_THAT(parse_phantom_missing("12,3-5", 20, 1), ElementsAre(3, 4, 5, 12));
  EXPECT_TRUE(parse_phantom_missing("", 20, 1).empty());
  const std::vector<int> some = parse_phantom_missing("10%", 100, 1);
  EXPECT_EQ(some.size(), 10u);
  EXPECT_GT(some.front(), 0);
  EXPECT_LT(some.back(), 99);
}

TEST(PhantomWords, RefusesTheRest) {
  EXPECT_THROW(parse_phantom_nodule("--nodule", "10mm,round"), Error);
  EXPECT_THROW(parse_phantom_nodule("--nodule", "at=1/2"), Error);
  EXPECT_THROW(parse_phantom_region("--effusion", "lots"), Error);
  EXPECT_THROW(parse_phantom_missing("5-3", 20, 1), Error);
  EXPECT_THROW(parse_phantom_missing("20", 20, 1), Error);
  EXPECT_THROW(parse_phantom_missing("120%", 20, 1), Error);
}

}  // namespace
}  // namespace thorax::intake
