#include "exporter/onnx_writer.h"

#include <fstream>
#include <set>

#include <exporter/onnx.pb.h>

#include "base/error.h"
#include "base/version.h"
#include "exporter/onnx_initializers.h"

namespace thorax::exporter {
namespace {

constexpr int kIrVersion = 8;             // goes with operator set 17
constexpr int kFloat = 1, kFloat16 = 10;  // TensorProto.DataType
constexpr int kFloatAttribute = 1, kIntAttribute = 2, kIntsAttribute = 7;  // AttributeType
constexpr const char* kBatch = "batch";

void set_port(wire::ValueInfo& info, const Port& port) {
  info.set_name(port.name);
  wire::TensorType* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(kFloat);
  for (const std::int64_t side : port.value.sides) {
    wire::Dimension* dimension = type->mutable_shape()->add_dim();
    if (side < 0)
      dimension->set_dim_param(kBatch);
    else
      dimension->set_dim_value(side);
  }
}

Sides joined(const Sides& before, const Sides& after) {
  Sides out = before;
  out.insert(out.end(), after.begin(), after.end());
  return out;
}

/// A node under construction.
class NodeMaker {
 public:
  NodeMaker(wire::Graph& graph, const char* type, const std::vector<std::string>& inputs,
            const std::string& output)
      : node_(*graph.add_node()) {
    node_.set_op_type(type);
    node_.set_name(output + "." + type);
    for (const std::string& input : inputs) node_.add_input(input);
    node_.add_output(output);
  }
  NodeMaker& set(const char* name, std::int64_t value) {
    add(name, kIntAttribute).set_i(value);
    return *this;
  }
  NodeMaker& set(const char* name, double value) {
    add(name, kFloatAttribute).set_f(static_cast<float>(value));
    return *this;
  }
  NodeMaker& set(const char* name, const Sides& values) {
    wire::Attribute& attribute = add(name, kIntsAttribute);
    for (const std::int64_t value : values) attribute.add_ints(value);
    return *this;
  }

 private:
  wire::Attribute& add(const char* name, int type) {
    wire::Attribute& attribute = *node_.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }
  wire::Node& node_;
};

class Writer {
 public:
  Writer(const Graph& graph, const OnnxOptions& options, wire::Graph& out,
         Initializers& initializers)
      : graph_(graph), options_(options), out_(out), initializers_(initializers) {}

  void write() {
    for (const Port& port : graph_.inputs()) {
      set_port(*out_.add_input(), port);
      forms_[port.value.id].full = port.name;
    }
    for (const Step& step : graph_.steps()) {
      step_ = &step;
      half_ = options_.precision == OnnxPrecision::fp16 && !step.precise;
      std::visit([this](const auto& operation) { put(operation); }, step.operation);
    }
    for (const Port& port : graph_.outputs()) {
      node("Identity", {full(port.value.id)}, port.name);
      set_port(*out_.add_output(), port);
    }
  }

 private:
  /// A value has one name a type that it is needed in.
  struct Form {
    std::string full, half;
  };

  NodeMaker node(const char* type, const std::vector<std::string>& inputs,
                 const std::string& output) {
    return {out_, type, inputs, output};
  }
  /// A name for something inside a step.
  std::string inner() {
    return "v" + std::to_string(step_->output) + "_" + std::to_string(++inner_);
  }

