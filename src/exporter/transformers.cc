// Vision transformers: ViT and DINOv2 with registers.
#include <cmath>

#include "exporter/networks.h"

namespace thorax::exporter {
namespace {

/// [B, C, S, S] -> [B, patches, dim], patches row by row. weight [dim, C, patch, patch].
Value embed_patches(Maker& maker, const Value& pictures, const std::string& key) {
  const std::int64_t patch = maker.tensor(key + ".weight").shape.at(2);
  const Value map =
      maker.convolution(pictures, key, {.stride = {patch}, .padding = {0}, .dilation = {1}});
  const Value flat = maker.graph.reshape(map, {-1, map.sides[1], map.sides[2] * map.sides[3]});
  return maker.graph.transpose(flat, {0, 2, 1});
}

double scale_of(std::int64_t size, std::int64_t heads) {
  const std::int64_t per_head = size / heads;
  return 1 / std::sqrt(static_cast<double>(per_head));
}

Value vit_layer(Maker& maker, const Value& x, const std::string& layer, std::int64_t heads) {
  constexpr double kEpsilon = 1e-12;
  Graph& graph = maker.graph;
  const Value normed = maker.layer_norm(x, layer + "layernorm_before", kEpsilon);
  const auto project = [&](const char* name) {
    return maker.split_heads(maker.linear(normed, layer + "attention.attention." + name), heads);
  };
  const Value mixed =
      maker.attend(project("query"), project("key"), project("value"), scale_of(x.sides[2], heads));
  const Value h = graph.add(maker.linear(mixed, layer + "attention.output.dense"), x);
  const Value inner = maker.linear(maker.layer_norm(h, layer + "layernorm_after", kEpsilon),
                                   layer + "intermediate.dense");
  return graph.add(maker.linear(graph.gelu(inner), layer + "output.dense"), h);
}

Value dinov2_block(Maker& maker, const Value& x, const std::string& block, std::int64_t heads) {
  constexpr double kEpsilon = 1e-6;
  Graph& graph = maker.graph;
  const std::int64_t dim = x.sides[2];
  const Value qkv =
      maker.linear(maker.layer_norm(x, block + "norm1", kEpsilon), block + "attn.qkv");
  const auto part = [&](std::int64_t n) {
    return maker.split_heads(graph.slice(qkv, 2, n * dim, (n + 1) * dim), heads);
  };
  const Value mixed = maker.attend(part(0), part(1), part(2), scale_of(dim, heads));
  const auto scaled = [&](const Value& value, const char* key) {
    return graph.multiply(value, maker.weight(block + key));
  };
  const Value h = graph.add(x, scaled(maker.linear(mixed, block + "attn.proj"), "ls1.gamma"));
  const Value inner =
      maker.linear(maker.layer_norm(h, block + "norm2", kEpsilon), block + "mlp.fc1");
  return graph.add(h, scaled(maker.linear(graph.gelu(inner), block + "mlp.fc2"), "ls2.gamma"));
}

}  // namespace

void build_vit(Maker& maker) {
  Graph& graph = maker.graph;
  const std::string embeddings = "vit.embeddings.", layers = "vit.encoder.layer.";
  const auto heads = maker.config("heads", std::int64_t{12});
  const Value patches =
      embed_patches(maker, maker.views(), embeddings + "patch_embeddings.projection");
  const Value first = graph.repeat(maker.weight(embeddings + "cls_token"), patches);
  Value x = graph.add(graph.concat({first, patches}, 1),
                      maker.weight(embeddings + "position_embeddings"));
  const std::int64_t depth = maker.count(layers, ".intermediate.dense.weight");
  for (std::int64_t i = 0; i < depth; ++i)
    x = vit_layer(maker, x, layers + std::to_string(i) + ".", heads);
  const Value embedding = maker.layer_norm(graph.pick(x, 1, 0), "vit.layernorm", 1e-12);
  graph.output("logits", maker.mean_of_views(maker.linear(embedding, "classifier")));
  graph.output("embedding", maker.as_it_is(embedding));
}

void build_dinov2(Maker& maker) {
  Graph& graph = maker.graph;
  const auto heads = maker.config("heads", std::int64_t{16});
  const Value patches = embed_patches(maker, maker.input(), "patch_embed.proj");
  // Only patches have a position.
  Value x = graph.concat({graph.repeat(maker.weight("cls_token"), patches),
                          graph.repeat(maker.weight("reg_token"), patches),
                          graph.add(patches, maker.weight("pos_embed"))},
                         1);
  const std::int64_t registers = maker.tensor("reg_token").shape.at(1),
                     depth = maker.count("blocks.", ".attn.qkv.weight");
  for (std::int64_t i = 0; i < depth; ++i)
    x = dinov2_block(maker, x, "blocks." + std::to_string(i) + ".", heads);
  const Value tokens = maker.layer_norm(x, "norm", 1e-6), first = graph.pick(tokens, 1, 0);
  if (maker.has("head.weight")) graph.output("logits", maker.linear(first, "head"));
  graph.output("embedding", first);
  graph.output("registers", graph.slice(tokens, 1, 1, 1 + registers));
  graph.output("patches", graph.slice(tokens, 1, 1 + registers, x.sides[1]));
}

}  // namespace thorax::exporter
