// SwinUNETR on one window of a volume (src/nets/swin_unetr.h, swin_transformer.h,
// window_attention.h).
#include <array>
#include <cmath>

#include "exporter/networks.h"
#include "prepare/window_grid.h"

namespace thorax::exporter {
namespace {

using prepare::Grid;

constexpr double kEpsilon = 1e-5;

/// Where tokens go before attention, and come back from behind it. Windows of `window` tokens an
/// axis over the grid rolled back by `shift`; an axis no longer than the window is one window and
/// is not shifted. Places behind the grid's end take the token behind the last, which is zero.
struct Windows {
  Grid window{}, shift{}, count{};
  std::int64_t tokens = 1, windows = 1;
  bool shifted = false;
  std::vector<std::int64_t> gather, scatter, kinds;
  std::vector<float> masks;  ///< [8, tokens, tokens]: for each set of axes in their last window
};

Grid place_in(std::int64_t number, const Grid& sides) {
  return {number / (sides[1] * sides[2]), number / sides[2] % sides[1], number % sides[2]};
}

/// In the last window of a shifted axis the tail came round from the other end: the two parts may
/// not see each other.
std::vector<float> make_masks(const Windows& plan) {
  std::vector<float> masks;
  for (int bits = 0; bits < 8; ++bits) {
    std::vector<int> part(static_cast<std::size_t>(plan.tokens), 0);
    for (std::int64_t t = 0; t < plan.tokens; ++t) {
      const Grid inside = place_in(t, plan.window);
      int& value = part[static_cast<std::size_t>(t)];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const bool tail =
            (bits >> axis & 1) != 0 && inside[axis] >= plan.window[axis] - plan.shift[axis];
        value = 2 * value + (tail ? 1 : 0);
      }
    }
    for (const int a : part)
      for (const int b : part) masks.push_back(a == b ? 0.F : -100.F);
  }
  return masks;
}

Windows plan_windows(const Grid& grid, std::int64_t full, std::int64_t full_shift) {
  Windows plan;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool whole = grid[axis] <= full;
    plan.window[axis] = whole ? grid[axis] : full;
    plan.shift[axis] = whole ? 0 : full_shift;
    plan.count[axis] = (grid[axis] + plan.window[axis] - 1) / plan.window[axis];
    plan.shifted = plan.shifted || plan.shift[axis] > 0;
  }
  plan.tokens = prepare::count_of(plan.window);
  plan.windows = prepare::count_of(plan.count);
  const std::int64_t padding = prepare::count_of(grid);
  plan.scatter.resize(static_cast<std::size_t>(padding));
  for (std::int64_t n = 0; n < plan.windows; ++n) {
    const Grid first = place_in(n, plan.count);
    std::int64_t bits = 0;
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (plan.shift[axis] > 0 && first[axis] == plan.count[axis] - 1)
        bits |= std::int64_t{1} << axis;
    plan.kinds.push_back(bits);
    for (std::int64_t t = 0; t < plan.tokens; ++t) {
      const Grid inside = place_in(t, plan.window);
      std::int64_t token = 0;
      bool outside = false;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t size = plan.count[axis] * plan.window[axis];
        const std::int64_t at =
            (first[axis] * plan.window[axis] + inside[axis] + plan.shift[axis]) % size;
        outside = outside || at >= grid[axis];
        token = token * grid[axis] + at;
      }
      if (!outside)
        plan.scatter[static_cast<std::size_t>(token)] =
            static_cast<std::int64_t>(plan.gather.size());
      plan.gather.push_back(outside ? padding : token);
    }
  }
  if (plan.shifted) plan.masks = make_masks(plan);
  return plan;
}

/// The row of the bias table for every two tokens of a window. Smaller windows take the first rows
/// and columns of the full window's, which is what the published weights were trained with.
std::vector<std::int64_t> bias_rows(std::int64_t tokens, std::int64_t full) {
  const Grid sides{full, full, full};
  std::vector<std::int64_t> rows;
  for (std::int64_t a = 0; a < tokens; ++a) {
    for (std::int64_t b = 0; b < tokens; ++b) {
      const Grid p = place_in(a, sides), q = place_in(b, sides);
      std::int64_t row = 0;
      for (std::size_t axis = 0; axis < 3; ++axis)
        row = row * (2 * full - 1) + p[axis] - q[axis] + full - 1;
      rows.push_back(row);
    }
  }
  return rows;
}

std::int64_t length(const std::vector<std::int64_t>& values) {
  return static_cast<std::int64_t>(values.size());
}

