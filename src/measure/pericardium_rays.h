// The layer between lung and heart, felt by rays from the heart's centre.
#pragma once

#include <vector>

#include "measure/heart_region.h"

namespace thorax::measure {

/// Values by direction: rows of equal elevation from the feet to the head, columns of azimuth.
class DirectionMap {
 public:
  static constexpr int kRows = 60, kColumns = 120;  ///< 3 degrees apart

  explicit DirectionMap(double value) : values_(kRows * kColumns, value) {}

  double& operator[](std::size_t i) { return values_[i]; }
  double operator[](std::size_t i) const { return values_[i]; }
  std::size_t size() const { return values_.size(); }
  /// Bilinear; `v` need not be of unit length.
  double at(volume::Vec3 v) const;
  /// Unit vectors of the entries (LPS).
  static const std::vector<volume::Vec3>& directions();
  /// Share of the sphere around entry i, up to a common factor.
  static double weight(std::size_t i);

 private:
  std::vector<double> values_;
};

struct PericardialLayer {
  volume::Vec3 centre;        ///< where the rays begin (mm)
  DirectionMap radius{0};     ///< where the lung begins, or would, on a smooth closed surface (mm)
  DirectionMap thickness{0};  ///< of the fluid below `kSheetsMm` (mm)
  double wet_share = 0;       ///< of the directions in which the border can be judged
  double judged_share = 0;    ///< of all directions
  static constexpr double kSheetsMm = 1.7;  ///< pericardium and both sheets of the pleura
};

/// Rays every 3 degrees sample the scan; each ends where lung begins (-430 HU). The profiles of the
/// rays up to 8 degrees around a direction are averaged, aligned at that border, which takes noise
/// away and keeps thin layers. Behind the border a layer is fluid when it is water-like (up to 30
/// HU) and ends in fat (below -45 HU, half-way from water) or in muscle; a layer of 9 mm and more,
/// or one that ends in muscle, must hold 3 mm that are level within 8 HU, which tells it from the
/// slope of a beating wall. What the rays see without lung before it - diaphragm, great vessels,
/// fat pads - is filled in from the directions around, border and thickness alike.
PericardialLayer find_pericardial_layer(const volume::CtVolume& hu, const volume::Labels& anatomy,
                                        const HeartRegion& heart);

}  // namespace thorax::measure