  std::string full(int id) {
    if (initializers_.is_constant(id)) return initializers_.name(id, false);
    Form& form = forms_[id];
    if (form.full.empty()) {
      form.full = form.half + "_fp32";
      node("Cast", {form.half}, form.full).set("to", std::int64_t{kFloat});
    }
    return form.full;
  }
  std::string half(int id) {
    if (initializers_.is_constant(id)) return initializers_.name(id, true);
    Form& form = forms_[id];
    if (form.half.empty()) {
      form.half = form.full + "_fp16";
      node("Cast", {form.full}, form.half).set("to", std::int64_t{kFloat16});
    }
    return form.half;
  }
  std::string get(std::size_t input, bool as_half) {
    const int id = step_->inputs.at(input);
    return as_half ? half(id) : full(id);
  }
  /// Names the step's result.
  std::string result(bool as_half) {
    std::string name = "v" + std::to_string(step_->output);
    Form& form = forms_[step_->output];
    (as_half ? form.half : form.full) = name;
    return name;
  }
  /// Whether the first input exists in fp16 alone: what only moves or bends values keeps it so.
  bool comes_half() {
    const int id = step_->inputs.at(0);
    return !initializers_.is_constant(id) && forms_[id].full.empty();
  }
  std::vector<std::string> all(bool as_half) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < step_->inputs.size(); ++i) names.push_back(get(i, as_half));
    return names;
  }
  /// The name of the weight of a product, whose outputs are along `axis` of what it is written as.
  std::string weight(std::size_t axis, bool transposed = false) {
    const int id = step_->inputs.at(1);
    if (!initializers_.is_constant(id)) return get(1, half_);
    if (options_.precision != OnnxPrecision::int8 || step_->precise || initializers_.is_small(id))
      return initializers_.name(id, half_, transposed);
    const Initializers::Levels levels = initializers_.levels(id, axis, transposed);
    std::string exact = levels.levels + ".fp32";
    if (restored_.insert(exact).second)
      node("DequantizeLinear", {levels.levels, levels.scales}, exact)
          .set("axis", static_cast<std::int64_t>(axis));
    return exact;
  }
  /// The inputs of a product with a weight of that name and, where it has one, a bias.
  std::vector<std::string> with_weight(const std::string& weight) {
    std::vector<std::string> names{get(0, half_), weight};
    if (step_->inputs.size() > 2) names.push_back(get(2, half_));
    return names;
  }
  std::size_t rank() const { return graph_.sides_of(step_->inputs.at(0)).size(); }

  NodeMaker keeping(const char* type) {
    const bool as_half = comes_half();
    return node(type, {get(0, as_half)}, result(as_half));
  }
  NodeMaker precise(const char* type) { return node(type, all(false), result(false)); }

