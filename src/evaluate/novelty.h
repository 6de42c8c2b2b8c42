// How unlike what a network was trained on a picture is, from the network's own features.
#pragma once

#include <span>
#include <vector>

namespace thorax::evaluate {

/// The Gaussian that the training pictures' features follow roughly. Features are taken as
/// sign(x) sqrt|x|: means over a grid of rectified values are skewed, their roots hardly.
struct FeatureCloud {
  std::vector<float> mean;    ///< one a feature
  std::vector<float> factor;  ///< lower triangle of the covariance's Cholesky factor, row by row

  std::size_t width() const { return mean.size(); }
};

/// `features`: [pictures, width], row-major. The covariance is drawn towards a multiple of the
/// identity with the same trace by `shrinkage`, so that it can be inverted whatever the number of
/// pictures. Throws std::invalid_argument when they do not fit or never vary.
FeatureCloud fit_cloud(std::span<const float> features, std::size_t width, double shrinkage = 0.01);

/// Mahalanobis distance to the cloud's centre, divided by the square root of the width: about 1 for
/// training pictures (Lee et al., NeurIPS 2018; one Gaussian for all classes, as a picture of
/// another kind is far from every class). Throws std::invalid_argument for another width.
double novelty(const FeatureCloud& cloud, std::span<const float> features);

}  // namespace thorax::evaluate
