// Heads on embeddings, the small network over slabs, Body Part Regression.
#include "exporter/networks.h"

namespace thorax::exporter {
namespace {

Value activate(Graph& graph, const Value& x, const std::string& activation) {
  if (activation == "relu") return graph.relu(x);
  if (activation == "leaky_relu") return graph.leaky_relu(x, 0.01);
  return graph.gelu(x);
}

}  // namespace

void build_mlp_head(Maker& maker) {
  Graph& graph = maker.graph;
  const std::string activation = maker.config("activation", std::string("gelu"));
  const auto hidden = maker.config("hidden", Sides{});
  Value x = maker.input();
  if (maker.config("normalise", true)) x = graph.normalise(x);
  std::size_t layer = 0;  // linear, norm, activation, dropout: four a hidden layer
  const auto key = [&](std::size_t at) { return "layers." + std::to_string(at); };
  for (std::size_t k = 0; k < hidden.size(); ++k, layer += 4)
    x = activate(graph, maker.linear_and_norm(x, key(layer), key(layer + 1)), activation);
  if (hidden.empty() && maker.config("activate_input", false)) {
    x = activate(graph, x, activation);
    layer = 2;
  }
  graph.output("logits", maker.linear(x, key(layer)));
}

void build_slab_cnn(Maker& maker) {
  Graph& graph = maker.graph;
  Value x = maker.input();
  for (const char* key : {"features.0", "features.2", "features.4"}) {
    const std::int64_t kernel = maker.tensor(std::string(key) + ".weight").shape.at(2);
    x = graph.relu(
        maker.convolution(x, key, {.stride = {2}, .padding = {kernel / 2}, .dilation = {1}}));
  }
  graph.output("logits", maker.linear(maker.global_mean(x), "head"));
}

void build_body_part_regression(Maker& maker) {
  Graph& graph = maker.graph;
  const Convolution same{.stride = {1}, .padding = {1}, .dilation = {1}};
  Value x = maker.input();
  // VGG16: a convolution every second number, a pool after those of a stage.
  std::int64_t index = 0;
  for (const int convolutions : {2, 2, 3, 3, 3}) {
    for (int i = 0; i < convolutions; ++i, index += 2)
      x = graph.relu(maker.convolution(x, "model." + std::to_string(index), same));
    x = graph.max_pool(x, {{2, 2}, {2, 2}, {0, 0}});
    ++index;
  }
  x = graph.relu(maker.convolution(x, "conv6", {.stride = {1}, .padding = {0}, .dilation = {1}}));
  graph.output("scores", maker.linear(maker.global_mean(x), "fc7"));
}

}  // namespace thorax::exporter
