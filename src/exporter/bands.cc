#include "exporter/bands.h"

#include <array>

namespace thorax::exporter {
namespace {

constexpr std::array<double, 5> kSpline{1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16};

Value spline(Graph& graph) {
  std::vector<float> kernel;
  for (const double row : kSpline)
    for (const double column : kSpline) kernel.push_back(static_cast<float>(row * column));
  return graph.constant("spline", weights::make_tensor({1, 1, 5, 5}, kernel));
}

/// What of the kernel lies inside, for each pixel of a side.
std::vector<double> counted(std::int64_t side, std::int64_t step) {
  std::vector<double> sums(static_cast<std::size_t>(side), 0);
  for (std::int64_t pixel = 0; pixel < side; ++pixel)
    for (std::int64_t place = 0; place < 5; ++place) {
      const std::int64_t at = pixel + (place - 2) * step;
      if (at >= 0 && at < side)
        sums[static_cast<std::size_t>(pixel)] += kSpline.at(static_cast<std::size_t>(place));
    }
  return sums;
}

/// [1, 1, H, W]: what a sum over the kernel is multiplied by, so that what lies outside of the
/// picture does not count.
Value corrections(Graph& graph, std::int64_t height, std::int64_t width, std::int64_t step) {
  std::vector<float> factors;
  const std::vector<double> columns = counted(width, step);
  for (const double row : counted(height, step))
    for (const double column : columns) factors.push_back(static_cast<float>(1 / (row * column)));
  return graph.constant("corrections_" + std::to_string(step),
                        weights::make_tensor({1, 1, height, width}, factors));
}

Value middle(Graph& graph, Value x, const prepare::BandOptions& options) {
  for (const std::int64_t axis : {2, 3}) {
    const std::int64_t side = x.sides[static_cast<std::size_t>(axis)], cut = options.cut(side);
    x = graph.slice(x, axis, cut, side - cut);
  }
  return x;
}

}  // namespace

Value equal_bands(Graph& graph, const Value& x, const prepare::BandOptions& options) {
  const Graph::Precise precise(graph);
  const std::int64_t height = x.sides.at(2), width = x.sides.at(3);
  const Value kernel = spline(graph);
  Value rest = graph.reshape(x, {-1, 1, height, width});
  std::vector<Value> changed;
  for (std::int64_t band = 0; band < options.bands; ++band) {
    const std::int64_t step = std::int64_t{1} << band;
    const Convolution how{.stride = {1}, .padding = {2 * step}, .dilation = {step}};
    const Value low = graph.multiply(graph.convolution(rest, kernel, nullptr, how),
                                     corrections(graph, height, width, step));
    const Value details = graph.add(rest, graph.multiply(low, -1));
    const Value counts = middle(graph, details, options);
    const Value energy = graph.mean(graph.multiply(counts, counts), {2, 3});
    const double wanted = options.energy(band), least = wanted / options.most;
    const Value factor = graph.multiply(graph.inverse_root(energy, least * least), wanted);
    changed.push_back(graph.multiply(details, graph.reshape(factor, {-1, 1, 1, 1})));
    rest = low;
  }
  for (const Value& band : changed) rest = graph.add(rest, band);
  return graph.reshape(rest, {-1, x.sides[1], height, width});
}

}  // namespace thorax::exporter
