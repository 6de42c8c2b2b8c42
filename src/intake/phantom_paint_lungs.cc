#include "intake/phantom_paint_lungs.h"

#include "intake/phantom_brush.h"

namespace thorax::intake::phantom {
namespace {

class LungPainter {
 public:
  LungPainter(const Scene& scene, const Level& level, Plane& plane)
      : scene_(scene), level_(level), plane_(plane) {}

  void paint() {
    measure();
    if (pixels_.empty()) return;
    for (std::size_t k = 0; k < pixels_.size(); ++k) parenchyma(k);
    holes();
    spread(kPhantomGroundGlass);
    tree();
    spread(kPhantomConsolidation);
    bronchogram();
    spread(kPhantomPleuralEffusion);
    nodules();
    spread(kPhantomPneumothorax);
    settle();
  }

 private:
  void measure();
  void parenchyma(std::size_t k);
  void holes();
  void tree();
  void bronchogram();
  void spread(PhantomFinding label);
  void nodules();
  void settle();

  Vec3 at(std::size_t i) const {
    const auto size = static_cast<std::size_t>(plane_.size);
    return {plane_.coordinate(static_cast<int>(i % size)),
            plane_.coordinate(static_cast<int>(i / size)), level_.z};
  }
  LungPoint point(std::size_t i) const { return {at(i), plane_.lung[i], plane_.cage[i]}; }
  void mark(std::size_t i, PhantomFinding label, std::uint8_t instance) {
    if (plane_.lung[i] >= 0) return;
    plane_.finding[i] = label;
    plane_.instance[i] = instance;
  }
  template <class Distance>
  void lay_here(const Box& box, double hu, const Distance& distance, PhantomFinding label,
                std::uint8_t instance);

