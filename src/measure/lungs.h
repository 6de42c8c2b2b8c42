// The lung fields: what fills the pleural cavities, also where it is not air.
#pragma once

#include "base/measurement.h"
#include "measure/airways.h"
#include "measure/ct.h"
#include "measure/lungs_cage.h"

namespace thorax::measure {

/// Everything shape decisions need, on one grid of about 2 mm around the lungs.
struct CoarseChest {
  volume::CtVolume hu;      ///< block means
  volume::Mask body;        ///< body_mask
  volume::Mask airways;     ///< lumen of the trachea and main bronchi
  volume::Labels air;       ///< kLeftLung, kRightLung: air-filled lung, without airways
  Cage cage;                ///< inner chest wall
  volume::Labels fluid;     ///< kLeftLung, kRightLung: pleural fluid of that side
  volume::Labels field;     ///< kLeftLung, kRightLung: lung fields
  int threshold_hu = -400;  ///< between lung and soft tissue
};

/// Segments both lung fields on the coarse grid:
/// 1. air below an adaptive threshold (Hu, Hoffman and Reinhardt 2001), cut into lumps by erosion;
///    outside air and bowel gas are told from lung by contact with the border and by density;
/// 2. left from right by component, or where they touch by watershed at the narrowest place;
/// 3. pleural fluid (find_pleural_fluid) and dense lung (find_dense_lung) are added, and gaps up to
///    18 mm (vessels, small nodules) closed.
/// `field` is all zero when there is no lung.
CoarseChest find_lungs(const volume::CtVolume& hu, const Airways& airways);

/// Brings the coarse fields to the grid of `hu`: the surface against soft tissue follows the
/// threshold on the full grid, dense parts follow the coarse field. Also paints kAirways.
volume::Labels refine_anatomy(const volume::CtVolume& hu, const CoarseChest& chest,
                              const Airways& airways);

/// lung.{left,right,total}.volume, lung.mean_hu, lung.{left,right}.height. The histogram of
/// densities leaves out effusion and pneumothorax.
void add_lung_measurements(const volume::CtVolume& hu, const volume::Labels& anatomy,
                           const volume::Labels& findings, Measurements& values);

}  // namespace thorax::measure
