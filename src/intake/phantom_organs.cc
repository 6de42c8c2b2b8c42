// Heart, great vessels, airways, muscles and upper abdomen of the phantom.
#include <numbers>

#include "intake/phantom_chest.h"

namespace thorax::intake::phantom {
namespace {

Vec3 unit(Vec3 a) {
  return a * (1 / norm(a));
}

/// Rods through points; radii run from the first to the last.
template <class Add>
void chain(const std::vector<std::pair<Vec3, double>>& points, const Add& add) {
  for (std::size_t i = 1; i < points.size(); ++i)
    add(Rod{points[i - 1].first, points[i].first, points[i - 1].second, points[i].second});
}

/// Moves a point along its ray from the middle of the ellipsoid to its surface.
Vec3 onto(const Ellipsoid& shape, Vec3 p) {
  const Vec3 d = p - shape.centre;
  const double k = norm(Vec3{dot(d, shape.u) / shape.radii.x, dot(d, shape.v) / shape.radii.y,
                             dot(d, shape.w) / shape.radii.z});
  return shape.centre + d * (1 / k);
}

constexpr double kThoraxHalfWidth = 129.5;  // widest inner half width of the rib cage

}  // namespace

void Chest::add_heart(const PhantomOptions& options) {
  epicardium.centre = {17, -30, -22};
  epicardium.u = unit({0.77, -0.47, -0.43});
  epicardium.v = unit(cross({0, 0, 1}, epicardium.u));
  epicardium.w = cross(epicardium.u, epicardium.v);
  const Vec3 normal_radii{64, 44, 46};
  epicardium.radii = normal_radii;
  if (options.cardiothoracic_ratio) {
    // A dilated heart grows most along its axis, and to the left.
    const double wanted = *options.cardiothoracic_ratio * kThoraxHalfWidth;
    double low = 0.6, high = 2.2;
    for (int i = 0; i < 40; ++i) {
      const double f = (low + high) / 2, g = std::sqrt(f);
      epicardium.radii = {normal_radii.x * f, normal_radii.y * g, normal_radii.z * g};
      (epicardium.half_width() + kPericardiumMm < wanted ? low : high) = f;
    }
    epicardium.centre.x += 0.3 * (wanted - 59);
  }
  myocardium = epicardium.grown(-3.6);
  if (options.pericardial_ml > 0) {
    // The shell between two ellipsoids whose radii differ by t holds the wanted volume.
    const auto volume = [](Vec3 r) { return 4.0 / 3.0 * std::numbers::pi * r.x * r.y * r.z; };
    double low = 0, high = 40;
    for (int i = 0; i < 40; ++i) {
      pericardial_mm_ = (low + high) / 2;
      const double shell =
          volume(epicardium.grown(pericardial_mm_).radii) - volume(epicardium.radii);
      (shell < options.pericardial_ml * 1000 ? low : high) = pericardial_mm_;
    }
  }
  sac = epicardium.grown(pericardial_mm_ + kPericardiumMm);
  const Ellipsoid& e = epicardium;
  const auto chamber = [&](double u, double v, double w, Vec3 radii) {
    const double f = e.radii.x / normal_radii.x, g = e.radii.y / normal_radii.y;
    chambers.push_back({{e.centre + e.u * (u * f) + e.v * (v * g) + e.w * (w * g),
                         {radii.x * f, radii.y * g, radii.z * g},
                         e.u,
                         e.v,
                         e.w},
                        40});
  };
  chamber(16, 14, -4, {32, 17, 20});    // left ventricle
  chamber(12, -20, -8, {34, 12, 22});   // right ventricle
  chamber(-34, 14, 10, {18, 18, 20});   // left atrium
  chamber(-36, -14, -8, {18, 16, 22});  // right atrium
  fat_pads = {{{54, -60, -66}, {26, 20, 22}}, {{-20, -66, -68}, {20, 13, 17}}};
  hila = {{{-36, 8, 20}, {15, 16, 22}},
          {{38, 8, 24}, {14, 15, 20}},
          {{0, -18, 58}, {36, 34, 36}},
          {{0, -8, 112}, {34, 26, 38}}};
  const auto coronary = [&](const std::vector<Vec3>& path) {
    std::vector<std::pair<Vec3, double>> points;
    double r = 2.1;
    for (const Vec3& p : path) {
      points.emplace_back(onto(myocardium.grown(2.2), p), r);
      r -= 0.15;
    }
    chain(points, [&](const Rod& rod) { coronaries.push_back({rod, 42}); });
  };
  coronary({{8, -46, 22}, {22, -62, 16}, {36, -76, 2}, {48, -84, -18}, {58, -82, -36}});  // LAD
  coronary({{8, -46, 22}, {34, -40, 22}, {54, -24, 10}, {58, -2, -8}, {44, 14, -24}});    // LCx
  coronary(
      {{-10, -52, 18}, {-28, -62, 4}, {-36, -60, -20}, {-26, -48, -46}, {-4, -28, -62}});  // RCA
}

void Chest::add_vessels() {
  const auto artery = [&](const Rod& rod) { aorta.push_back({rod, 42}); };
  chain({{{-2, -28, 6}, 15},
         {{-13, -30, 24}, 16},
         {{-17, -28, 46}, 15.5},
         {{-14, -20, 68}, 15},
         {{-4, -8, 80}, 14},
         {{8, 8, 83}, 13.5},
         {{19, 26, 78}, 13},
         {{25, 41, 62}, 12.5},
         {{25, 45, 30}, 12},
         {{23, 43, -20}, 11.5},
         {{17, 34, -80}, 11},
         {{8, 20, -130}, 10.5},
         {{4, 12, -190}, 10}},
        artery);
  const auto vessel = [&](const Rod& rod) { great_vessels.push_back({rod, 40}); };
  chain({{{14, -46, 8}, 14}, {{18, -34, 28}, 14}, {{14, -16, 37}, 13}}, vessel);       // trunk
  chain({{{14, -16, 37}, 12}, {{-4, -6, 33}, 10.5}, {{-34, -1, 27}, 8.5}}, vessel);    // right PA
  chain({{{14, -16, 37}, 12}, {{30, 2, 40}, 10}, {{42, 12, 34}, 8}}, vessel);          // left PA
  chain({{{-26, -18, 108}, 7.5}, {{-28, -22, 60}, 9}, {{-26, -22, 10}, 10}}, vessel);  // SVC
  chain({{{-26, -18, 106}, 6.5}, {{4, -28, 110}, 6}, {{38, -20, 138}, 6}}, vessel);
  chain({{{-26, -18, 106}, 6.5}, {{-36, -12, 140}, 6.5}, {{-40, -6, 200}, 6}}, vessel);
  chain({{{-8, -14, 84}, 6.5}, {{-17, -6, 118}, 6}, {{-24, 0, 200}, 4}}, vessel);      // right
  chain({{{2, -4, 88}, 4}, {{14, 0, 120}, 3.6}, {{24, 0, 200}, 3.6}}, vessel);         // carotid
  chain({{{12, 8, 88}, 5}, {{24, 16, 122}, 4.8}, {{44, 10, 150}, 4.5}}, vessel);       // left
  chain({{{-20, 6, -190}, 11}, {{-20, 2, -90}, 11.5}, {{-24, -8, -48}, 12}}, vessel);  // IVC
  chain({{{-14, 24, -160}, 3},
         {{-13, 33, -90}, 3},
         {{-11, 42, -20}, 3.2},
         {{-10, 45, 30}, 3.5},
         {{-14, 34, 52}, 4},
         {{-27, 0, 54}, 4}},
        vessel);
  chain({{{-40, -4, 0}, 6}, {{-18, 6, 0}, 8}}, vessel);  // pulmonary veins
  chain({{{40, 4, 4}, 6}, {{18, 8, 2}, 8}}, vessel);
  chain({{{4, 38, 200}, 5.5},
         {{5, 38, 100}, 6},
         {{3, 36, 40}, 6},
         {{6, 30, -40}, 6.5},
         {{14, 14, -90}, 7}},
        [&](const Rod& rod) {
          gullet.push_back({rod, 35});
        });
}

void Chest::add_airways() {
  const auto airway = [&](const Rod& rod) { airways.push_back({rod, 1.4 + 0.04 * rod.ra}); };
  chain({{{0, 14, 210}, 9}, {{0, 18, 150}, 9}, {{-2, 20, 90}, 8.8}, {{-3, 22, 48}, 9}}, airway);
  chain({{{-3, 22, 50}, 8}, {{-18, 19, 35}, 7.2}, {{-32, 15, 24}, 6.6}, {{-40, 16, 8}, 5.4}},
        airway);
  chain({{{-26, 17, 30}, 5}, {{-42, 13, 34}, 4.6}}, airway);
  chain({{{-3, 22, 50}, 8}, {{14, 20, 36}, 6.4}, {{36, 17, 22}, 6}, {{44, 18, 10}, 5}}, airway);
}

void Chest::add_soft_tissue() {
  for (const double side : {-1.0, 1.0}) {
    const auto muscle = [&](Vec3 c, Vec3 r, double yaw) {
      const double angle = yaw * side;
      muscles.push_back({{{c.x * side, c.y, c.z},
                          r,
                          {std::cos(angle), std::sin(angle), 0},
                          {-std::sin(angle), std::cos(angle), 0},
                          {0, 0, 1}},
                         55});
    };
    muscle({82, -78, 72}, {58, 8, 52}, 0.42);    // pectoralis major
    muscle({92, -66, 84}, {34, 6, 34}, 0.5);     // pectoralis minor
    muscle({138, 34, 10}, {11, 46, 100}, 0.25);  // latissimus dorsi
    muscle({30, 92, -40}, {25, 15, 150}, 0.1);   // erector spinae
    muscle({27, 88, 80}, {22, 13, 80}, 0.1);
    muscle({60, 104, 84}, {55, 5, 66}, -0.12);   // trapezius
    muscle({112, 92, 84}, {38, 11, 52}, -0.55);  // infraspinatus
    muscle({112, 70, 78}, {34, 9, 48}, -0.65);   // subscapularis
    muscle({128, 56, 44}, {16, 24, 34}, -0.4);   // teres major
    muscle({150, 16, 150}, {30, 42, 40}, 0);     // deltoid
    muscle({92, 36, 160}, {50, 26, 24}, 0);      // supraspinatus and upper trapezius
    muscle({32, -4, 190}, {12, 18, 46}, 0);      // neck
    muscle({38, 52, 180}, {26, 24, 60}, 0);
  }
  organs = {{{{-66, 0, -104}, {60, 84, 62}}, 56},  // seen only below the dome, see the painter
            {{{92, 44, -118}, {27, 40, 40}}, 48},
            {{{66, -14, -116}, {40, 46, 40}}, 32}};
}

}  // namespace thorax::intake::phantom
