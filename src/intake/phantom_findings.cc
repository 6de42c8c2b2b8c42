#include "intake/phantom_findings.h"

#include <numbers>

namespace thorax::intake::phantom {
namespace {

using nlohmann::json;

constexpr double kGrainMm = 2.4;  // the smallest hole of emphysema has this radius

const char* to_string(PhantomSide side) {
  return side == PhantomSide::left ? "left" : "right";
}
const char* to_string(PhantomThird third) {
  constexpr const char* kNames[] = {"upper", "middle", "lower"};
  return kNames[static_cast<int>(third)];
}
const char* to_string(PhantomNoduleKind kind) {
  constexpr const char* kNames[] = {"solid", "part-solid", "ground-glass", "calcified"};
  return kNames[static_cast<int>(kind)];
}
const char* to_string(PhantomNodulePlace place) {
  constexpr const char* kNames[] = {"free", "wall", "vessel"};
  return kNames[static_cast<int>(place)];
}

[[noreturn]] void refuse(const std::string& option, double value, const std::string& hint) {
  throw Error("bad_option"_code,
              {{"option", option}, {"value", std::to_string(value)}, {"hint", hint}});
}

class Planner {
 public:
  Planner(const PhantomOptions& options, const Chest& chest, const LungLattice& lattice,
          const LungTree& tree)
      : options_(options),
        chest_(chest),
        lattice_(lattice),
        tree_(tree),
        random_(options.seed + 77) {
    for (const PhantomSide side : {PhantomSide::right, PhantomSide::left}) {
      double low = 1e9, high = -1e9;
      for (const LungPoint& at : lattice.of(side)) {
        low = std::min(low, at.p.z);
        high = std::max(high, at.p.z);
      }
      range_[static_cast<int>(side)] = {low, high};
    }
  }

  FindingPlan plan() {
    for (const PhantomRegion& region : options_.effusion) add_effusion(region);
    for (const PhantomRegion& region : options_.pneumothorax) add_pneumothorax(region);
    for (const PhantomRegion& region : options_.consolidation)
      add_blob(region, kPhantomConsolidation, "consolidation");
    for (const PhantomRegion& region : options_.ground_glass)
      add_blob(region, kPhantomGroundGlass, "ground_glass");
    if (options_.emphysema_percent > 0) add_emphysema();
    if (options_.pericardial_ml > 0) plan_.pericardial_instance = instance("pericardial_effusion");
    for (const PhantomNodule& nodule : options_.nodules) add_nodule(nodule);
    if (options_.coronary_calcium_mm3 > 0) add_coronary_calcium();
    if (options_.aortic_calcium_mm3 > 0) add_aortic_calcium();
    if (options_.mediastinal_mass_ml > 0) plan_.mass_instance = instance("mediastinal_mass");
    return std::move(plan_);
  }

 private:
  std::uint8_t instance(const char* type, json more = json::object()) {
    if (plan_.instances.size() >= 255) refuse("phantom", 256, "At most 255 findings.");
    more["type"] = type;
    plan_.instances.push_back(std::move(more));
    return static_cast<std::uint8_t>(plan_.instances.size());
  }

  double third_middle(PhantomSide side, PhantomThird third) const {
    const auto [low, high] = range_[static_cast<int>(side)];
    return high - (high - low) * (static_cast<int>(third) + 0.5) / 3;
  }
  bool in_third(PhantomSide side, PhantomThird third, double z) const {
    const auto [low, high] = range_[static_cast<int>(side)];
    const double t = (high - z) / (high - low) * 3 - static_cast<int>(third);
    return t >= 0 && t < 1;
  }
  /// Distance to disease that is already there, negative inside.
  double taken(PhantomSide side, const LungPoint& at) const {
    double d = 1e9;
    for (const Spread& spread : plan_.spreads)
      if (spread.side == side) d = std::min(d, spread.distance(at));
    return d;
  }

