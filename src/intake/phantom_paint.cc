#include "intake/phantom_paint.h"

#include "intake/phantom_brush.h"
#include "intake/phantom_paint_lungs.h"

namespace thorax::intake::phantom {
namespace {

constexpr double kAir = -1000, kFat = -102, kMuscle = 54;

class Painter {
 public:
  Painter(const Scene& scene, double z, Plane& plane)
      : scene_(scene), chest_(scene.chest), z_(z), plane_(plane), level_(scene.chest.level(z)) {}

  void paint() {
    table();
    wall();
    cavity();
    spine();
    heart();
    vessels();
    airways();
    paint_lungs(scene_, level_, plane_);
    bones();
    plaques();
  }

 private:
  Vec3 at(double x, double y) const { return {x, y, z_}; }
  void clear_label(std::size_t i) {
    plane_.anatomy[i] = plane_.finding[i] = plane_.instance[i] = 0;
  }

  void table();
  void wall();
  void cavity();
  double below_diaphragm(double x, double y, double depth, double cage) const;
  void spine();
  void heart();
  void vessels();
  void airways();
  void bones();
  void plaques();
  void lay_rod(const Rod& rod, double hu, double grown, std::uint8_t label);
  void lay_ellipsoid(const Ellipsoid& shape, double hu);

