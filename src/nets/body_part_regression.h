// Body Part Regression: one number a slice that says how far up the body it lies.
// Reference: Schuhegger, Body Part Regression for CT Images, arXiv 2110.09148; MIC-DKFZ
// BodyPartRegression, bpreg/network_architecture.
#pragma once

#include "nets/layers.h"

namespace thorax::nets {

struct BodyPartSteps {
  Tensor features;  ///< [N, 512, H/32, W/32]
  Tensor conv6;     ///< after conv6 and ReLU, same shape
  Tensor pooled;    ///< [N, 512]
  Tensor scores;    ///< [N, 1], raw
};

/// The convolutions of VGG16 (Simonyan, Zisserman, ICLR 2015) with one input channel, a 1x1
/// convolution, mean over the grid, linear.
struct BodyPartRegressionImpl : torch::nn::Module {
  BodyPartRegressionImpl();
  /// Slices [N, 1, H, W] in [-1, 1], H and W at least 32 (128 as trained).
  BodyPartSteps steps(const Tensor& slices);
  Tensor forward(const Tensor& slices) { return steps(slices).scores; }

 private:
  std::vector<std::vector<Conv>> stages_;  // a 2x2 maximum pool after each
  Conv conv6_{nullptr};
  Linear fc7_{nullptr};
};
TORCH_MODULE(BodyPartRegression);

}  // namespace thorax::nets