  /// Finds the level at which a field fills the wanted volume, and adds it.
  void add_spread(Spread spread, double volume_ml, const char* type) {
    std::vector<double> values;
    for (const LungPoint& at : lattice_.of(spread.side))
      if (taken(spread.side, at) > 0) values.push_back(spread.field(at));
    const double wanted = volume_ml * 1000 / lattice_.point_mm3();
    if (!(wanted >= 1) || wanted > 0.9 * static_cast<double>(values.size()))
      refuse(type, volume_ml, "It has to fit into the lung: give fewer millilitres.");
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::nth_element(values.begin(), nth, values.end());
    spread.level = *nth;
    spread.instance = instance(type, {{"side", to_string(spread.side)}, {"wanted_ml", volume_ml}});
    plan_.spreads.push_back(std::move(spread));
  }

  void add_effusion(const PhantomRegion& region) {
    // Supine fluid: level at the back, drawn up along the wall, deeper at the base.
    add_spread({kPhantomPleuralEffusion, region.side,
                [](const LungPoint& at) {
                  return -(at.p.y + 24 * std::exp(at.cage / 11) - 0.22 * at.p.z);
                }},
               region.volume_ml, "pleural_effusion");
  }
  void add_pneumothorax(const PhantomRegion& region) {
    add_spread(
        {kPhantomPneumothorax, region.side,
         [](const LungPoint& at) { return at.p.y - 34 * std::exp(at.cage / 12) - 0.20 * at.p.z; }},
        region.volume_ml, "pneumothorax");
  }

  void add_blob(const PhantomRegion& region, PhantomFinding label, const char* type) {
    const double left = region.side == PhantomSide::left ? 1 : -1;
    const Vec3 middle{left * random_.uniform(78, 88), random_.uniform(20, 45),
                      third_middle(region.side, region.third)};
    const std::uint64_t seed = random_.next();
    add_spread({label, region.side,
                [middle, seed](const LungPoint& at) {
                  return norm(at.p - middle) + 9 * value_noise(seed, at.p, 17) +
                         3 * value_noise(seed + 1, at.p, 6);
                }},
               region.volume_ml, type);
    plan_.instances.back()["third"] = to_string(region.third);
  }

  void add_emphysema();
  void add_nodule(const PhantomNodule& nodule);
  Vec3 place_nodule(const PhantomNodule& nodule);
  void add_plaques(PhantomFinding label, std::uint8_t number, double mm3,
                   const std::vector<std::pair<Vec3, Vec3>>& sites);
  void add_coronary_calcium();
  void add_aortic_calcium();

