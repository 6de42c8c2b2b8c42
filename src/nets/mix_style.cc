#include "nets/mix_style.h"

#include <numeric>

#include "nets/draws.h"

namespace thorax::nets {
namespace {

constexpr double kProbability = 0.5, kAlpha = 0.1, kEpsilon = 1e-6;

/// [count, 1, …] from the beta distribution of (kAlpha, kAlpha), as shares of two gamma numbers.
at::Tensor draw_shares(std::int64_t count, std::int64_t axes) {
  const at::Tensor alpha = at::full({2, count}, kAlpha, at::kDouble);
  const at::Tensor both = at::_standard_gamma(alpha, draws()).clamp_min(1e-300);
  std::vector<std::int64_t> shape(static_cast<std::size_t>(axes), 1);
  shape.front() = count;
  return (both[0] / (both[0] + both[1])).reshape(shape);
}

}  // namespace

at::Tensor mix_style(const at::Tensor& x, bool training) {
  if (!training || x.size(0) < 2) return x;
  if (at::rand({1}, draws(), at::kDouble).item<double>() >= kProbability) return x;
  std::vector<std::int64_t> axes(static_cast<std::size_t>(x.dim() - 2));
  std::iota(axes.begin(), axes.end(), 2);
  at::Tensor mean, deviation, scale, shift;
  {
    const at::NoGradGuard no_gradients;
    mean = x.mean(axes, /*keepdim=*/true);
    deviation = (x.var(axes, /*unbiased=*/false, /*keepdim=*/true) + kEpsilon).sqrt();
    const at::Tensor other = at::randperm(x.size(0), draws(), at::kLong).to(x.device());
    const at::Tensor share = draw_shares(x.size(0), x.dim()).to(x.options());
    scale = share + (1 - share) * deviation.index_select(0, other) / deviation;
    shift = share * mean + (1 - share) * mean.index_select(0, other) - mean * scale;
  }
  return x * scale + shift;
}

}  // namespace thorax::nets
