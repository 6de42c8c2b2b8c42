#include "nets/bands.h"

namespace thorax::nets {
namespace {

/// The sum over the kernel along an axis, `step` pixels between its places.
at::Tensor summed(const at::Tensor& x, std::int64_t axis, std::int64_t step) {
  std::vector<std::int64_t> outside(static_cast<std::size_t>(2 * (x.dim() - axis)), 0);
  outside[outside.size() - 2] = outside.back() = 2 * step;
  const at::Tensor padded = at::constant_pad_nd(x, outside);
  const auto at = [&](std::int64_t place) {
    return padded.narrow(axis, place * step, x.size(axis));
  };
  return (at(1) + at(3)).mul_(4).add_(at(2), 6).add_(at(0)).add_(at(4)).div_(16);
}

/// Pictures [N, 1, H, W] smoothed, `step` pixels between the places of the kernel. What lies
/// outside of them does not count.
at::Tensor smoothed(const at::Tensor& pictures, std::int64_t step) {
  at::Tensor x = pictures;
  for (const std::int64_t axis : {2, 3}) {
    std::vector<std::int64_t> shape(4, 1);
    shape[static_cast<std::size_t>(axis)] = x.size(axis);
    x = summed(x, axis, step).div_(summed(at::ones(shape, x.options()), axis, step));
  }
  return x;
}

/// Mean square of the middle of each picture, [N, 1, 1, 1].
at::Tensor energy_of(const at::Tensor& pictures, const prepare::BandOptions& options) {
  at::Tensor middle = pictures;
  for (const std::int64_t axis : {2, 3}) {
    const std::int64_t side = pictures.size(axis), cut = options.cut(side);
    middle = middle.narrow(axis, cut, side - 2 * cut);
  }
  return middle.square().mean({2, 3}, /*keepdim=*/true);
}

}  // namespace

at::Tensor equal_bands(const at::Tensor& x, const prepare::BandOptions& options) {
  const at::NoGradGuard no_gradients;
  // The channels of a grey picture are the same: looked at once.
  const at::Tensor first = x.narrow(1, 0, 1);
  const at::Tensor channels = x.equal(first.expand(x.sizes())) ? first : x;
  at::Tensor rest = channels.to(at::kFloat).reshape({-1, 1, x.size(2), x.size(3)});
  at::Tensor changed = at::zeros_like(rest);
  for (std::int64_t band = 0; band < options.bands; ++band) {
    const at::Tensor low = smoothed(rest, std::int64_t{1} << band);
    const at::Tensor details = rest - low;
    const double wanted = options.energy(band);
    const at::Tensor energy = energy_of(details, options);
    changed += details * (wanted * (energy + std::pow(wanted / options.most, 2)).rsqrt());
    rest = low;
  }
  return (changed + rest).reshape(channels.sizes()).expand(x.sizes());
}

}  // namespace thorax::nets