  const PhantomOptions& options_;
  const Chest& chest_;
  const LungLattice& lattice_;
  const LungTree& tree_;
  Random random_;
  std::pair<double, double> range_[2];
  FindingPlan plan_;
};

void Planner::add_emphysema() {
  plan_.holes_instance = instance("emphysema", {{"wanted_percent", options_.emphysema_percent}});
  // Holes are drawn one by one, more of them in the upper lung, until a fine lattice says that the
  // wanted share is covered.
  const volume::Grid grid{{215, 148, 188}, {1.5, 1.5, 1.5}, {-141, -111, -160}};
  volume::Mask free(grid);
  std::size_t lung = 0;
  // Partial volume and the kernel keep the rim of a hole above -950 HU.
  const double rim = options_.kernel == PhantomKernel::soft ? 0.3 + 0.08 * options_.slice_mm : 0.25;
  for (int z = 0; z < grid.shape.z; ++z) {
    const Level level = chest_.level(grid.position(z, 0, 0).z);
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        const Vec3 p = grid.position(z, y, x);
        const double cage = Chest::cage(level, p.x, p.y);
        if (cage > 0) continue;
        const LungPoint at{p, chest_.lung(level, p.x, p.y, cage), cage};
        if (at.lung > 0) continue;
        ++lung;
        free(z, y, x) = taken(p.x < 0 ? PhantomSide::right : PhantomSide::left, at) > 0;
      }
  }
  const auto wanted =
      static_cast<std::size_t>(options_.emphysema_percent / 100 * static_cast<double>(lung));
  std::size_t covered = 0;
  // Digs one hole and returns how many voxels it took that were still free.
  const auto punch = [&](Vec3 c, double radius) {
    std::size_t taken = 0;
    plan_.holes.push_back({c, radius, -990, 0, 0, plan_.holes_instance});
    const double r = radius - rim;
    const auto at = grid.index(c);
    const int reach = static_cast<int>(r / 1.5) + 1;
    const int cz = static_cast<int>(std::lround(at[0])), cy = static_cast<int>(std::lround(at[1])),
              cx = static_cast<int>(std::lround(at[2]));
    for (int z = cz - reach; z <= cz + reach; ++z)
      for (int y = cy - reach; y <= cy + reach; ++y)
        for (int x = cx - reach; x <= cx + reach; ++x) {
          if (!grid.contains(z, y, x) || !free(z, y, x)) continue;
          if (norm(grid.position(z, y, x) - c) > r) continue;
          free(z, y, x) = 0;
          ++taken;
        }
    return taken;
  };
  for (long tries = 0; covered < wanted; ++tries) {
    if (tries > 4'000'000) refuse("emphysema", options_.emphysema_percent, "At most about 60.");
    const PhantomSide side = random_.uniform() < 0.5 ? PhantomSide::right : PhantomSide::left;
    const std::vector<LungPoint>& points = lattice_.of(side);
    const LungPoint& at = points[random_.next() % points.size()];
    const auto [low, high] = range_[static_cast<int>(side)];
    if (random_.uniform() > 0.25 + 0.75 * (at.p.z - low) / (high - low)) continue;
    const Vec3 jitter{random_.uniform(-1, 1), random_.uniform(-1, 1), random_.uniform(-1, 1)};
    if (options_.bullae && covered < wanted / 2) {
      if (at.cage > -4 || at.cage < -12) continue;
      covered += punch(at.p + jitter, random_.uniform(8, 18));
    } else if (at.lung < -4) {
      covered += punch(at.p + jitter, kGrainMm + 3.5 * std::pow(random_.uniform(), 2));
    }
  }
  std::stable_sort(plan_.holes.begin(), plan_.holes.end(),
                   [](const Ball& a, const Ball& b) { return a.centre.z < b.centre.z; });
}

Vec3 Planner::place_nodule(const PhantomNodule& nodule) {
  if (nodule.centre_mm) return *nodule.centre_mm;
  const double r = nodule.diameter_mm / 2;
  const std::vector<LungPoint>& points = lattice_.of(nodule.side);
  const auto clear = [&](const LungPoint& at) {
    if (!in_third(nodule.side, nodule.third, at.p.z) || taken(nodule.side, at) < r + 2)
      return false;
    for (const Ball& other : plan_.nodules)
      if (norm(other.centre - at.p) < other.radius + r + 6) return false;
    return true;
  };
  const auto nearest_vessel = [&](Vec3 p) {
    double d = 1e9;
    for (const Rod& rod : tree_.vessels)
      if (std::max(rod.ra, rod.rb) > 0.9) d = std::min(d, rod.distance(p));
    return d;
  };
  for (int tries = 0; tries < 40000; ++tries) {
    const LungPoint& at = points[random_.next() % points.size()];
    if (!clear(at)) continue;
    switch (nodule.place) {
      case PhantomNodulePlace::free:
        if (at.lung < -(r + 5) && nearest_vessel(at.p) > r + 0.8) return at.p;
        break;
      case PhantomNodulePlace::wall:
        if (at.lung == at.cage && std::abs(at.cage + 0.7 * r) < 0.8 && nearest_vessel(at.p) > r)
          return at.p;
        break;
      case PhantomNodulePlace::vessel: {
        if (at.lung > -(r + 5)) break;
        const double d = nearest_vessel(at.p);
        if (d > 0.3 * r && d < 0.9 * r) return at.p;
        break;
      }
    }
  }
  refuse("nodule", nodule.diameter_mm, "There is no free place of that kind: make it smaller.");
}

void Planner::add_nodule(const PhantomNodule& nodule) {
  if (!(nodule.diameter_mm >= 1 && nodule.diameter_mm <= 120))
    refuse("nodule", nodule.diameter_mm, "A diameter from 1 to 120 mm.");
  Ball ball{place_nodule(nodule), nodule.diameter_mm / 2};
  switch (nodule.kind) {
    case PhantomNoduleKind::solid:
      ball.hu = 35;
      break;
    case PhantomNoduleKind::part_solid:
      ball.hu = -580;
      ball.core_radius = ball.radius / 2;
      ball.core_hu = 20;
      break;
    case PhantomNoduleKind::ground_glass:
      ball.hu = -600;
      break;
    case PhantomNoduleKind::calcified:
      ball.hu = 420;
      break;
  }
  const double scale = options_.body_scale;
  const double mm = nodule.diameter_mm * scale;
  ball.instance = instance(
      "nodule", {{"side", to_string(ball.centre.x > 0 ? PhantomSide::left : PhantomSide::right)},
                 {"diameter_mm", mm},
                 {"analytic_ml", std::numbers::pi / 6 * mm * mm * mm / 1000},
                 {"kind", to_string(nodule.kind)},
                 {"place", nodule.centre_mm ? "given" : to_string(nodule.place)},
                 {"analytic_centre_mm",
                  {ball.centre.x * scale, ball.centre.y * scale, ball.centre.z * scale}}});
  plan_.nodules.push_back(ball);
}

void Planner::add_plaques(PhantomFinding label, std::uint8_t number, double mm3,
                          const std::vector<std::pair<Vec3, Vec3>>& sites) {
  const auto count =
      std::clamp<std::size_t>(static_cast<std::size_t>(mm3 / 60) + 1, 1, sites.size());
  const double each = mm3 / static_cast<double>(count);
  double r = std::min(1.7, std::cbrt(each * 3 / (4 * std::numbers::pi)));
  const auto length = [&] {
    return (each - 4.0 / 3 * std::numbers::pi * r * r * r) / (std::numbers::pi * r * r);
  };
  while (length() > 16) r *= 1.05;
  if (r > 4) refuse("calcification", mm3, "Give fewer cubic millimetres.");
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [at, along] = sites[i];
    const Vec3 half = along * (std::max(0.0, length()) / 2);
    plan_.plaques.push_back({{at - half, at + half, r, r}, label, number});
  }
}

