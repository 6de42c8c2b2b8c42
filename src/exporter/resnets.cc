// Residual networks: pictures, volumes, slabs of slices.
#include "exporter/bands.h"
#include "exporter/networks.h"
#include "exporter/resnet_trunk.h"

namespace thorax::exporter {
namespace {

Trunk volume_trunk(const Maker& maker) {
  return {.prefix = {},
          .sequence = false,
          .video = maker.config("video", false),
          .stem_stride = maker.config("stem_stride", Sides{2}),
          .stem_pool = maker.config("stem_pool", true),
          .dilated = maker.config("dilated", false)};
}

void add_answers(Maker& maker, const Value& last, const std::string& classifier) {
  const Value pooled = maker.global_mean(last);
  maker.graph.output("logits", maker.linear(pooled, classifier));
  maker.graph.output("embedding", pooled);
}

}  // namespace

void build_resnet(Maker& maker) {
  const prepare::BandOptions bands{.bands = maker.config("bands", std::int64_t{0})};
  Value x = maker.views();
  if (bands.bands > 0) x = equal_bands(maker.graph, x, bands);
  const Value pooled = maker.global_mean(resnet_trunk(maker, x, {}));
  maker.graph.output("logits", maker.mean_of_views(maker.linear(pooled, "fc")));
  maker.graph.output("embedding", maker.as_it_is(pooled));
}

void build_resnet3d(Maker& maker) {
  add_answers(maker, resnet_trunk(maker, maker.input(), volume_trunk(maker)), "fc");
}

void build_medicalnet(Maker& maker) {
  Graph& graph = maker.graph;
  const Value last = resnet_trunk(maker, maker.input(), volume_trunk(maker));
  graph.output("embedding", maker.global_mean(last));
  // The segmentation head: twice the grid, then two convolutions.
  const std::string head = "conv_seg.";
  const Value larger = maker.convolution(
      last, head + "0",
      {.stride = {2}, .padding = {0}, .dilation = {1}, .groups = 1, .transposed = true});
  const Value x = graph.relu(maker.norm(larger, head + "1"));
  const Value y = graph.relu(maker.convolution_and_norm(x, head + "3", head + "4"));
  graph.output("logits",
               maker.convolution(y, head + "6", {.stride = {1}, .padding = {0}, .dilation = {1}}));
}

void build_slab_resnet(Maker& maker) {
  Graph& graph = maker.graph;
  Value x = maker.input();
  if (maker.has("attn.mlp.0.weight")) {
    const Value hidden = graph.relu(maker.linear(maker.global_mean(x), "attn.mlp.0"));
    const Value weights = graph.sigmoid(maker.linear(hidden, "attn.mlp.2"));
    x = graph.multiply(x, graph.reshape(weights, {-1, weights.sides[1], 1, 1}));
  } else if (maker.has("squeeze.0.weight")) {
    x = graph.relu(maker.convolution_and_norm(x, "squeeze.0", "squeeze.1"));
  }
  add_answers(maker, resnet_trunk(maker, x, {.prefix = "backbone.", .sequence = true}), "head");
}

}  // namespace thorax::exporter
