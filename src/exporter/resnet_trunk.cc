#include "exporter/resnet_trunk.h"

namespace thorax::exporter {
namespace {

struct BlockKeys {
  std::string convolution, norm;
};

BlockKeys keys_of(const std::string& block, int number, bool video) {
  const std::string n = std::to_string(number);
  if (video) return {block + ".conv" + n + ".0", block + ".conv" + n + ".1"};
  return {block + ".conv" + n, block + ".bn" + n};
}

/// Every stride-th voxel, missing channels zero.
Value thinned(Graph& graph, const Value& x, std::int64_t stride, std::int64_t channels) {
  Value kept = x;
  for (std::size_t axis = 2; axis < x.sides.size() && stride > 1; ++axis)
    kept = graph.slice(kept, static_cast<std::int64_t>(axis), 0, x.sides[axis], stride);
  Sides before(x.sides.size(), 0), after = before;
  after[1] = channels - x.sides[1];
  return after[1] > 0 ? graph.pad(kept, before, after) : kept;
}

Value residual_block(Maker& maker, const Value& x, const std::string& block, std::int64_t stride,
                     std::int64_t dilation, bool video) {
  Graph& graph = maker.graph;
  const bool bottleneck = maker.has(keys_of(block, 3, video).convolution + ".weight");
  const int convolutions = bottleneck ? 3 : 2, strided = bottleneck ? 2 : 1;
  Value y = x;
  for (int n = 1; n <= convolutions; ++n) {
    const BlockKeys keys = keys_of(block, n, video);
    const bool seeing = !bottleneck || n == 2;  // the others look at one voxel
    y = maker.convolution_and_norm(y, keys.convolution, keys.norm, {n == strided ? stride : 1},
                                   seeing ? dilation : 1);
    if (n < convolutions) y = graph.relu(y);
  }
  Value shortcut = x;
  if (maker.has(block + ".downsample.0.weight")) {
    shortcut =
        maker.convolution_and_norm(x, block + ".downsample.0", block + ".downsample.1", {stride});
  } else if (stride != 1 || x.sides[1] != y.sides[1]) {
    shortcut = thinned(graph, x, stride, y.sides[1]);
  }
  return graph.relu(graph.add(y, shortcut));
}

}  // namespace

Value resnet_trunk(Maker& maker, const Value& x, const Trunk& trunk) {
  Graph& graph = maker.graph;
  const std::string stem = trunk.prefix + (trunk.video ? "stem.0" : trunk.sequence ? "0" : "conv1");
  const std::string norm = trunk.prefix + (trunk.video ? "stem.1" : trunk.sequence ? "1" : "bn1");
  Value y = graph.relu(maker.convolution_and_norm(x, stem, norm, trunk.stem_stride));
  if (trunk.stem_pool) {
    const std::size_t axes = x.sides.size() - 2;
    y = graph.max_pool(y, {Sides(axes, 3), Sides(axes, 2), Sides(axes, 1)});
  }
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::string layer =
        trunk.prefix + (trunk.sequence ? std::to_string(k + 4) : "layer" + std::to_string(k + 1));
    const bool dilated = trunk.dilated && k >= 2;
    const std::int64_t dilation = dilated ? std::int64_t{2} << (k - 2) : 1;
    const std::int64_t blocks =
        maker.count(layer + ".", trunk.video ? ".conv1.0.weight" : ".conv1.weight");
    for (std::int64_t b = 0; b < blocks; ++b)
      y = residual_block(maker, y, layer + "." + std::to_string(b),
                         b == 0 && k > 0 && !dilated ? 2 : 1, dilation, trunk.video);
  }
  return y;
}

}  // namespace thorax::exporter
