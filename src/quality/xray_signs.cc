#include "quality/xray_signs.h"

namespace thorax::quality {

std::vector<SignCheck> check_signs(const ChestSigns& signs, const XrayLimits& limits) {
  return {
      {{"Mediastinum brighter than the lungs", "Средостение светлее лёгких"},
       signs.lung_contrast,
       limits.min_lung_contrast,
       {}},
      {{"Abdomen brighter than the lungs", "Живот светлее лёгких"},
       signs.abdomen_contrast,
       limits.min_abdomen_contrast,
       {}},
      {{"Share of black pixels", "Доля чёрных пикселей"},
       signs.black_share,
       {},
       limits.max_black_share},
      {{"Likeness of the two sides", "Сходство двух сторон"},
       signs.symmetry,
       limits.min_symmetry,
       {}},
      {{"Likeness to a drawn chest", "Сходство со схемой грудной клетки"},
       signs.likeness,
       limits.min_likeness,
       {}},
      {{"Match with the chest pattern", "Соответствие образцу грудной клетки"},
       signs.pattern,
       limits.min_pattern,
       {}},
      {{"Fine detail", "Мелкие детали"}, signs.detail, limits.min_detail, {}},
  };
}

}  // namespace thorax::quality
