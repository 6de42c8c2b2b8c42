#include "exporter/maker.h"

#include <cmath>
#include <numeric>

#include "base/error.h"

namespace thorax::exporter {
namespace {

constexpr double kNormEpsilon = 1e-5;  // of every batch normalisation that Thorax has

}  // namespace

const weights::Tensor& Maker::tensor(const std::string& key) const {
  const auto found = source_.weights.find(key);
  if (found == source_.weights.end())
    throw Error("keys_do_not_fit"_code,
                {{"path", source_.manifest.weights}, {"detail", "missing: " + key}});
  return found->second;
}

std::int64_t Maker::count(const std::string& prefix, const std::string& suffix) const {
  std::int64_t n = 0;
  while (has(std::string(prefix).append(std::to_string(n)).append(suffix))) ++n;
  return n;
}

Value Maker::input() {
  const weights::TensorInfo& info = source_.native.function({}).inputs.at(0);
  return graph.input(info.name, info.shape);
}

Value Maker::views() {
  const Value pictures = input();
  if (!mirrored()) return pictures;
  std::vector<std::int64_t> columns(static_cast<std::size_t>(pictures.sides.at(3)));
  std::iota(columns.rbegin(), columns.rend(), std::int64_t{0});
  const Value backwards =
      graph.constant("columns_backwards", weights::make_index_tensor({pictures.sides[3]}, columns));
  return graph.concat({pictures, graph.select(pictures, 3, backwards)}, 0);
}

Value Maker::by_view(const Value& x) {
  Sides sides = x.sides;
  sides.insert(sides.begin(), 2);
  return graph.reshape(x, std::move(sides));
}

Value Maker::mean_of_views(const Value& x) {
  return mirrored() ? graph.mean(by_view(x), {0}) : x;
}

Value Maker::as_it_is(const Value& x) {
  return mirrored() ? graph.pick(by_view(x), 0, 0) : x;
}

std::optional<Value> Maker::bias_of(const std::string& key) {
  if (!has(key + ".bias")) return {};
  return weight(key + ".bias");
}

Value Maker::linear(const Value& x, const std::string& key) {
  const std::optional<Value> bias = bias_of(key);
  return graph.linear(x, weight(key + ".weight"), bias ? &*bias : nullptr);
}

Value Maker::convolution(const Value& x, const std::string& key, const Convolution& how) {
  const std::optional<Value> bias = bias_of(key);
  return graph.convolution(x, weight(key + ".weight"), bias ? &*bias : nullptr, how);
}

Maker::Affine Maker::affine(const std::string& norm) const {
  const std::vector<float> scale = tensor(norm + ".weight").to_float(),
                           shift = tensor(norm + ".bias").to_float(),
                           mean = tensor(norm + ".running_mean").to_float(),
                           variance = tensor(norm + ".running_var").to_float();
  Affine out;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    out.scale.push_back(double{scale[c]} / std::sqrt(double{variance[c]} + kNormEpsilon));
    out.shift.push_back(double{shift[c]} - double{mean[c]} * out.scale[c]);
  }
  return out;
}

Maker::Folded Maker::fold(const std::string& key, const std::string& norm) {
  const weights::Tensor& original = tensor(key + ".weight");
  const Affine by = affine(norm);
  std::vector<float> weights = original.to_float();
  std::vector<float> bias(by.scale.size(), 0);
  if (has(key + ".bias")) bias = tensor(key + ".bias").to_float();
  const std::size_t row = weights.size() / by.scale.size();
  for (std::size_t c = 0; c < by.scale.size(); ++c) {
    for (std::size_t i = c * row; i < (c + 1) * row; ++i)
      weights[i] = static_cast<float>(double{weights[i]} * by.scale[c]);
    bias[c] = static_cast<float>(double{bias[c]} * by.scale[c] + by.shift[c]);
  }
  return {graph.constant(key + ".weight.normed", weights::make_tensor(original.shape, weights)),
          graph.constant(key + ".bias.normed",
                         weights::make_tensor({static_cast<std::int64_t>(bias.size())}, bias))};
}

Value Maker::norm(const Value& x, const std::string& key) {
  const Affine by = affine(key);
  Sides sides(x.sides.size() - 1, 1);  // a channel each, whatever the axes behind
  sides[0] = x.sides[1];
  const auto spread = [&](const std::string& name, const std::vector<double>& values) {
    return graph.constant(
        key + name, weights::make_tensor(sides, std::vector<float>(values.begin(), values.end())));
  };
  return graph.add(graph.multiply(x, spread(".scale", by.scale)), spread(".shift", by.shift));
}

Value Maker::convolution_and_norm(const Value& x, const std::string& key, const std::string& norm,
                                  Sides stride, std::int64_t dilation) {
  const Folded folded = fold(key, norm);
  Convolution how{.stride = std::move(stride), .padding = {}, .dilation = {dilation}};
  for (std::size_t i = 2; i < folded.weight.sides.size(); ++i)
    how.padding.push_back(folded.weight.sides[i] / 2 * dilation);
  return graph.convolution(x, folded.weight, &folded.bias, how);
}

Value Maker::linear_and_norm(const Value& x, const std::string& key, const std::string& norm) {
  const Folded folded = fold(key, norm);
  return graph.linear(x, folded.weight, &folded.bias);
}

Value Maker::layer_norm(const Value& x, const std::string& key, double epsilon) {
  return graph.layer_norm(x, weight(key + ".weight"), weight(key + ".bias"), epsilon);
}

Value Maker::global_mean(const Value& x) {
  Sides axes;
  for (std::size_t i = 2; i < x.sides.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  return graph.mean(x, axes);
}

Value Maker::split_heads(const Value& x, std::int64_t heads) {
  return graph.transpose(graph.reshape(x, {-1, x.sides[1], heads, x.sides[2] / heads}),
                         {0, 2, 1, 3});
}

Value Maker::attend(const Value& q, const Value& k, const Value& v, double scale,
                    const Value* bias) {
  Value scores = graph.product(graph.multiply(q, scale), graph.transpose(k, {0, 1, 3, 2}));
  if (bias != nullptr) scores = graph.add(scores, *bias);
  const Value mixed = graph.transpose(graph.product(graph.softmax(scores), v), {0, 2, 1, 3});
  return graph.reshape(mixed, {-1, mixed.sides[1], mixed.sides[2] * mixed.sides[3]});
}

}  // namespace thorax::exporter
