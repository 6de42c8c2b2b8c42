// Densitometry of the lung: emphysema indices, mean density, high-attenuation areas.
#pragma once

#include "measure/ct.h"

namespace thorax::measure {

/// Paints kEmphysema (voxels below -950 HU of the parenchyma that belong to low-density clusters)
/// into `findings` and adds emphysema.laa950.percent, emphysema.laa910.percent,
/// emphysema.perc15.hu, emphysema.largest_cluster.ml and haa.percent. Parenchyma: lung fields
/// without airways (anatomy) and without effusion and pneumothorax (findings).
void measure_emphysema(const volume::CtVolume& hu, const volume::Labels& anatomy,
                       const CtContext& context, volume::Labels& findings, Measurements& values);

}  // namespace thorax::measure