  void put(const Convolution& how) {
    const std::string kernel = weight(how.transposed ? 1 : 0);
    NodeMaker made =
        node(how.transposed ? "ConvTranspose" : "Conv", with_weight(kernel), result(half_));
    made.set("strides", how.stride).set("dilations", how.dilation).set("group", how.groups);
    made.set("pads", joined(how.padding, how.padding));
  }
  void put(const Linear&) {
    if (rank() == 2) {
      const std::string matrix = weight(0);
      node("Gemm", with_weight(matrix), result(half_)).set("transB", std::int64_t{1});
      return;
    }
    const std::string matrix = weight(1, /*transposed=*/true);
    const bool biased = step_->inputs.size() > 2;
    const std::string out = result(half_), product = biased ? inner() : out;
    node("MatMul", {get(0, half_), matrix}, product);
    if (biased) node("Add", {product, get(2, half_)}, out);
  }
  void put(const Product&) { node("MatMul", all(half_), result(half_)); }
  void put(const Add&) { precise("Add"); }
  void put(const Multiply&) { precise("Mul"); }
  void put(const Relu&) { keeping("Relu"); }
  void put(const LeakyRelu& how) { keeping("LeakyRelu").set("alpha", how.slope); }
  void put(const Sigmoid&) { precise("Sigmoid"); }
  void put(const InverseRoot& how) {
    const std::string raised = inner(), root = inner();
    const auto epsilon = static_cast<float>(how.epsilon);
    node("Add", {get(0, false), initializers_.scalar(epsilon)}, raised);
    node("Sqrt", {raised}, root);
    node("Reciprocal", {root}, result(false));
  }
  void put(const Softmax&) { precise("Softmax").set("axis", std::int64_t{-1}); }
  void put(const Gelu&) {
    // x (1 + erf(x / sqrt 2)) / 2, in the order that runtimes know as one operator.
    const std::string x = get(0, false), scaled = inner(), curve = inner(), raised = inner(),
                      weighed = inner();
    node("Div", {x, initializers_.scalar(1.41421356F)}, scaled);
    node("Erf", {scaled}, curve);
    node("Add", {curve, initializers_.scalar(1)}, raised);
    node("Mul", {x, raised}, weighed);
    node("Mul", {weighed, initializers_.scalar(0.5F)}, result(false));
  }
  void put(const LayerNorm& how) {
    precise("LayerNormalization").set("axis", std::int64_t{-1}).set("epsilon", how.epsilon);
  }
  void put(const InstanceNorm& how) {
    precise("InstanceNormalization").set("epsilon", how.epsilon);
  }
  void put(const MaxPool& how) {
    keeping("MaxPool")
        .set("kernel_shape", how.kernel)
        .set("strides", how.stride)
        .set("pads", joined(how.padding, how.padding));
  }
  void put(const Mean& how) {
    precise("ReduceMean").set("axes", how.axes).set("keepdims", std::int64_t{0});
  }
  void put(const Reshape& how) {
    const bool as_half = comes_half();
    node("Reshape", {get(0, as_half), initializers_.list(how.sides)}, result(as_half));
  }
  void put(const Transpose& how) { keeping("Transpose").set("perm", how.order); }
  void put(const Concat& how) {
    const bool as_half = comes_half();
    node("Concat", all(as_half), result(as_half)).set("axis", how.axis);
  }
  void put(const Slice& how) {
    const bool as_half = comes_half();
    node("Slice",
         {get(0, as_half), initializers_.list({how.begin}), initializers_.list({how.end}),
          initializers_.list({how.axis}), initializers_.list({how.step})},
         result(as_half));
  }
  void put(const Pad& how) {
    const bool as_half = comes_half();
    node("Pad", {get(0, as_half), initializers_.list(joined(how.before, how.after))},
         result(as_half));
  }
  void put(const Select& how) {
    const bool as_half = comes_half();
    node("Gather", {get(0, as_half), full(step_->inputs[1])}, result(as_half))
        .set("axis", how.axis);
  }
  void put(const Normalise&) {
    const std::string norm = inner(), held = inner();
    const std::string x = get(0, false);
    node("ReduceL2", {x}, norm).set("axes", Sides{-1}).set("keepdims", std::int64_t{1});
    node("Max", {norm, initializers_.scalar(1e-12F)}, held);
    node("Div", {x, held}, result(false));
  }
  void put(const ArgMax&) {
    precise("ArgMax").set("axis", std::int64_t{-1}).set("keepdims", std::int64_t{0});
  }
  void put(const Repeat&) {
    const std::string batch = inner(), sides = inner();
    const Sides& own = graph_.sides_of(step_->inputs[0]);
    node("Shape", {full(step_->inputs[1])}, batch)
        .set("start", std::int64_t{0})
        .set("end", std::int64_t{1});
    node("Concat", {batch, initializers_.list(Sides(own.begin() + 1, own.end()))}, sides)
        .set("axis", std::int64_t{0});
    node("Expand", {get(0, false), sides}, result(false));
  }

  const Graph& graph_;
  const OnnxOptions& options_;
  wire::Graph& out_;
  Initializers& initializers_;
  std::map<int, Form> forms_;
  std::set<std::string> restored_;  // names of weights
  const Step* step_ = nullptr;
  bool half_ = false;
  int inner_ = 0;
};

}  // namespace

std::vector<std::filesystem::path> write_onnx(const Graph& graph, const std::filesystem::path& file,
                                              const OnnxOptions& options,
                                              const Progress& progress) {
  std::uint64_t bytes = 0;
  for (const Constant& constant : graph.constants()) bytes += constant.tensor.bytes().size();
  std::filesystem::path beside;
  if (bytes > options.inline_limit) beside = file.string() + ".data";

  wire::Model model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("thorax");
  model.set_producer_version(std::string(kVersion));
  model.add_opset_import()->set_version(kOpset);
  for (const auto& [key, value] : options.metadata) {
    wire::Entry* entry = model.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }
  model.mutable_graph()->set_name("main");
  Initializers initializers(graph, *model.mutable_graph(), beside, progress);
  Writer(graph, options, *model.mutable_graph(), initializers).write();

  initializers.commit();
  NewFile target(file);
  std::ofstream stream(target.path(), std::ios::binary);
  const bool written = model.SerializeToOstream(&stream);
  stream.close();
  if (!written || !stream)
    throw Error("cannot_write"_code, {{"path", file.string()}, {"detail", "write"}});
  target.commit();
  std::vector<std::filesystem::path> files{file};
  if (!beside.empty()) files.push_back(beside);
  return files;
}

}  // namespace thorax::exporter
