#include "engine/runner.h"

#include "base/error.h"
#include "base/memory.h"

namespace thorax::engine {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i ? "," : "") + (shape[i] < 0 ? std::string("N") : std::to_string(shape[i]));
  return text + "]";
}

bool fits(const Tensor& tensor, const weights::TensorInfo& info) {
  if (tensor.type != info.type || tensor.shape.size() != info.shape.size()) return false;
  for (std::size_t axis = 0; axis < info.shape.size(); ++axis)
    if (tensor.shape[axis] < 1 || (info.shape[axis] >= 0 && info.shape[axis] != tensor.shape[axis]))
      return false;
  return true;
}

std::string text_of(weights::DType type, const std::vector<std::int64_t>& shape) {
  return std::string(to_string(type)) + shape_text(shape);
}

void check(const std::vector<Tensor>& inputs, const FunctionInfo& function) {
  if (inputs.size() != function.inputs.size())
    throw Error("bad_tensors"_code,
                {{"detail", function.name + " takes " + std::to_string(function.inputs.size()) +
                                " tensors, not " + std::to_string(inputs.size())}});
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const weights::TensorInfo& info = function.inputs[i];
    if (!fits(inputs[i], info))
      throw Error("bad_tensors"_code,
                  {{"detail", info.name + " has to be " + text_of(info.type, info.shape) +
                                  ", not " + text_of(inputs[i].type, inputs[i].shape)}});
    if (inputs[i].shape.empty() || inputs[i].shape[0] != inputs[0].shape[0])
      throw Error("bad_tensors"_code, {{"detail", "the inputs' batches differ"}});
  }
}

}  // namespace

void require_memory(const std::string& what, std::uint64_t bytes) {
  constexpr std::uint64_t kMebibyte = 1 << 20;
  const std::uint64_t free = available_memory_bytes();
  // 0: the system does not say.
  if (free != 0 && bytes > free)
    throw Error("too_little_memory"_code, {{"what", what},
                                           {"need", std::to_string(bytes / kMebibyte)},
                                           {"free", std::to_string(free / kMebibyte)}});
}

const FunctionInfo& Description::function(const std::string& name) const {
  for (const FunctionInfo& known : functions)
    if (name.empty() || known.name == name) return known;
  throw Error("bad_tensors"_code, {{"detail", "the model has no function " + name}});
}

std::vector<Tensor> Runner::run(const std::vector<Tensor>& inputs, const std::string& function) {
  const FunctionInfo& wanted = describe().function(function);
  check(inputs, wanted);
  const auto batch = static_cast<std::uint64_t>(inputs.empty() ? 1 : inputs[0].shape[0]);
  require_memory(describe().engine, batch * describe().item_bytes);
  return compute(inputs, wanted);
}

}  // namespace thorax::engine
