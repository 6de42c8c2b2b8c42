// What lies between lung and chest wall: fluid and free air.
#pragma once

#include "base/measurement.h"
#include "measure/lungs.h"

namespace thorax::measure {

/// Pleural fluid on the coarse grid, labelled kLeftLung / kRightLung by its side: lumps of -20 to
/// 27 HU inside the cage that lie on the dependent chest wall and border on lung. Uses `air`,
/// `cage`, `hu` and `body` of `chest`.
volume::Labels find_pleural_fluid(const CoarseChest& chest);

/// Air without tissue on the coarse grid, labelled by side, in lumps along the non-dependent chest
/// wall with much wall for their volume. Large bullae look the same; find_wall_air tells.
volume::Labels find_free_air(const CoarseChest& chest);

/// Paints kPleuralEffusion and kPneumothorax into `findings` (on the grid of `hu`) and adds
/// pleural_effusion.{left,right,total}.volume and pneumothorax.{left,right,total}.volume. The lung
/// fields of `anatomy` are corrected to hold exactly the fluid that is found.
void measure_pleura(const volume::CtVolume& hu, const CoarseChest& chest, volume::Labels& anatomy,
                    volume::Labels& findings, Measurements& values);

}  // namespace thorax::measure