  const Scene& scene_;
  const Chest& chest_;
  double z_;
  Plane& plane_;
  Level level_;
};

void Painter::lay_rod(const Rod& rod, double hu, double grown, std::uint8_t label) {
  if (!rod.touches(z_, plane_.step + std::abs(grown))) return;
  lay(
      plane_, box_of(rod, 1 + std::max(0.0, grown) + plane_.step), hu,
      [&](std::size_t, double x, double y) { return rod.distance(at(x, y)) - grown; },
      [&](std::size_t i) {
        plane_.finding[i] = plane_.instance[i] = 0;
        if (label != 0) plane_.anatomy[i] = label;
      });
}

void Painter::lay_ellipsoid(const Ellipsoid& shape, double hu) {
  if (std::abs(z_ - shape.centre.z) > shape.half_height() + plane_.step) return;
  lay(plane_, box_of(shape, 1 + plane_.step), hu,
      [&](std::size_t, double x, double y) { return shape.distance(at(x, y)); });
}

void Painter::table() {
  std::fill(plane_.hu.begin(), plane_.hu.end(), static_cast<float>(kAir));
  for (auto* labels : {&plane_.anatomy, &plane_.finding, &plane_.instance})
    std::fill(labels->begin(), labels->end(), std::uint8_t{0});
  for (auto* distances : {&plane_.lung, &plane_.cage})
    std::fill(distances->begin(), distances->end(), 99.0);
  // A carbon-fibre shell around foam.
  const auto top = [](double x) { return 127 - 0.0011 * x * x; };
  const Box box{-205, 205, 80, 170};
  lay(plane_, box, -960, [&](std::size_t, double x, double y) {
    return std::max({top(x) - y, y - top(x) - 26, std::abs(x) - 200});
  });
  for (const double depth : {1.5, 25.0})
    lay(plane_, box, depth < 2 ? -60 : 120, [&](std::size_t, double x, double y) {
      return std::max(std::abs(y - top(x) - depth) - 1.2, std::abs(x) - 200);
    });
}

void Painter::wall() {
  const RoundedOval& body = level_.body;
  const Box box{-body.a - 2, body.a + 2, body.y0 - body.b - 2, body.y0 + body.b + 2};
  const RoundedOval fat = body.grown(-1.9), ring = level_.cage.grown(12.5);
  const bool abdomen = z_ < -60;
  each_pixel(plane_, box, [&](std::size_t i, double x, double y) {
    const double skin = body.distance(x, y);
    if (skin >= plane_.step / 2) return;
    float hu = mixed(plane_.hu[i], 25, coverage(skin, plane_.step));
    const double inner = skin > -8 ? fat.distance(x, y) : skin;
    if (inner < plane_.step / 2) {
      const double grain = 5 * value_noise(scene_.seed + 3, at(x, y), 7);
      hu = mixed(hu, kFat + grain, coverage(inner, plane_.step));
    }
    // Muscle over the ribs; thinner in front.
    const double thin = y < level_.cage.y0 - 20 && !abdomen ? 3.0 : 0.0;
    const double muscle = ring.distance(x, y) + thin;
    if (muscle < plane_.step / 2) {
      const double grain = 6 * value_noise(scene_.seed + 4, at(x, y), 5);
      hu = mixed(hu, kMuscle + grain, coverage(muscle, plane_.step));
    }
    plane_.hu[i] = hu;
  });
  const RoundedOval limit = body.grown(-5);
  for (const Organ& muscle : chest_.muscles) {
    if (std::abs(z_ - muscle.shape.centre.z) > muscle.shape.half_height() + plane_.step) continue;
    lay(plane_, box_of(muscle.shape), muscle.hu, [&](std::size_t, double x, double y) {
      return std::max(muscle.shape.distance(at(x, y)), limit.distance(x, y));
    });
  }
}

double Painter::below_diaphragm(double x, double y, double depth, double cage) const {
  const auto over = [&](double hu, double tissue, double d) {
    return hu + (tissue - hu) * coverage(d, plane_.step);
  };
  const Vec3 p = at(x, y);
  const auto inside = std::max(3.0 - depth, cage + 3);
  double hu = kFat + 4 * value_noise(scene_.seed + 5, p, 9);
  // The left lobe reaches across the midline in front, less so further down.
  const double front = (y + 58) / 34;
  const double edge = 6 + 46 * std::exp(-front * front) + 0.25 * (z_ + 110);
  const double liver = 0.8 * (x - edge);
  hu = over(hu, 56 + 3 * value_noise(scene_.seed + 6, p, 6), std::max(inside, liver));
  const auto organ = [&](const Organ& o, double extra) {
    return std::max(inside, o.shape.distance(p) - extra);
  };
  hu = over(hu, chest_.organs[0].hu, organ(chest_.organs[0], 0));
  const double outside_liver = -liver + 4;
  hu = over(hu, 48, std::max(organ(chest_.organs[1], 0), outside_liver));
  const double stomach = std::max(organ(chest_.organs[2], 0), outside_liver);
  hu = over(hu, 45, stomach);
  hu = over(hu, 22, stomach + 4);
  return over(hu, -990, std::max(stomach + 4, y + 26));  // gas floats to the front
}

void Painter::cavity() {
  const RoundedOval& cage = level_.cage;
  const Box box{-cage.a - 2, cage.a + 2, cage.y0 - cage.b - 2, cage.y0 + cage.b + 2};
  each_pixel(plane_, box, [&](std::size_t i, double x, double y) {
    const double d = Chest::cage(level_, x, y);
    if (d >= plane_.step) return;
    plane_.cage[i] = d;
    double hu = kFat + 6 + 8 * value_noise(scene_.seed + 7, at(x, y), 4);
    if (z_ < -20) {
      const double depth = (Chest::diaphragm(x, y) - z_) * 0.7;
      if (depth > -plane_.step) {
        double under = kMuscle;
        if (depth > 3 - plane_.step) {
          const double inner = below_diaphragm(x, y, depth, d);
          under += (inner - under) * coverage(3 - depth, plane_.step);
        }
        hu += (under - hu) * coverage(-depth, plane_.step);
      }
    }
    plane_.hu[i] = mixed(plane_.hu[i], hu, coverage(d, plane_.step));
  });
}

void Painter::spine() {
  const double dz = Vertebra::dz(z_), y0 = level_.spine_y;
  const Ellipsoid body{{0, y0, z_}, {Vertebra::kRadiusX, Vertebra::kRadiusY, 50}};
  const Box box{-40, 40, y0 - 20, y0 + 60};
  const auto canal = [&](double x, double y) {
    return std::hypot(x / 1.15, y - (y0 + 21.5)) - 8.5;
  };
  // Muscle and ligaments around the column.
  lay(plane_, box, 48, [&](std::size_t, double x, double y) {
    return std::hypot(x / 1.5, (y - y0 - 16) / 1.25) - 20;
  });
  const double waist = 0.018 * dz * dz - 0.9;
  const auto vertebra = [&](double x, double y) {
    return std::max(body.distance(at(x, y)) - waist, std::abs(dz) - Vertebra::kHalfHeight);
  };
  lay(plane_, box, 82, [&](std::size_t, double x, double y) { return body.distance(at(x, y)); });
  lay(
      plane_, box, 420, [&](std::size_t, double x, double y) { return vertebra(x, y); },
      [&](std::size_t i) { plane_.anatomy[i] = kPhantomSpine; });
  each_pixel(plane_, box, [&](std::size_t i, double x, double y) {
    const double share = coverage(vertebra(x, y) + 1.2, plane_.step);
    if (share <= 0) return;
    const double grain = 22 * value_noise(scene_.seed + 8, at(x, y), 2.5);
    plane_.hu[i] = mixed(plane_.hu[i], scene_.options.vertebra_hu + grain, share);
  });
  lay(
      plane_, box, 12, [&](std::size_t, double x, double y) { return canal(x, y); },
      [&](std::size_t i) { clear_label(i); });
  lay(plane_, box, 38, [&](std::size_t, double x, double y) { return canal(x * 1.15, y) + 3.5; });
}

void Painter::heart() {
  if (std::abs(z_ - chest_.sac.centre.z) > chest_.sac.half_height() + 20) return;
  const bool fluid = chest_.pericardial_mm() > 0;
  lay(
      plane_, box_of(chest_.sac), 20,
      [&](std::size_t, double x, double y) { return chest_.sac.distance(at(x, y)); },
      [&](std::size_t i) { plane_.anatomy[i] = kPhantomHeart; });
  if (fluid) {
    const Ellipsoid filled = chest_.sac.grown(-Chest::kPericardiumMm);
    lay(
        plane_, box_of(filled), 10,
        [&](std::size_t, double x, double y) { return filled.distance(at(x, y)); },
        [&](std::size_t i) {
          plane_.finding[i] = kPhantomPericardialEffusion;
          plane_.instance[i] = scene_.plan.pericardial_instance;
        });
    lay(
        plane_, box_of(chest_.epicardium), kFat + 5,
        [&](std::size_t, double x, double y) { return chest_.epicardium.distance(at(x, y)); },
        [&](std::size_t i) { plane_.finding[i] = plane_.instance[i] = 0; });
  }
  if (!fluid) lay_ellipsoid(chest_.epicardium, kFat + 5);
  const Ellipsoid& heart = chest_.myocardium;
  // The groove between atria and ventricles is full of fat.
  lay(plane_, box_of(heart), 52, [&](std::size_t, double x, double y) {
    const double d = heart.distance(at(x, y));
    const double groove = std::abs(dot(at(x, y) - heart.centre, heart.u) + 14) - 4.5;
    return smooth_max(d, -std::max(groove, -8 - d), 3);
  });
  for (const Organ& chamber : chest_.chambers) lay_ellipsoid(chamber.shape, chamber.hu);
  for (const Tube& tube : chest_.coronaries) lay_rod(tube.rod, tube.hu, 0, 0);
}

void Painter::vessels() {
  for (const Tube& tube : chest_.great_vessels) lay_rod(tube.rod, tube.hu, 0, 0);
  for (const Tube& tube : chest_.aorta) lay_rod(tube.rod, 52, 0, kPhantomAorta);
  for (const Tube& tube : chest_.aorta) lay_rod(tube.rod, tube.hu, -1.3, 0);
  for (const Tube& tube : chest_.gullet) lay_rod(tube.rod, tube.hu, 0, 0);
  for (const Tube& tube : chest_.gullet)
    if (z_ > 20 && std::sin(z_ / 9) > 0.4) lay_rod(tube.rod, -700, -4, 0);
  for (const Organ& mass : chest_.masses) {
    if (std::abs(z_ - mass.shape.centre.z) > mass.shape.half_height() + plane_.step) continue;
    lay(
        plane_, box_of(mass.shape), mass.hu,
        [&](std::size_t, double x, double y) { return mass.shape.distance(at(x, y)); },
        [&](std::size_t i) {
          clear_label(i);
          plane_.finding[i] = kPhantomMediastinalMass;
          plane_.instance[i] = scene_.plan.mass_instance;
        });
  }
}

void Painter::airways() {
  for (const Airway& airway : chest_.airways) lay_rod(airway.rod, 25, airway.wall_mm, 0);
  for (const Airway& airway : chest_.airways) {
    if (!airway.rod.touches(z_, plane_.step)) continue;
    lay(
        plane_, box_of(airway.rod), kAir + 4,
        [&](std::size_t, double x, double y) { return airway.rod.distance(at(x, y)); },
        [&](std::size_t i) {
          clear_label(i);
          plane_.anatomy[i] = kPhantomAirways;
        });
  }
}

void Painter::bones() {
  const RoundedOval limit = level_.body.grown(-3);
  for (const bool core : {false, true})
    for (const Bone& bone : chest_.bones) {
      if (!bone.rod.touches(z_, plane_.step)) continue;
      const double inward = core ? bone.shell_mm : 0;
      lay(plane_, box_of(bone.rod), core ? bone.core_hu : bone.shell_hu,
          [&](std::size_t i, double x, double y) {
            const double d = bone.rod.distance(at(x, y)) + inward;
            if (d > 2 || plane_.lung[i] < 0) return 99.0;
            return std::max(d, limit.distance(x, y));
          });
    }
}

void Painter::plaques() {
  for (const Plaque& plaque : scene_.plan.plaques) {
    if (!plaque.rod.touches(z_, plane_.step)) continue;
    lay(
        plane_, box_of(plaque.rod), scene_.options.calcium_hu,
        [&](std::size_t, double x, double y) { return plaque.rod.distance(at(x, y)); },
        [&](std::size_t i) {
          plane_.finding[i] = plaque.label;
          plane_.instance[i] = plaque.instance;
        });
  }
}

}  // namespace

Plane::Plane(int pixels, double step_mm) : size(pixels), step(step_mm) {
  const std::size_t count = static_cast<std::size_t>(pixels) * static_cast<std::size_t>(pixels);
  hu.resize(count);
  anatomy.resize(count);
  finding.resize(count);
  instance.resize(count);
  lung.resize(count);
  cage.resize(count);
}

void paint_plane(const Scene& scene, double z, Plane& plane) {
  Painter(scene, z, plane).paint();
}

}  // namespace thorax::intake::phantom
