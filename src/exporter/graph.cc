#include "exporter/graph.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/error.h"

namespace thorax::exporter {
namespace {

using weights::DType;

std::size_t at(std::int64_t axis) {
  return static_cast<std::size_t>(axis);
}

void require(bool holds, const char* what) {
  if (!holds) throw Error("internal"_code, {{"detail", std::string("export: ") + what}});
}

/// Sides of a and b stretched to each other.
Sides broadcast(const Sides& a, const Sides& b) {
  Sides out(std::max(a.size(), b.size()), 1);
  for (const Sides* given : {&a, &b}) {
    const std::size_t shift = out.size() - given->size();
    for (std::size_t i = 0; i < given->size(); ++i)
      if ((*given)[i] != 1) out[shift + i] = (*given)[i];
  }
  return out;
}

/// Voxels of an axis that a kernel reaches with zeros before and after.
std::int64_t places(std::int64_t side, std::int64_t kernel, std::int64_t stride,
                    std::int64_t padding, std::int64_t dilation) {
  return (side + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

}  // namespace

Value Graph::next(Sides sides) {
  sides_.push_back(sides);
  return {static_cast<int>(sides_.size()) - 1, std::move(sides)};
}

Value Graph::add_step(Operation operation, const std::vector<Value>& inputs, Sides sides) {
  Value out = next(std::move(sides));
  Step& step = steps_.emplace_back(Step{std::move(operation), {}, out.id, precise_});
  for (const Value& input : inputs) step.inputs.push_back(input.id);
  return out;
}

Value Graph::input(const std::string& name, Sides sides) {
  inputs_.push_back({name, next(std::move(sides))});
  return inputs_.back().value;
}

Value Graph::constant(const std::string& name, const weights::Tensor& tensor) {
  for (const Constant& known : constants_)
    if (known.name == name) return {known.id, known.tensor.shape};
  Value value = next(tensor.shape);
  if (tensor.type == DType::f32 || tensor.type == DType::i64) {
    constants_.push_back({value.id, name, tensor.packed()});
  } else {
    constants_.push_back({value.id, name, weights::make_tensor(tensor.shape, tensor.to_float())});
  }
  return value;
}

Value Graph::convolution(const Value& x, const Value& weight, const Value* bias, Convolution how) {
  const std::size_t axes = x.sides.size() - 2;
  require(weight.sides.size() == axes + 2, "a convolution's weight has other axes");
  for (Sides* given : {&how.stride, &how.padding, &how.dilation})
    if (given->size() == 1) given->resize(axes, given->front());
  Sides sides{x.sides[0], weight.sides[how.transposed ? 1 : 0]};
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t kernel = weight.sides[2 + i];
    sides.push_back(how.transposed ? x.sides[2 + i] * how.stride[i]
                                   : places(x.sides[2 + i], kernel, how.stride[i], how.padding[i],
                                            how.dilation[i]));
  }
  std::vector<Value> inputs{x, weight};
  if (bias != nullptr) inputs.push_back(*bias);
  return add_step(std::move(how), inputs, std::move(sides));
}

Value Graph::linear(const Value& x, const Value& weight, const Value* bias) {
  require(weight.sides.size() == 2 && weight.sides[1] == x.sides.back(), "a linear layer's size");
  Sides sides = x.sides;
  sides.back() = weight.sides[0];
  std::vector<Value> inputs{x, weight};
  if (bias != nullptr) inputs.push_back(*bias);
  return add_step(Linear{}, inputs, std::move(sides));
}

Value Graph::product(const Value& a, const Value& b) {
  require(a.sides.back() == b.sides[b.sides.size() - 2], "a matrix product's sizes");
  Sides sides = a.sides;
  sides.back() = b.sides.back();
  return add_step(Product{}, {a, b}, std::move(sides));
}

Value Graph::add(const Value& a, const Value& b) {
  return add_step(Add{}, {a, b}, broadcast(a.sides, b.sides));
}

Value Graph::multiply(const Value& a, const Value& b) {
  return add_step(Multiply{}, {a, b}, broadcast(a.sides, b.sides));
}

Value Graph::multiply(const Value& x, double factor) {
  if (factor == 1) return x;
  const auto value = static_cast<float>(factor);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "factor_%.9g", factor);
  return multiply(x,
                  constant(text.data(), weights::make_tensor(Sides{}, std::vector<float>{value})));
}

Value Graph::layer_norm(const Value& x, const Value& weight, const Value& bias, double epsilon) {
  require(weight.sides == Sides{x.sides.back()}, "a layer norm's size");
  return add_step(LayerNorm{epsilon}, {x, weight, bias}, x.sides);
}

Value Graph::instance_norm(const Value& x, double epsilon) {
  const auto channels = static_cast<std::size_t>(x.sides[1]);
  const auto filled = [&](const std::string& name, float value) {
    return constant(name + std::to_string(channels),
                    weights::make_tensor({x.sides[1]}, std::vector<float>(channels, value)));
  };
  return add_step(InstanceNorm{epsilon}, {x, filled("ones_", 1), filled("zeros_", 0)}, x.sides);
}

Value Graph::max_pool(const Value& x, MaxPool how) {
  Sides sides = x.sides;
  for (std::size_t i = 0; i < how.kernel.size(); ++i)
    sides[2 + i] = places(sides[2 + i], how.kernel[i], how.stride[i], how.padding[i], 1);
  return add_step(std::move(how), {x}, std::move(sides));
}

Value Graph::mean(const Value& x, Sides axes) {
  Sides sides;
  for (std::size_t i = 0; i < x.sides.size(); ++i)
    if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) == axes.end())
      sides.push_back(x.sides[i]);
  return add_step(Mean{std::move(axes)}, {x}, std::move(sides));
}

