// Embeddings of two kinds: noise, and noise that is shifted along one direction.
#pragma once

#include "learn/embeddings.h"
#include "learn/random.h"

namespace thorax::learn::testing_support {

/// Every fourth row is of class 1; two rows a patient.
inline EmbeddingSet drawn_embeddings(std::size_t rows, std::size_t width, double shift = 3) {
  EmbeddingSet set;
  set.width = width;
  set.classes = {"normal", "pathology"};
  for (std::size_t i = 0; i < rows; ++i) {
    set.ids.push_back("study " + std::to_string(1000 + i));
    set.patients.push_back("patient " + std::to_string(i / 8 * 4 + i % 4));
    const bool positive = i % 4 == 0;
    set.truth.push_back(positive ? 0 : 1);
    set.truth.push_back(positive ? 1 : 0);
    set.shown.push_back(1);
    Random random{11, i};
    for (std::size_t k = 0; k < width; ++k)
      set.values.push_back(
          static_cast<float>(random.bell() + (positive && k % 2 == 0 ? shift : 0)));
  }
  return set;
}

}  // namespace thorax::learn::testing_support
