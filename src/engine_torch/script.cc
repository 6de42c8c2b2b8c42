#include "engine_torch/script.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "nets/load.h"

namespace thorax::engine {
namespace {

class ScriptRunner final : public Runner {
 public:
  ScriptRunner(torch::jit::Module module, const FunctionInfo& function, const RunOptions& options)
      : module_(std::move(module)) {
    description_.engine = "torch";
    description_.runtime = "libtorch " TORCH_VERSION ", TorchScript";
    description_.device = "cpu";
    description_.precision = "fp32";
    description_.threads =
        options.threads > 0 ? options.threads
                            : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    description_.functions.push_back(function);
  }

  const Description& describe() const override { return description_; }

 private:
  std::vector<Tensor> compute(const std::vector<Tensor>& inputs,
                              const FunctionInfo& function) override {
    at::set_num_threads(description_.threads);
    const c10::InferenceMode inference;
    std::vector<c10::IValue> given;
    for (const Tensor& input : inputs) given.emplace_back(nets::view(input));
    std::vector<Tensor> out;
    try {
      const c10::IValue answer = module_.forward(given);
      if (answer.isTensor())
        out.push_back(nets::view(answer.toTensor()));
      else
        for (const c10::IValue& one : answer.toTupleRef().elements())
          out.push_back(nets::view(one.toTensor()));
    } catch (const c10::Error& problem) {
      throw Error("bad_tensors"_code, {{"detail", problem.what_without_backtrace()}});
    }
    if (out.size() != function.outputs.size())
      throw Error("bad_tensors"_code, {{"detail", "the module gives another number of outputs"}});
    return out;
  }

  torch::jit::Module module_;
  Description description_;
};

}  // namespace

void save_script(const std::string& source, const weights::StateDict& tensors,
                 const std::filesystem::path& file) {
  torch::jit::Module module("Thorax");
  for (const auto& [name, tensor] : tensors) module.register_buffer(name, nets::view(tensor));
  try {
    module.define(source);
  } catch (const std::exception& problem) {  // the compiler's errors are of several kinds
    throw Error("internal"_code, {{"detail", problem.what()}});
  }
  module.eval();
  try {
    module.save(file.string());
  } catch (const c10::Error& problem) {
    throw Error("cannot_write"_code,
                {{"path", file.string()}, {"detail", problem.what_without_backtrace()}});
  }
}

std::unique_ptr<Runner> load_script(const std::filesystem::path& file, const FunctionInfo& function,
                                    const RunOptions& options) {
  try {
    return std::make_unique<ScriptRunner>(torch::jit::load(file.string(), at::kCPU), function,
                                          options);
  } catch (const c10::Error& problem) {
    throw Error("bad_weights"_code,
                {{"path", file.string()}, {"detail", problem.what_without_backtrace()}});
  }
}

}  // namespace thorax::engine
