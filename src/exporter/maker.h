// Builds the graph of a network from its weights: the layers that the networks share, by the keys
// of their checkpoint.
#pragma once

#include <optional>

#include "engine/runner.h"
#include "exporter/graph.h"

namespace thorax::exporter {

/// A model that is to be exported.
struct Source {
  weights::Manifest manifest;
  weights::StateDict weights;
  engine::Description native;  ///< how Thorax's own engine sees it: functions, sides
};

class Maker {
 public:
  explicit Maker(const Source& source) : source_(source) {}

  Graph graph;

  bool has(const std::string& key) const { return source_.weights.contains(key); }
  /// Throws Error("keys_do_not_fit"_code) when it is absent.
  const weights::Tensor& tensor(const std::string& key) const;
  Value weight(const std::string& key) { return graph.constant(key, tensor(key)); }
  /// How many of prefix + "0" + suffix, prefix + "1" + suffix … there are.
  std::int64_t count(const std::string& prefix, const std::string& suffix) const;
  /// An entry of the network's configuration.
  template <class T>
  T config(const char* key, T otherwise) const {
    return source_.manifest.config.value(key, std::move(otherwise));
  }

  /// The first input of the native network's first function.
  Value input();

  /// The pictures [B, C, H, W] of input(); where the configuration says "mirrored", their mirror
  /// images, left and right exchanged, behind them.
  Value views();
  /// Of what was computed for views(): each picture's mean.
  Value mean_of_views(const Value& x);
  /// Of what was computed for views(): that of the pictures as they are.
  Value as_it_is(const Value& x);

  /// KEY.weight and KEY.bias where there is one.
  Value linear(const Value& x, const std::string& key);
  Value convolution(const Value& x, const std::string& key, const Convolution& how);
  /// The same with the batch normalisation under the key `norm` behind it, as one step: its scale
  /// goes into the weights (computed in double precision). Padding keeps the sides at stride 1.
  Value convolution_and_norm(const Value& x, const std::string& key, const std::string& norm,
                             Sides stride = {1}, std::int64_t dilation = 1);
  /// Batch normalisation by itself, over axis 1.
  Value norm(const Value& x, const std::string& key);
  Value linear_and_norm(const Value& x, const std::string& key, const std::string& norm);
  Value layer_norm(const Value& x, const std::string& key, double epsilon);
  /// Mean over every axis behind the channels: [B, C, …] -> [B, C].
  Value global_mean(const Value& x);

  /// [B, N, heads * size] -> [B, heads, N, size].
  Value split_heads(const Value& x, std::int64_t heads);
  /// softmax(scale * q k^T + bias) v for q, k, v [B, heads, N, size] -> [B, N, heads * size].
  Value attend(const Value& q, const Value& k, const Value& v, double scale,
               const Value* bias = nullptr);

 private:
  struct Folded {
    Value weight, bias;
  };
  struct Affine {
    std::vector<double> scale, shift;
  };
  Affine affine(const std::string& norm) const;
  Folded fold(const std::string& key, const std::string& norm);
  std::optional<Value> bias_of(const std::string& key);
  bool mirrored() const { return config("mirrored", false); }
  /// [2 B, …] -> [2, B, …].
  Value by_view(const Value& x);

  const Source& source_;
};

}  // namespace thorax::exporter
