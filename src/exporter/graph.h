// A network as a list of steps on values, free of torch and of any file format: what the networks
// of this room are written in, and what the writers of ONNX and TorchScript read. No step knows the
// length of the batch, so that whatever is written takes any.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "weights/tensor.h"

namespace thorax::exporter {

using Sides = std::vector<std::int64_t>;

/// A value: its number in the graph and its sides; -1 where a side is a multiple of the batch.
struct Value {
  int id = -1;
  Sides sides;
};

// What a step does. Meanings are those of the functions of torch with the same name.

/// value, weight [, bias]; over the trailing axes.
struct Convolution {
  Sides stride, padding, dilation;
  std::int64_t groups = 1;
  bool transposed = false;
};
/// value, weight [out, in] [, bias]; over the last axis.
struct Linear {};
/// value, value; over the last two axes.
struct Product {};
struct Add {};
struct Multiply {};
struct Relu {};
struct LeakyRelu {
  double slope;
};
struct Gelu {};  ///< exact (erf)
struct Sigmoid {};
struct InverseRoot {
  double epsilon;  ///< added first
};
struct Softmax {};  ///< over the last axis
/// value, weight, bias; over the last axis.
struct LayerNorm {
  double epsilon;
};
/// value, ones and zeros a channel; over the axes behind the channels.
struct InstanceNorm {
  double epsilon;
};
struct MaxPool {
  Sides kernel, stride, padding;
};
struct Mean {
  Sides axes;
};
struct Reshape {
  Sides sides;  ///< one of them may be -1
};
struct Transpose {
  Sides order;
};
struct Concat {
  std::int64_t axis;
};
struct Slice {
  std::int64_t axis, begin, end, step;
};
/// Zeros before and after each axis.
struct Pad {
  Sides before, after;
};
/// value, indices; the rows of `axis` with those indices.
struct Select {
  std::int64_t axis;
};
/// x / max(||x||, 1e-12) over the last axis.
struct Normalise {};
struct ArgMax {};  ///< over the last axis
/// value [1, …], value [B, …]: the first, once an item of the second's batch.
struct Repeat {};

using Operation =
    std::variant<Convolution, Linear, Product, Add, Multiply, Relu, LeakyRelu, Gelu, Sigmoid,
                 InverseRoot, Softmax, LayerNorm, InstanceNorm, MaxPool, Mean, Reshape, Transpose,
                 Concat, Slice, Pad, Select, Normalise, ArgMax, Repeat>;

struct Step {
  Operation operation;
  std::vector<int> inputs;  ///< ids of values
  int output;
  bool precise;  ///< stays fp32 where the rest is computed in fp16
};

struct Constant {
  int id;
  std::string name;  ///< the checkpoint's key, or one that says what it was made from
  weights::Tensor tensor;
};

struct Port {
  std::string name;
  Value value;
};

class Graph {
 public:
  Value input(const std::string& name, Sides sides);
  /// A tensor of values, as fp32 whatever a file holds it in, or of indices (int64). The same name
  /// twice is the same value.
  Value constant(const std::string& name, const weights::Tensor& tensor);
  void output(const std::string& name, const Value& value) { outputs_.push_back({name, value}); }

  Value convolution(const Value& x, const Value& weight, const Value* bias, Convolution how);
  Value linear(const Value& x, const Value& weight, const Value* bias = nullptr);
  Value product(const Value& a, const Value& b);
  Value add(const Value& a, const Value& b);
  Value multiply(const Value& a, const Value& b);
  Value multiply(const Value& x, double factor);
  Value relu(const Value& x) { return same(Relu{}, x); }
  Value leaky_relu(const Value& x, double slope) { return same(LeakyRelu{slope}, x); }
  Value gelu(const Value& x) { return same(Gelu{}, x); }
  Value sigmoid(const Value& x) { return same(Sigmoid{}, x); }
  Value inverse_root(const Value& x, double epsilon) { return same(InverseRoot{epsilon}, x); }
  Value softmax(const Value& x) { return same(Softmax{}, x); }
  Value normalise(const Value& x) { return same(Normalise{}, x); }
  Value layer_norm(const Value& x, const Value& weight, const Value& bias, double epsilon);
  Value instance_norm(const Value& x, double epsilon);
  Value max_pool(const Value& x, MaxPool how);
  /// The axes go.
  Value mean(const Value& x, Sides axes);
  Value reshape(const Value& x, Sides sides);
  Value transpose(const Value& x, Sides order);
  Value concat(const std::vector<Value>& parts, std::int64_t axis);
  /// Elements begin, begin + step, … before end of an axis.
  Value slice(const Value& x, std::int64_t axis, std::int64_t begin, std::int64_t end,
              std::int64_t step = 1);
  /// One element of an axis, which goes.
  Value pick(const Value& x, std::int64_t axis, std::int64_t at);
  Value pad(const Value& x, Sides before, Sides after);
  Value select(const Value& x, std::int64_t axis, const Value& indices);
  Value arg_max(const Value& x);
  Value repeat(const Value& x, const Value& like);

  /// While it lives, the steps that are added stay fp32 whatever precision is written.
  class Precise {
   public:
    explicit Precise(Graph& graph) : graph_(graph) { graph_.precise_ = true; }
    Precise(const Precise&) = delete;
    Precise& operator=(const Precise&) = delete;
    ~Precise() { graph_.precise_ = false; }

   private:
    Graph& graph_;
  };

  const Sides& sides_of(int id) const { return sides_.at(static_cast<std::size_t>(id)); }
  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  const std::vector<Constant>& constants() const { return constants_; }
  const std::vector<Step>& steps() const { return steps_; }

 private:
  Value next(Sides sides);
  Value add_step(Operation operation, const std::vector<Value>& inputs, Sides sides);
  Value same(Operation operation, const Value& x) {
    return add_step(std::move(operation), {x}, x.sides);
  }

  std::vector<Sides> sides_;  // of every value
  bool precise_ = false;
  std::vector<Port> inputs_, outputs_;
  std::vector<Constant> constants_;
  std::vector<Step> steps_;
};

}  // namespace thorax::exporter