  const Scene& scene_;
  const Level& level_;
  Plane& plane_;
  std::vector<std::size_t> pixels_;  ///< that touch a lung
  std::vector<float> under_;         ///< what was there before the lung, for the border
};

void LungPainter::measure() {
  const RoundedOval& cage = level_.cage;
  each_pixel(plane_, {-cage.a, cage.a, cage.y0 - cage.b, cage.y0 + cage.b},
             [&](std::size_t i, double x, double y) {
               if (plane_.cage[i] >= plane_.step) return;
               const double d = scene_.chest.lung(level_, x, y, plane_.cage[i]);
               plane_.lung[i] = d;
               if (d >= plane_.step / 2) return;
               pixels_.push_back(i);
               under_.push_back(plane_.hu[i]);
               if (d >= 0) return;
               plane_.anatomy[i] = x < 0 ? kPhantomRightLung : kPhantomLeftLung;
               plane_.finding[i] = plane_.instance[i] = 0;
             });
}

void LungPainter::parenchyma(std::size_t k) {
  const std::size_t i = pixels_[k];
  const Vec3 p = at(i);
  // Blood settles: lying on the back, the lung is denser behind (about 2 HU a centimetre).
  double hu = -858 + 0.16 * p.y + 9 * value_noise(scene_.seed + 11, p, 6) +
              9 * value_noise(scene_.seed + 12, p, 2.4);
  const double fissure = Chest::fissure(p) - 0.35;
  if (fissure < plane_.step) hu += 170 * coverage(fissure, 1.2 * plane_.step);
  plane_.hu[i] = static_cast<float>(hu);
}

template <class Distance>
void LungPainter::lay_here(const Box& box, double hu, const Distance& distance,
                           PhantomFinding label, std::uint8_t instance) {
  lay(
      plane_, box, hu,
      [&](std::size_t i, double x, double y) {
        return plane_.lung[i] < plane_.step / 2 ? distance(Vec3{x, y, level_.z}) : 99.0;
      },
      [&](std::size_t i) {
        if (label != 0) mark(i, label, instance);
      });
}

void LungPainter::holes() {
  const std::vector<Ball>& holes = scene_.plan.holes;
  constexpr double kLargest = 19;
  const auto below = [](const Ball& ball, double z) { return ball.centre.z < z; };
  auto it = std::lower_bound(holes.begin(), holes.end(), level_.z - kLargest, below);
  for (; it != holes.end() && it->centre.z < level_.z + kLargest; ++it) {
    if (std::abs(it->centre.z - level_.z) > it->radius + plane_.step) continue;
    const Ball& hole = *it;
    lay_here(
        box_of(hole.centre, hole.radius + plane_.step), hole.hu,
        [&](Vec3 p) { return norm(p - hole.centre) - hole.radius; }, kPhantomEmphysema,
        hole.instance);
  }
}

void LungPainter::tree() {
  const auto rod = [&](const Rod& r, double hu, double grown) {
    if (!r.touches(level_.z, plane_.step + grown)) return;
    lay_here(
        box_of(r, 1 + grown), hu, [&](Vec3 p) { return r.distance(p) - grown; }, PhantomFinding{},
        0);
  };
  for (const Rod& vessel : scene_.tree.vessels) rod(vessel, 42, 0);
  for (const Airway& airway : scene_.tree.bronchi) rod(airway.rod, 0, airway.wall_mm);
  for (const Airway& airway : scene_.tree.bronchi) rod(airway.rod, -985, 0);
}

void LungPainter::bronchogram() {
  // The bronchi of a consolidated lung stay open.
  bool any = false;
  for (const Spread& s : scene_.plan.spreads) any |= s.label == kPhantomConsolidation;
  if (!any) return;
  for (const Airway& airway : scene_.tree.bronchi) {
    if (!airway.rod.touches(level_.z, plane_.step)) continue;
    lay(plane_, box_of(airway.rod), -985, [&](std::size_t i, double x, double y) {
      return plane_.finding[i] == kPhantomConsolidation
                 ? airway.rod.distance({x, y, level_.z}) + 0.25 * airway.rod.ra
                 : 99.0;
    });
  }
}

void LungPainter::spread(PhantomFinding label) {
  for (const Spread& s : scene_.plan.spreads) {
    if (s.label != label) continue;
    for (const std::size_t i : pixels_) {
      const LungPoint p = point(i);
      if ((p.p.x < 0) != (s.side == PhantomSide::right)) continue;
      const double d = s.distance(p);
      const double share = coverage(d, plane_.step);
      float& hu = plane_.hu[i];
      switch (label) {
        case kPhantomGroundGlass:
          // A veil: vessels are painted on top of it.
          hu = mixed(hu, -560 + 40 * value_noise(scene_.seed + 13, p.p, 3.5), share);
          break;
        case kPhantomConsolidation:
          hu = mixed(hu, 38 + 8 * value_noise(scene_.seed + 14, p.p, 3), share);
          break;
        case kPhantomPleuralEffusion:
          // The lung over the fluid is squeezed.
          if (d > 0 && d < 9 && hu < -300) hu = mixed(hu, -250, 0.8 * std::exp(-d / 3));
          hu = mixed(hu, 9, share);
          break;
        default:
          // Free air, and the pleura of the lung that fell away from the wall.
          hu = mixed(hu, -60, coverage(std::abs(d - 0.5) - 0.5, plane_.step));
          hu = mixed(hu, -1000, share);
      }
      if (share >= 0.5) mark(i, label, s.instance);
    }
  }
}

void LungPainter::nodules() {
  for (const Ball& ball : scene_.plan.nodules) {
    if (std::abs(ball.centre.z - level_.z) > ball.radius + plane_.step) continue;
    const Box box = box_of(ball.centre, ball.radius + plane_.step);
    lay_here(
        box, ball.hu, [&](Vec3 p) { return norm(p - ball.centre) - ball.radius; }, kPhantomNodule,
        ball.instance);
    if (ball.core_radius > 0)
      lay_here(
          box, ball.core_hu, [&](Vec3 p) { return norm(p - ball.centre) - ball.core_radius; },
          kPhantomNodule, ball.instance);
  }
}

void LungPainter::settle() {
  // Everything above was painted as if a border pixel were all lung.
  for (std::size_t k = 0; k < pixels_.size(); ++k) {
    const std::size_t i = pixels_[k];
    plane_.hu[i] =
        mixed(under_[k], static_cast<double>(plane_.hu[i]), coverage(plane_.lung[i], plane_.step));
  }
}

}  // namespace

void paint_lungs(const Scene& scene, const Level& level, Plane& plane) {
  LungPainter(scene, level, plane).paint();
}

}  // namespace thorax::intake::phantom
