// The image half of CT-CLIP (src/nets/ctclip.h, ctvit.h): by itself, in CT-CLIP, and in its
// classifier.
#include <cmath>

#include "exporter/networks.h"

namespace thorax::exporter {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kAttentionScale = 8;  // of queries and keys of unit length

/// Batch, then three axes in the order in which the memory of [N, L, dim] is read.
struct TokenGrid {
  std::int64_t first, second, third;
};

/// Layer norm whose shift is a buffer.
Value gamma_norm(Maker& maker, const Value& x, const std::string& key) {
  return maker.graph.layer_norm(x, maker.weight(key + ".gamma"), maker.weight(key + ".beta"),
                                kEpsilon);
}

/// x and a depth-wise convolution of it over the grid, causal along the first axis.
Value add_positions(Maker& maker, const Value& x, const std::string& key, const TokenGrid& grid) {
  Graph& graph = maker.graph;
  const Graph::Precise precise(graph);
  const std::int64_t dim = x.sides[2];
  const Value cells = graph.transpose(
      graph.reshape(x, {-1, grid.first, grid.second, grid.third, dim}), {0, 4, 1, 2, 3});
  const Value padded = graph.pad(cells, {0, 0, 2, 1, 1}, {0, 0, 0, 1, 1});
  const Value sums = maker.convolution(
      padded, key + ".dsconv",
      {.stride = {1}, .padding = {0}, .dilation = {1}, .groups = dim, .transposed = false});
  const Value back = graph.transpose(sums, {0, 2, 3, 4, 1});
  return graph.add(graph.reshape(back, {-1, x.sides[1], dim}), x);
}

Value attention(Maker& maker, const Value& x, const std::string& key, const Value* bias) {
  Graph& graph = maker.graph;
  const std::int64_t size = maker.tensor(key + ".q_scale").shape.at(0),
                     inner = maker.tensor(key + ".to_q.weight").shape.at(0), heads = inner / size;
  const Value queries = maker.linear(gamma_norm(maker, x, key + ".norm"), key + ".to_q"),
              both = maker.linear(x, key + ".to_kv");
  const auto heads_of = [&](const Value& value) { return maker.split_heads(value, heads); };
  const auto unit = [&](const Value& value, const char* scale) {
    return graph.multiply(graph.normalise(heads_of(value)), maker.weight(key + scale));
  };
  const Value mixed =
      maker.attend(unit(queries, ".q_scale"), unit(graph.slice(both, 2, 0, inner), ".k_scale"),
                   heads_of(graph.slice(both, 2, inner, 2 * inner)), kAttentionScale, bias);
  return maker.linear(mixed, key + ".to_out");
}

Value feed_forward(Maker& maker, const Value& x, const std::string& key) {
  Graph& graph = maker.graph;
  const Value both = maker.linear(maker.layer_norm(x, key + ".0", kEpsilon), key + ".1");
  const std::int64_t inner = both.sides[2] / 2;
  const Value gate = graph.gelu(graph.slice(both, 2, inner, 2 * inner));
  return maker.linear(graph.multiply(graph.slice(both, 2, 0, inner), gate), key + ".4");
}

Value transformer(Maker& maker, Value x, const std::string& key, const TokenGrid& grid,
                  const Value* bias) {
  Graph& graph = maker.graph;
  const std::string layers = key + ".layers.";
  const std::int64_t depth = maker.count(layers, ".1.to_q.weight");
  for (std::int64_t i = 0; i < depth; ++i) {
    const std::string layer = layers + std::to_string(i) + ".";
    x = add_positions(maker, x, layer + "0", grid);
    x = graph.add(attention(maker, x, layer + "1", bias), x);
    x = graph.add(feed_forward(maker, x, layer + "3"), x);
  }
  return gamma_norm(maker, x, key + ".norm_out");
}

/// Signed logarithms of the distance of every two rows (second value: columns) of the grid.
weights::Tensor offsets(std::int64_t rows, std::int64_t columns) {
  const auto logarithm = [](std::int64_t step) {
    const auto value = static_cast<float>(step);
    return std::copysign(std::log(std::abs(value) + 1), value);
  };
  std::vector<float> values;
  for (std::int64_t r = 1 - rows; r < rows; ++r)
    for (std::int64_t c = 1 - columns; c < columns; ++c) {
      values.push_back(logarithm(r));
      values.push_back(logarithm(c));
    }
  return weights::make_tensor({(2 * rows - 1) * (2 * columns - 1), 2}, values);
}

/// Which of these distances every query cell has to every key cell.
weights::Tensor distances(std::int64_t rows, std::int64_t columns) {
  std::vector<std::int64_t> indices;
  const std::int64_t cells = rows * columns;
  for (std::int64_t q = 0; q < cells; ++q)
    for (std::int64_t k = 0; k < cells; ++k)
      indices.push_back((q / columns - k / columns + rows - 1) * (2 * columns - 1) + q % columns -
                        k % columns + columns - 1);
  return weights::make_index_tensor({cells * cells}, indices);
}

/// [1, heads, cells, cells]; of constants alone, so runtimes compute it once.
Value position_bias(Maker& maker, const std::string& key, std::int64_t rows, std::int64_t columns) {
  Graph& graph = maker.graph;
  const Graph::Precise precise(graph);
  Value x = graph.constant(key + ".offsets", offsets(rows, columns));
  x = graph.leaky_relu(maker.linear(x, key + ".net.0.0"), 0.1);
  x = graph.leaky_relu(maker.linear(x, key + ".net.1.0"), 0.1);
  const Value table = graph.transpose(maker.linear(x, key + ".net.2"), {1, 0});
  const Value all =
      graph.select(table, 1, graph.constant(key + ".distances", distances(rows, columns)));
  return graph.reshape(all, {1, table.sides[0], rows * columns, rows * columns});
}

/// The nearest code of each token.
Value quantise(Maker& maker, const Value& tokens, const std::string& key) {
  Graph& graph = maker.graph;
  const Graph::Precise precise(graph);
  const weights::Tensor& stored = maker.tensor(key + ".embed");
  weights::Tensor flat = stored.packed();
  flat.shape = {stored.shape.at(1), stored.shape.at(2)};
  flat.strides = weights::row_major_strides(flat.shape);
  const Value codes = graph.constant(key + ".embed", flat);
  const Value rows = graph.reshape(tokens, {-1, flat.shape[1]});
  const Value closeness = graph.linear(graph.normalise(rows), graph.normalise(codes));
  return graph.select(codes, 0, graph.arg_max(closeness));
}

/// Volume [B, 1, D, H, W] -> quantised tokens, averaged over time, [B, rows * columns * dim].
Value encode(Maker& maker, const Value& volume, const std::string& vit) {
  Graph& graph = maker.graph;
  const auto in_plane = maker.config("patch_size", std::int64_t{20}),
             along = maker.config("temporal_patch_size", std::int64_t{10});
  const std::int64_t frames = volume.sides[2] / along, rows = volume.sides[3] / in_plane,
                     columns = volume.sides[4] / in_plane, cells = rows * columns;
  const Value parts = graph.reshape(volume, {-1, frames, along, rows, in_plane, columns, in_plane});
  const Value blocks = graph.reshape(graph.transpose(parts, {0, 1, 3, 5, 2, 4, 6}),
                                     {-1, cells, along * in_plane * in_plane});
  const std::string embedding = vit + "to_patch_emb.";
  Value x = maker.linear(maker.layer_norm(blocks, embedding + "1", kEpsilon), embedding + "2");
  x = maker.layer_norm(x, embedding + "3", kEpsilon);
  const std::int64_t dim = x.sides[2];

  // Sequences of one frame, then of one place over time. What is kept in memory as (rows, columns,
  // frames) is read as (frames, rows, columns) by the positional convolution of the second, as by
  // the reference.
  const TokenGrid grid{frames, rows, columns};
  const Value bias = position_bias(maker, vit + "spatial_rel_pos_bias", rows, columns);
  x = transformer(maker, x, vit + "enc_spatial_transformer", grid, &bias);
  x = graph.transpose(graph.reshape(x, {-1, frames, cells, dim}), {0, 2, 1, 3});
  x = transformer(maker, graph.reshape(x, {-1, frames, dim}), vit + "enc_temporal_transformer",
                  grid, nullptr);
  const Value codes = quantise(maker, x, vit + "vq._codebook");
  const Value pooled = graph.mean(graph.reshape(codes, {-1, cells, frames, dim}), {2});
  return graph.reshape(pooled, {-1, cells * dim});
}

}  // namespace

void build_ct_image_encoder(Maker& maker) {
  maker.graph.output("embedding",
                     maker.linear(encode(maker, maker.input(), "VIT."), "projection_layer"));
}

void build_ctclip(Maker& maker) {
  maker.graph.output("embedding", maker.linear(encode(maker, maker.input(), "visual_transformer."),
                                               "to_visual_latent"));
}

void build_classfine(Maker& maker) {
  Graph& graph = maker.graph;
  const std::string model = "trained_model.";
  const Value embedding = maker.linear(encode(maker, maker.input(), model + "visual_transformer."),
                                       model + "to_visual_latent");
  graph.output("logits", maker.linear(graph.relu(graph.normalise(embedding)), "classifier"));
  graph.output("embedding", embedding);
}

}  // namespace thorax::exporter
