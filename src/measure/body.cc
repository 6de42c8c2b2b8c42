#include "measure/body.h"

#include "volume/components.h"
#include "volume/morphology.h"

namespace thorax::measure {

volume::Mask body_mask(const volume::CtVolume& coarse) {
  constexpr int kTissue = -300;
  // Table tops and blankets are thinner than this ball and lose their hold on the skin.
  constexpr double kThinMm = 3.0;
  volume::Mask tissue(coarse.grid());
  for (std::size_t i = 0; i < tissue.size(); ++i) tissue[i] = coarse[i] > kTissue;
  volume::Mask body = volume::largest_components(volume::open(tissue, kThinMm), 1);
  volume::fill_holes_axial(body);
  return body;
}

}  // namespace thorax::measure
