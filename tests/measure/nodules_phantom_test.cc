#include <gtest/gtest.h>

#include "measure/nodules.h"
#include "small_phantom.h"

namespace thorax::measure {
namespace {

using Kind = intake::PhantomNoduleKind;
using Where = intake::PhantomNodulePlace;
using PhantomSide = intake::PhantomSide;
using Third = intake::PhantomThird;

NoduleType type_of(const std::string& kind) {
  if (kind == "part-solid") return NoduleType::part_solid;
  return kind == "ground-glass" ? NoduleType::ground_glass : NoduleType::solid;
}

TEST(SlowNodulesOfAPhantom, AreTheFirstCandidatesWithTheirDiameters) {
  intake::PhantomOptions options;
  options.size = 448;
  options.slice_mm = 1.5;
  options.low_mm = -100;
  options.high_mm = 130;
  const auto add = [&](double mm, Kind kind, PhantomSide side, Third third, Where where) {
    options.nodules.push_back({mm, kind, side, third, where, std::nullopt});
  };
  add(5, Kind::solid, PhantomSide::right, Third::upper, Where::free);
  add(6, Kind::solid, PhantomSide::left, Third::upper, Where::free);
  add(8, Kind::solid, PhantomSide::right, Third::middle, Where::wall);
  add(10, Kind::solid, PhantomSide::left, Third::lower, Where::vessel);
  add(12, Kind::ground_glass, PhantomSide::right, Third::lower, Where::free);
  add(14, Kind::part_solid, PhantomSide::left, Third::middle, Where::free);
  add(8, Kind::calcified, PhantomSide::right, Third::lower, Where::free);
  const auto phantom = intake::make_phantom(options);
  volume::Labels findings(phantom.hu.grid());
  const auto nodules = find_nodules(phantom.hu, testing::lungs_only(phantom.anatomy), {}, findings);

  std::size_t truths = 0;
  for (const auto& truth : phantom.truth["findings"]) {
    ++truths;
    const volume::Vec3 centre{truth["centre_mm"][0], truth["centre_mm"][1], truth["centre_mm"][2]};
    const std::string what = truth["kind"].get<std::string>() + " " + truth["diameter_mm"].dump();
    std::size_t rank = 0;
    while (rank < nodules.size()) {
      const auto& c = nodules[rank].place.centre_mm;
      if (norm(volume::Vec3{c[0], c[1], c[2]} - centre) < 3) break;
      ++rank;
    }
    ASSERT_LT(rank, nodules.size()) << what;
    EXPECT_LT(rank, options.nodules.size()) << what << ": something else ranks higher";
    EXPECT_NEAR(nodules[rank].diameter_mm, truth["diameter_mm"].get<double>(), 1) << what;
    EXPECT_EQ(nodules[rank].type, type_of(truth["kind"])) << what;
    EXPECT_GE(nodules[rank].score, kSuspiciousNodule) << what;
  }
  EXPECT_EQ(truths, options.nodules.size());
  for (std::size_t i = truths; i < nodules.size(); ++i)
    EXPECT_LT(nodules[i].score, kSuspiciousNodule) << "vessels and folds are not suspicious";
}

}  // namespace
}  // namespace thorax::measure
