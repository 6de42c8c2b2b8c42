// Bones of the phantom, except the vertebral bodies, which are cylinders of their own.
#include <numbers>

#include "intake/phantom_chest.h"

namespace thorax::intake::phantom {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

struct RibPlan {
  double drop_mm;    ///< from the spine to the front end
  double end_angle;  ///< degrees; 90 is the back, -90 the front
  double cartilage;  ///< share of the way at which bone turns to cartilage
};

// Ribs 1 to 12: the first seven reach the sternum, 8 to 10 the arch, 11 and 12 float.
constexpr RibPlan kRibs[] = {{34, -76, 0.82}, {58, -80, 0.84}, {74, -81, 0.84},  {84, -82, 0.83},
                             {92, -82, 0.81}, {98, -80, 0.78}, {104, -76, 0.74}, {98, -62, 0.74},
                             {88, -46, 0.76}, {74, -26, 0.80}, {48, 14, 0.95},   {26, 44, 0.95}};

void add_rib(std::vector<Bone>& bones, int number, double side) {
  const RibPlan& plan = kRibs[number];
  const double top = 158 - Vertebra::kPitch * number + 6;
  constexpr int kSteps = 44;
  Vec3 last{17 * side, Chest::outline(top).spine_y + 6, top};
  for (int i = 0; i <= kSteps; ++i) {
    const double t = static_cast<double>(i) / kSteps;
    const double angle = (74 + (plan.end_angle - 74) * t) * kDegree;
    // A rib leaves the spine almost level, then falls, and its cartilage rises again.
    const double fall = std::sin(std::min(t / 0.9, 1.0) * std::numbers::pi / 2);
    const double rise = t > plan.cartilage ? (t - plan.cartilage) * 90 : 0;
    const double z = top - plan.drop_mm * fall * fall + rise * (number > 2 ? 1 : 0.2);
    const RoundedOval cage = Chest::outline(z).cage.grown(5.2);
    Vec3 p = cage.at(angle);
    if (p.y > cage.y0) p.y = cage.y0 + (p.y - cage.y0) * Chest::groove(p.x);
    p = {p.x * side, p.y, z};
    const bool bone = t < plan.cartilage;
    bones.push_back(
        {{last, p, 3.5, 3.5, 0.52}, bone ? 1.1 : 3.5, bone ? 820.0 : 105.0, bone ? 230.0 : 105.0});
    last = p;
  }
}

void add_shoulder(std::vector<Bone>& bones, double side) {
  constexpr int kSteps = 34;
  for (int i = 0; i <= kSteps; ++i) {
    const double t = static_cast<double>(i) / kSteps;
    const double z = 128 - 104 * t;
    bones.push_back({{{(80 + 12 * t) * side, 86 + 8 * t, z},
                      {(142 - 44 * t) * side, 58 + 30 * t, z - 3 + 6 * t},
                      2.2,
                      2.6,
                      0.5},
                     1.0,
                     700,
                     320});
  }
  bones.push_back({{{86 * side, 98, 112}, {148 * side, 58, 136}, 4, 6, 1}});   // spine
  bones.push_back({{{140 * side, 50, 118}, {142 * side, 40, 132}, 9, 9, 1}});  // glenoid
  bones.push_back({{{158 * side, 24, 140}, {152 * side, 22, 152}, 20, 21, 1}, 1.6, 900, 200});
  bones.push_back({{{160 * side, 24, 138}, {176 * side, 22, 60}, 12, 11, 1}, 3.5, 1200, -20});
  bones.push_back({{{20 * side, -50, 100}, {64 * side, -44, 124}, 7, 5, 1}, 1.4, 900, 300});
  bones.push_back({{{64 * side, -44, 124}, {132 * side, 2, 152}, 5, 6, 1}, 1.4, 900, 300});
}

void add_vertebral_arch(std::vector<Bone>& bones, double z, double y) {
  for (const double side : {-1.0, 1.0}) {
    bones.push_back({{{11 * side, y + 9, z + 4}, {12 * side, y + 22, z + 4}, 4, 4, 0.7}});
    bones.push_back({{{12 * side, y + 21, z + 4}, {0, y + 33, z - 3}, 3.4, 3.4, 0.45}});
    bones.push_back({{{13 * side, y + 22, z + 4}, {33 * side, y + 31, z + 5}, 4.8, 4.4, 0.8}});
  }
  bones.push_back({{{0, y + 33, z - 3}, {0, y + 49, z - 19}, 2.6, 3.0, 0.7}, 1.0, 620, 220});
}

void add_sternum(std::vector<Bone>& bones) {
  // Upright rods side by side; wider at the manubrium.
  constexpr int kRods = 13, kSteps = 12;
  for (int i = 0; i < kRods; ++i) {
    const double across = (i - 6) / 6.0;
    for (int k = 0; k < kSteps; ++k) {
      const auto at = [&](int step) {
        const double z = -58 + 156.0 * step / kSteps;
        const RoundedOval cage = Chest::outline(z).cage;
        const double half = z > 68 ? 23 : z < -36 ? 7 : 15;
        return Vec3{across * half, cage.y0 - cage.b - 6.5 + 2 * across * across, z};
      };
      bones.push_back({{at(k), at(k + 1), 4.8, 4.8, 1}, 1.1, 560, 120});
    }
  }
}

}  // namespace

std::vector<Bone> make_skeleton() {
  std::vector<Bone> bones;
  for (const double side : {-1.0, 1.0}) {
    for (int rib = 0; rib < 12; ++rib) add_rib(bones, rib, side);
    add_shoulder(bones, side);
  }
  add_sternum(bones);
  for (double z = 158 + 2 * Vertebra::kPitch; z > -190; z -= Vertebra::kPitch)
    add_vertebral_arch(bones, z, Chest::outline(z).spine_y);
  return bones;
}

}  // namespace thorax::intake::phantom
