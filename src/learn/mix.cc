#include "learn/mix.h"

#include <cmath>

namespace thorax::learn {

// Johnk, "Erzeugung von betaverteilten und gammaverteilten Zufallszahlen", Metrika 8, 1964.
double draw_share(double alpha, Random& random) {
  for (;;) {
    const double one = std::pow(random.uniform(), 1 / alpha),
                 other = std::pow(random.uniform(), 1 / alpha);
    const double both = one + other;
    if (both > 0 && both <= 1) return one / both;
  }
}

void mix(Batch& batch, double alpha, Random random) {
  batch.share = draw_share(alpha, random);
  const std::vector<float> own = batch.inputs.to_float();
  std::vector<float> mixed(own.size());
  const auto share = static_cast<float>(batch.share);
  const std::size_t count = batch.labels.size(), values = own.size() / count;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < values; ++k)
      mixed[i * values + k] =
          share * own[i * values + k] + (1 - share) * own[(count - 1 - i) * values + k];
  batch.inputs = weights::make_tensor(batch.inputs.shape, mixed);
  batch.others.assign(batch.labels.rbegin(), batch.labels.rend());
}

}  // namespace thorax::learn