class Swin {
 public:
  explicit Swin(Maker& maker) : maker_(maker), graph_(maker.graph) {
    const auto table =
        maker.tensor("swinViT.layers1.0.blocks.0.attn.relative_position_bias_table").shape.at(0);
    window_ = (std::llround(std::cbrt(static_cast<double>(table))) + 1) / 2;
    const auto merging = maker.config("patch_merging", std::string("v2"));
    if (merging == "monai_1_4")
      offsets_ = {
          {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}};
    else if (merging == "monai_1_5")
      offsets_ = {
          {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}, {1, 1, 1}}};
    else
      offsets_ = {
          {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1}}};
  }

  void build() {
    const Value volume = maker_.input();
    const std::vector<Value> hidden = transformer(volume);
    const Value one = block(volume, "encoder1.layer"), two = block(hidden[0], "encoder2.layer"),
                three = block(hidden[1], "encoder3.layer"),
                four = block(hidden[2], "encoder4.layer"),
                last = block(hidden[4], "encoder10.layer");
    Value x = up(last, hidden[3], "decoder5");
    x = up(x, four, "decoder4");
    x = up(x, three, "decoder3");
    x = up(x, two, "decoder2");
    x = up(x, one, "decoder1");
    graph_.output("logits", maker_.convolution(x, "out.conv.conv", kPoint));
    std::vector<Value> means;
    for (const Value& part : {one, two, three, four, last})
      means.push_back(maker_.global_mean(part));
    graph_.output("embedding", graph_.concat(means, 1));
  }

 private:
  static inline const Convolution kPoint{.stride = {1}, .padding = {0}, .dilation = {1}};
  static inline const Convolution kNear{.stride = {1}, .padding = {1}, .dilation = {1}};

  Value tokens_of(const Value& x) { return graph_.transpose(x, {0, 2, 3, 4, 1}); }
  Value volume_of(const Value& x) { return graph_.transpose(x, {0, 4, 1, 2, 3}); }

  /// Layer norm over the channels without a learned scale.
  Value normed(const Value& x) {
    const auto channels = static_cast<std::size_t>(x.sides[1]);
    const auto filled = [&](const std::string& name, float value) {
      return graph_.constant(
          name + std::to_string(channels),
          weights::make_tensor({x.sides[1]}, std::vector<float>(channels, value)));
    };
    return volume_of(
        graph_.layer_norm(tokens_of(x), filled("ones_", 1), filled("zeros_", 0), kEpsilon));
  }

  /// conv3, norm, leaky ReLU, conv3, norm, plus the input, leaky ReLU.
  Value block(const Value& x, const std::string& key) {
    const auto convolved = [&](const Value& value, const std::string& name,
                               const Convolution& how) {
      return graph_.instance_norm(maker_.convolution(value, key + name, how), kEpsilon);
    };
    const Value y = graph_.leaky_relu(convolved(x, ".conv1.conv", kNear), 0.01);
    const bool differs = maker_.has(key + ".conv3.conv.weight");
    const Value residual = differs ? convolved(x, ".conv3.conv", kPoint) : x;
    return graph_.leaky_relu(graph_.add(convolved(y, ".conv2.conv", kNear), residual), 0.01);
  }

  Value up(const Value& x, const Value& skip, const std::string& key) {
    const Value larger = maker_.convolution(
        x, key + ".transp_conv.conv",
        {.stride = {2}, .padding = {0}, .dilation = {1}, .groups = 1, .transposed = true});
    return block(graph_.concat({larger, skip}, 1), key + ".conv_block");
  }

  std::vector<Value> transformer(const Value& volume) {
    Value x = maker_.convolution(volume, "swinViT.patch_embed.proj",
                                 {.stride = {2}, .padding = {0}, .dilation = {1}});
    std::vector<Value> hidden{normed(x)};
    for (int k = 1; k <= 4; ++k) {
      const std::string layers = "swinViT.layers" + std::to_string(k);
      if (maker_.has(layers + "c.0.layer.conv1.conv.weight")) x = block(x, layers + "c.0.layer");
      x = stage(x, layers + ".0");
      hidden.push_back(normed(x));
    }
    return hidden;
  }

  Value stage(const Value& x, const std::string& key) {
    const Grid grid{x.sides[2], x.sides[3], x.sides[4]};
    Value tokens = graph_.reshape(tokens_of(x), {-1, prepare::count_of(grid), x.sides[1]});
    const std::string blocks = key + ".blocks.";
    const std::int64_t depth = maker_.count(blocks, ".attn.qkv.weight");
    for (std::int64_t i = 0; i < depth; ++i)
      tokens = swin_block(tokens, blocks + std::to_string(i), grid, i % 2 == 1);
    return volume_of(
        merge(graph_.reshape(tokens, {-1, grid[0], grid[1], grid[2], x.sides[1]}), key));
  }

  /// Halves the grid: eight neighbours side by side, norm, linear to twice the size.
  Value merge(Value x, const std::string& key) {
    Sides none(5, 0), odd(5, 0);
    for (std::size_t axis = 1; axis < 4; ++axis) odd[axis] = x.sides[axis] % 2;
    if (odd != none) x = graph_.pad(x, none, odd);
    std::vector<Value> neighbours;
    for (const Grid& offset : offsets_) {
      Value part = x;
      for (std::size_t axis = 0; axis < 3; ++axis)
        part = graph_.slice(part, static_cast<std::int64_t>(axis) + 1, offset[axis],
                            x.sides[axis + 1], 2);
      neighbours.push_back(part);
    }
    const Value together = graph_.concat(neighbours, 4);
    return maker_.linear(maker_.layer_norm(together, key + ".downsample.norm", kEpsilon),
                         key + ".downsample.reduction");
  }

  Value swin_block(const Value& x, const std::string& key, const Grid& grid, bool shifted) {
    const Value y = graph_.add(
        x, attend(maker_.layer_norm(x, key + ".norm1", kEpsilon), key + ".attn", grid, shifted));
    const Value inner =
        maker_.linear(maker_.layer_norm(y, key + ".norm2", kEpsilon), key + ".mlp.linear1");
    return graph_.add(y, maker_.linear(graph_.gelu(inner), key + ".mlp.linear2"));
  }

  Value indices(const std::string& name, const std::vector<std::int64_t>& values) {
    return graph_.constant(name, weights::make_index_tensor({length(values)}, values));
  }

  Value attend(const Value& x, const std::string& key, const Grid& grid, bool shifted) {
    const Windows plan = plan_windows(grid, window_, shifted ? window_ / 2 : 0);
    const std::string name = "windows_" + std::to_string(grid[0]) + "_" + std::to_string(grid[1]) +
                             "_" + std::to_string(grid[2]) + (plan.shifted ? "_shifted" : "");
    const std::int64_t size = x.sides[2], t = plan.tokens;
    const Value padded = graph_.pad(x, {0, 0, 0}, {0, 1, 0});
    const Value chosen = graph_.select(padded, 1, indices(name + ".gather", plan.gather));
    const Value windows = graph_.reshape(chosen, {-1, t, size});
    const Value qkv = maker_.linear(windows, key + ".qkv");
    const std::int64_t heads = maker_.tensor(key + ".relative_position_bias_table").shape.at(1);
    const auto part = [&](std::int64_t n) {
      return maker_.split_heads(graph_.slice(qkv, 2, n * size, (n + 1) * size), heads);
    };
    const double scale = 1 / std::sqrt(static_cast<double>(size) / static_cast<double>(heads));
    Value scores =
        graph_.product(graph_.multiply(part(0), scale), graph_.transpose(part(1), {0, 1, 3, 2}));
    scores = graph_.add(scores, position_bias(key, t, heads));
    if (plan.shifted) {
      const Value masks = graph_.select(
          graph_.constant(name + ".masks", weights::make_tensor({8, t, t}, plan.masks)), 0,
          indices(name + ".kinds", plan.kinds));
      const Value apart = graph_.reshape(scores, {-1, plan.windows, heads, t, t});
      scores = graph_.reshape(graph_.add(apart, graph_.reshape(masks, {1, plan.windows, 1, t, t})),
                              {-1, heads, t, t});
    }
    const Value mixed =
        graph_.transpose(graph_.product(graph_.softmax(scores), part(2)), {0, 2, 1, 3});
    const Value out = maker_.linear(graph_.reshape(mixed, {-1, t, size}), key + ".proj");
    return graph_.select(graph_.reshape(out, {-1, plan.windows * t, size}), 1,
                         indices(name + ".scatter", plan.scatter));
  }

  /// [1, heads, tokens, tokens].
  Value position_bias(const std::string& key, std::int64_t tokens, std::int64_t heads) {
    const Value rows = indices("bias_rows_" + std::to_string(tokens), bias_rows(tokens, window_));
    const Value table =
        graph_.select(maker_.weight(key + ".relative_position_bias_table"), 0, rows);
    return graph_.reshape(graph_.transpose(table, {1, 0}), {1, heads, tokens, tokens});
  }

  Maker& maker_;
  Graph& graph_;
  std::int64_t window_ = 7;
  std::array<Grid, 8> offsets_{};
};

}  // namespace

void build_swin_unetr(Maker& maker) {
  Swin(maker).build();
}

}  // namespace thorax::exporter
