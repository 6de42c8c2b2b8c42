#include "measure/spine.h"

#include <gtest/gtest.h>

#include "small_phantom.h"

namespace thorax::measure {
namespace {

using testing::healthy_phantom;
using testing::lungs_only;
using testing::small_phantom_options;

TEST(Spine, MeasuresTheDensityOfThePhantomsVertebrae) {
  auto anatomy = lungs_only(healthy_phantom().anatomy);
  Measurements values;
  measure_spine(healthy_phantom().hu, anatomy, {}, values);
  ASSERT_NE(values.find("spine.trabecular_hu"), nullptr);
  EXPECT_NEAR(*values.value("spine.trabecular_hu"), 160, 12);
  // Closing over osteoporotic marrow takes some of the discs along.
  EXPECT_GT(testing::precision(anatomy, healthy_phantom().anatomy, kSpine), 0.65);
}

TEST(Spine, SeesOsteoporosis) {
  auto options = small_phantom_options();
  options.vertebra_hu = 90;
  const auto phantom = intake::make_phantom(options);
  auto anatomy = lungs_only(phantom.anatomy);
  Measurements values;
  measure_spine(phantom.hu, anatomy, {}, values);
  ASSERT_NE(values.find("spine.trabecular_hu"), nullptr);
  EXPECT_NEAR(*values.value("spine.trabecular_hu"), 90, 12);
}

TEST(Spine, PathFollowsTheBodies) {
  const auto& phantom = healthy_phantom();
  const SpinePath spine = find_spine(phantom.hu, lungs_only(phantom.anatomy));
  ASSERT_FALSE(spine.empty());
  int inside = 0;
  for (std::size_t i = 0; i < spine.centres.size(); ++i) {
    const auto at = phantom.hu.grid().index(spine.centres[i]);
    inside += phantom.anatomy(spine.low_z + static_cast<int>(i), static_cast<int>(at[1]),
                              static_cast<int>(at[2])) == kSpine;
  }
  // Discs carry no label.
  EXPECT_GT(inside, 0.6 * static_cast<double>(spine.centres.size()));
}

TEST(Spine, ContrastMediumIsSaid) {
  const auto& phantom = healthy_phantom();
  auto anatomy = lungs_only(phantom.anatomy);
  CtContext context;
  context.contrast = true;
  Measurements values;
  measure_spine(phantom.hu, anatomy, context, values);
  EXPECT_NE(values.find("spine.trabecular_hu")->caveat.en.find("Contrast"), std::string::npos);
}

TEST(Spine, NoLungsOrNoBoneMeansNoNumber) {
  const auto& phantom = healthy_phantom();
  volume::Labels none(phantom.hu.grid());
  Measurements values;
  measure_spine(phantom.hu, none, {}, values);
  auto anatomy = lungs_only(phantom.anatomy);
  auto boneless = phantom.hu.clone();
  for (auto& v : boneless.voxels()) v = std::min<std::int16_t>(v, 30);
  measure_spine(boneless, anatomy, {}, values);
  EXPECT_TRUE(values.all().empty());
}

}  // namespace
}  // namespace thorax::measure