Value Graph::reshape(const Value& x, Sides sides) {
  require(std::count(sides.begin(), sides.end(), -1) <= 1, "a shape with two open sides");
  return add_step(Reshape{sides}, {x}, sides);
}

Value Graph::transpose(const Value& x, Sides order) {
  require(order.size() == x.sides.size(), "an order of other axes");
  Sides sides;
  for (const std::int64_t axis : order) sides.push_back(x.sides[at(axis)]);
  return add_step(Transpose{std::move(order)}, {x}, std::move(sides));
}

Value Graph::concat(const std::vector<Value>& parts, std::int64_t axis) {
  Sides sides = parts.at(0).sides;
  std::int64_t& length = sides[at(axis)];
  for (std::size_t i = 1; i < parts.size() && length != -1; ++i)
    length = parts[i].sides[at(axis)] == -1 ? -1 : length + parts[i].sides[at(axis)];
  return add_step(Concat{axis}, parts, std::move(sides));
}

Value Graph::slice(const Value& x, std::int64_t axis, std::int64_t begin, std::int64_t end,
                   std::int64_t step) {
  require(begin >= 0 && begin < end && end <= x.sides[at(axis)], "a slice outside its axis");
  Sides sides = x.sides;
  sides[at(axis)] = (end - begin + step - 1) / step;
  return add_step(Slice{axis, begin, end, step}, {x}, std::move(sides));
}

Value Graph::pick(const Value& x, std::int64_t axis, std::int64_t at_index) {
  const Value one = slice(x, axis, at_index, at_index + 1);
  Sides sides = one.sides;
  sides.erase(sides.begin() + axis);
  return reshape(one, std::move(sides));
}

Value Graph::pad(const Value& x, Sides before, Sides after) {
  Sides sides = x.sides;
  for (std::size_t i = 0; i < sides.size(); ++i) sides[i] += before[i] + after[i];
  return add_step(Pad{std::move(before), std::move(after)}, {x}, std::move(sides));
}

Value Graph::select(const Value& x, std::int64_t axis, const Value& indices) {
  Sides sides = x.sides;
  sides.erase(sides.begin() + axis);
  sides.insert(sides.begin() + axis, indices.sides.begin(), indices.sides.end());
  return add_step(Select{axis}, {x, indices}, std::move(sides));
}

Value Graph::arg_max(const Value& x) {
  Sides sides = x.sides;
  sides.pop_back();
  return add_step(ArgMax{}, {x}, std::move(sides));
}

Value Graph::repeat(const Value& x, const Value& like) {
  Sides sides = x.sides;
  sides[0] = like.sides[0];
  return add_step(Repeat{}, {x, like}, std::move(sides));
}

}  // namespace thorax::exporter
