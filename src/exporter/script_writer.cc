#include "exporter/script_writer.h"

#include <cctype>
#include <cstdio>
#include <map>

namespace thorax::exporter {
namespace {

std::string text(const Sides& values) {
  std::string out;
  for (const std::int64_t value : values) out += (out.empty() ? "" : ", ") + std::to_string(value);
  return "[" + out + "]";
}

std::string text(double value) {
  std::string out(32, '\0');
  out.resize(static_cast<std::size_t>(std::snprintf(out.data(), out.size(), "%.9e", value)));
  return out;
}

std::string text(std::int64_t value) {
  return std::to_string(value);
}

/// Keys as Python names attributes.
std::string attribute(const std::string& key) {
  std::string name = "w_" + key;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

class Writer {
 public:
  explicit Writer(const Graph& graph) : graph_(graph) {}

  Script write() {
    std::string header, result;
    for (const Constant& constant : graph_.constants()) {
      std::string name = attribute(constant.name);
      while (script_.tensors.contains(name)) name += '_';
      names_[constant.id] = "self." + name;
      script_.tensors.emplace(name, constant.tensor);
    }
    for (const Port& port : graph_.inputs()) {
      header += ", " + port.name + ": Tensor";
      names_[port.value.id] = port.name;
    }
    for (const Step& step : graph_.steps()) {
      step_ = &step;
      const std::string call = std::visit([this](const auto& o) { return put(o); }, step.operation);
      names_[step.output] = "v" + std::to_string(step.output);
      body_ += "  " + names_[step.output] + " = " + call + "\n";
    }
    std::string types;
    for (const Port& port : graph_.outputs()) {
      result += (result.empty() ? "" : ", ") + names_.at(port.value.id);
      types += types.empty() ? "Tensor" : ", Tensor";
    }
    const bool one = graph_.outputs().size() == 1;
    script_.source = "def forward(self" + header + ") -> " +
                     (one ? types : "Tuple[" + types + "]") + ":\n" + body_ + "  return " +
                     (one ? result : "(" + result + ")") + "\n";
    return std::move(script_);
  }

 private:
  std::string in(std::size_t i) const { return names_.at(step_->inputs.at(i)); }
  std::size_t rank() const { return graph_.sides_of(step_->inputs.at(0)).size(); }
  std::string bias() const { return step_->inputs.size() > 2 ? in(2) : "None"; }
  template <class... Words>
  std::string call(const std::string& function, const Words&... words) const {
    std::string out = "torch." + function + "(";
    std::size_t n = 0;
    ((out += (n++ > 0 ? ", " : "") + std::string(words)), ...);
    return out + ")";
  }

  std::string put(const Convolution& how) const {
    const std::string axes = std::to_string(rank() - 2) + "d";
    if (how.transposed)
      return call("conv_transpose" + axes, in(0), in(1), bias(), text(how.stride),
                  text(how.padding), text(Sides(rank() - 2, 0)), text(how.groups),
                  text(how.dilation));
    return call("conv" + axes, in(0), in(1), bias(), text(how.stride), text(how.padding),
                text(how.dilation), text(how.groups));
  }
  std::string put(const Linear&) const { return call("linear", in(0), in(1), bias()); }
  std::string put(const Product&) const { return call("matmul", in(0), in(1)); }
  std::string put(const Add&) const { return call("add", in(0), in(1)); }
  std::string put(const Multiply&) const { return call("mul", in(0), in(1)); }
  std::string put(const Relu&) const { return call("relu", in(0)); }
  std::string put(const LeakyRelu& how) const { return call("leaky_relu", in(0), text(how.slope)); }
  std::string put(const Gelu&) const { return call("gelu", in(0)); }
  std::string put(const Sigmoid&) const { return call("sigmoid", in(0)); }
  std::string put(const InverseRoot& how) const {
    return call("rsqrt", call("add", in(0), text(how.epsilon)));
  }
  std::string put(const Softmax&) const { return call("softmax", in(0), "-1"); }
  std::string put(const LayerNorm& how) const {
    const std::int64_t size = graph_.sides_of(step_->inputs[0]).back();
    return call("layer_norm", in(0), text(Sides{size}), in(1), in(2), text(how.epsilon));
  }
  std::string put(const InstanceNorm& how) const {
    return call("instance_norm", in(0), in(1), in(2), "None", "None", "True", "0.1",
                text(how.epsilon), "False");
  }
  std::string put(const MaxPool& how) const {
    return call("max_pool" + std::to_string(rank() - 2) + "d", in(0), text(how.kernel),
                text(how.stride), text(how.padding), text(Sides(rank() - 2, 1)), "False");
  }
  std::string put(const Mean& how) const { return call("mean", in(0), text(how.axes), "False"); }
  std::string put(const Reshape& how) const { return call("reshape", in(0), text(how.sides)); }
  std::string put(const Transpose& how) const { return call("permute", in(0), text(how.order)); }
  std::string put(const Concat& how) const {
    std::string parts = in(0);
    for (std::size_t i = 1; i < step_->inputs.size(); ++i) parts += ", " + in(i);
    return call("cat", "[" + parts + "]", text(how.axis));
  }
  std::string put(const Slice& how) const {
    return call("slice", in(0), text(how.axis), text(how.begin), text(how.end), text(how.step));
  }
  std::string put(const Pad& how) const {
    Sides sides;  // from the last axis to the first
    for (std::size_t i = how.before.size(); i-- > 0;) {
      sides.push_back(how.before[i]);
      sides.push_back(how.after[i]);
    }
    return call("constant_pad_nd", in(0), text(sides), "0");
  }
  std::string put(const Select& how) const {
    return call("index_select", in(0), text(how.axis), in(1));
  }
  std::string put(const Normalise&) const {
    return call("div", in(0),
                call("clamp_min", call("norm", in(0), "2", "[-1]", "True"), text(1e-12)));
  }
  std::string put(const ArgMax&) const { return call("argmax", in(0), "-1", "False"); }
  std::string put(const Repeat&) const {
    std::string sides = "torch.size(" + in(1) + ", 0)";
    for (std::size_t i = 1; i < rank(); ++i) sides += ", -1";
    return call("expand", in(0), "[" + sides + "]");
  }

  const Graph& graph_;
  Script script_;
  std::map<int, std::string> names_;
  std::string body_;
  const Step* step_ = nullptr;
};

}  // namespace

Script write_script(const Graph& graph) {
  return Writer(graph).write();
}

}  // namespace thorax::exporter