void Planner::add_coronary_calcium() {
  const std::uint8_t number =
      instance("coronary_calcification", {{"wanted_mm3", options_.coronary_calcium_mm3}});
  std::vector<std::pair<Vec3, Vec3>> sites;
  for (const std::size_t i : {0, 1, 8, 2, 9, 4, 5, 10, 6}) {
    if (i >= chest_.coronaries.size()) continue;
    const Rod& rod = chest_.coronaries[i].rod;
    sites.emplace_back((rod.a + rod.b) * 0.5, (rod.b - rod.a) * (1 / norm(rod.b - rod.a)));
  }
  add_plaques(kPhantomCoronaryCalcification, number, options_.coronary_calcium_mm3, sites);
}

void Planner::add_aortic_calcium() {
  const std::uint8_t number =
      instance("aortic_calcification", {{"wanted_mm3", options_.aortic_calcium_mm3}});
  std::vector<std::pair<Vec3, Vec3>> sites;
  for (const std::size_t i : {4, 6, 5, 8, 7, 9}) {
    const Rod& rod = chest_.aorta[i].rod;
    const Vec3 along = (rod.b - rod.a) * (1 / norm(rod.b - rod.a));
    Vec3 outward = cross(along, i % 2 ? Vec3{0.3, 1, 0} : Vec3{1, 0.2, 0.1});
    outward = outward * (1 / norm(outward));
    for (const double t : {0.35, 0.75})
      sites.emplace_back(
          rod.a + (rod.b - rod.a) * t + outward * (rod.ra + (rod.rb - rod.ra) * t - 1.2), along);
  }
  add_plaques(kPhantomAorticCalcification, number, options_.aortic_calcium_mm3, sites);
}

}  // namespace

FindingPlan plan_findings(const PhantomOptions& options, const Chest& chest,
                          const LungLattice& lattice, const LungTree& tree) {
  return Planner(options, chest, lattice, tree).plan();
}

}  // namespace thorax::intake::phantom
