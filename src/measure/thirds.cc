#include "measure/thirds.h"

#include <algorithm>

namespace thorax::measure {

int LungSpan::third(int z) const {
  if (empty()) return 1;
  const double share = (z - low_z + 0.5) / (high_z - low_z + 1);
  return share >= 2.0 / 3 ? 0 : share >= 1.0 / 3 ? 1 : 2;
}

LungSpans lung_spans(const volume::Labels& anatomy) {
  LungSpans out;
  for (int z = 0; z < anatomy.shape().z; ++z) {
    bool left = false, right = false;
    for (const std::uint8_t label : anatomy.slice(z)) {
      left |= label == kLeftLung;
      right |= label == kRightLung;
    }
    if (left) out.left = {out.left.empty() ? z : out.left.low_z, z};
    if (right) out.right = {out.right.empty() ? z : out.right.low_z, z};
  }
  return out;
}

Text describe_pleural_place(Side side) {
  switch (side) {
    case Side::left:
      return {"left pleural cavity", "левая плевральная полость"};
    case Side::right:
      return {"right pleural cavity", "правая плевральная полость"};
    default:
      return {"both pleural cavities", "обе плевральные полости"};
  }
}

Text describe_place(Side side, int third) {
  static const std::array<Text, 3> thirds = {Text{"upper third", "верхняя треть"},
                                             Text{"middle third", "средняя треть"},
                                             Text{"lower third", "нижняя треть"}};
  const Text& where = thirds[static_cast<std::size_t>(std::clamp(third, 0, 2))];
  switch (side) {
    case Side::left:
      return {"left lung, " + where.en, "левое лёгкое, " + where.ru};
    case Side::right:
      return {"right lung, " + where.en, "правое лёгкое, " + where.ru};
    default:
      return {"lungs, " + where.en, "лёгкие, " + where.ru};
  }
}

}  // namespace thorax::measure
