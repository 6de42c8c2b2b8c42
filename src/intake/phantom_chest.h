// The healthy chest as shapes in millimetres: x to the left, y to the back, z to the head, the
// middle of the chest at the origin, before PhantomOptions::body_scale.
#pragma once

#include <vector>

#include "intake/phantom.h"
#include "intake/phantom_shapes.h"

namespace thorax::intake::phantom {

/// A bone or cartilage: a hard shell around a softer core.
struct Bone {
  Rod rod;
  double shell_mm = 1.3;
  double shell_hu = 900;
  double core_hu = 260;
};

/// A soft-tissue tube or organ of one density.
struct Tube {
  Rod rod;
  double hu = 42;
};

struct Organ {
  Ellipsoid shape;
  double hu = 50;
};

/// A tube of air with a wall.
struct Airway {
  Rod rod;  ///< the lumen
  double wall_mm = 1.5;
};

/// What does not depend on x and y, prepared once a height.
struct Level {
  double z = 0;
  RoundedOval body, cage;
  double spine_y = 0;               ///< middle of the vertebral body
  double column_half_x = 0;         ///< of the middle mediastinum
  double plate_half_x = 0;          ///< of the anterior junction of the lungs
  std::vector<const Rod*> vessels;  ///< great vessels at this height
};

/// Vertebral bodies: `dz` is the height above the middle of the nearest one.
struct Vertebra {
  static constexpr double kPitch = 24.5;
  static constexpr double kHalfHeight = 9.8;
  static constexpr double kRadiusX = 17, kRadiusY = 13;
  static double dz(double z);
};

class Chest {
 public:
  static constexpr double kPericardiumMm = 0.9;  ///< thickness of the sac

  explicit Chest(const PhantomOptions& options);

  /// The outlines at a height, without vessels.
  static Level outline(double z);
  Level level(double z) const;
  /// Share of the depth that the back of the cage has at x: the spine leaves a groove.
  static double groove(double x);
  /// Inner face of the rib cage, with that groove.
  static double cage(const Level& level, double x, double y);
  /// Height of the diaphragm's upper face.
  static double diaphragm(double x, double y);
  /// Everything between the lungs.
  double mediastinum(const Level& level, double x, double y) const;
  /// Pleural cavities of both sides: x > 0 is the left lung. `cage_distance` is cage(level, x, y).
  double lung(const Level& level, double x, double y, double cage_distance) const;
  double lung(const Level& level, double x, double y) const {
    return lung(level, x, y, cage(level, x, y));
  }
  /// The two oblique fissures and the horizontal one.
  static double fissure(Vec3 p);

  double pericardial_mm() const { return pericardial_mm_; }

  Ellipsoid sac;         ///< pericardium, around heart, fat and any effusion
  Ellipsoid epicardium;  ///< heart with its fat
  Ellipsoid myocardium;
  std::vector<Organ> chambers;
  std::vector<Organ> organs;        ///< below the diaphragm
  std::vector<Organ> muscles;       ///< outside the rib cage
  std::vector<Ellipsoid> fat_pads;  ///< beside the heart, part of the mediastinum
  std::vector<Ellipsoid> hila;
  std::vector<Organ> masses;
  std::vector<Bone> bones;
  std::vector<Tube> aorta;
  std::vector<Tube> great_vessels;
  std::vector<Tube> coronaries;
  std::vector<Tube> gullet;
  std::vector<Airway> airways;  ///< trachea and main bronchi

 private:
  void add_heart(const PhantomOptions& options);
  void add_vessels();
  void add_airways();
  void add_soft_tissue();

  double pericardial_mm_ = 0;
};

/// Ribs, sternum, clavicles, shoulder blades and the arches of the vertebrae.
std::vector<Bone> make_skeleton();

}  // namespace thorax::intake::phantom
