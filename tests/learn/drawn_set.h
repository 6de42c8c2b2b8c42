// Pictures of two kinds that a small network tells apart at once: stripes across and stripes down.
#pragma once

#include "learn/picture_set.h"

namespace thorax::learn::testing_support {

/// Three of four pictures have stripes down ("down", class 1); one or two pictures a patient.
inline PictureSet drawn_set(int pictures, int size) {
  PictureSet set;
  set.size = size;
  set.classes = {"across", "down"};
  std::vector<std::byte> levels;
  for (int i = 0; i < pictures; ++i) {
    set.names.push_back("picture " + std::to_string(1000 + i));
    set.patients.push_back("patient " + std::to_string(i / 8 * 8 + i % 4 + (i % 8 == 7 ? 4 : 0)));
    set.labels.push_back(i % 4 == 0 ? 0 : 1);
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x)
        levels.push_back(std::byte((((i % 4 == 0 ? y : x) + i) / 2) % 2 == 0 ? 60 : 190));
  }
  set.levels = weights::make_tensor(weights::DType::u8, {pictures, size, size}, std::move(levels));
  return set;
}

}  // namespace thorax::learn::testing_support
