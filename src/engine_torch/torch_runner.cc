#include "engine_torch/torch_runner.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/memory.h"
#include "nets/large_blocks.h"
#include "nets/load.h"
#include "nets/state_dict.h"
#include "weights/checkpoint.h"

namespace thorax::engine {

at::ScalarType precision_of(const std::string& name) {
  if (name == "fp32") return at::kFloat;
  if (name == "bf16") return at::kBFloat16;
  throw Error("bad_option"_code,
              {{"option", "precision"}, {"value", name}, {"hint", "fp32 or bf16"}});
}

namespace {

at::Device device_of(const std::string& name) {
  if (name.empty())
    return torch::cuda::is_available() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  if (name == "cpu") return at::Device(at::kCPU);
  if ((name == "cuda" || name.starts_with("cuda:")) && torch::cuda::is_available())
    return at::Device(name);
  throw Error("no_engine"_code, {{"engine", "torch"}, {"detail", name + " is not available"}});
}

class TorchRunner final : public Runner {
 public:
  TorchRunner(const weights::Manifest& manifest, const std::filesystem::path& folder,
              const RunOptions& options)
      : network_(nets::make_network(manifest.network, manifest.config)),
        device_(device_of(options.device)) {
    const std::filesystem::path file = folder / manifest.weights;
    // A processor's products hold the weights once more, as they read them.
    const std::uint64_t bytes = manifest.files.front().bytes;
    require_memory(manifest.name, device_.is_cpu() ? 2 * bytes : bytes);
    keep_freed_memory();
    nets::keep_large_blocks();
    nets::load_weights(network_, weights::read_checkpoint(file), precision_of(options.precision),
                       file.string());
    if (!device_.is_cpu()) network_.module->to(device_);
    description_.engine = "torch";
    description_.runtime = "libtorch " TORCH_VERSION;
    description_.device = device_.str();
    description_.precision = options.precision;
    description_.item_bytes = manifest.json.value("item_bytes", std::uint64_t{0});
    description_.threads =
        options.threads > 0 ? options.threads
                            : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    for (const auto& [key, tensor] : nets::state_dict(*network_.module)) {
      description_.parameters += static_cast<std::uint64_t>(tensor.numel());
      description_.weight_bytes += tensor.nbytes();
    }
    for (const nets::Function& function : network_.functions)
      description_.functions.push_back({function.name, function.inputs, function.outputs});
  }

  TorchRunner(const TorchRunner&) = delete;
  TorchRunner& operator=(const TorchRunner&) = delete;
  ~TorchRunner() override {
    network_ = {};
    nets::release_large_blocks();
    return_freed_memory();
  }

  const Description& describe() const override { return description_; }

 private:
  std::vector<Tensor> compute(const std::vector<Tensor>& inputs,
                              const FunctionInfo& function) override {
    // libtorch's thread pool is one for the process: two networks at once would only fight for it.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    at::set_num_threads(description_.threads);
    const c10::InferenceMode inference;
    std::vector<at::Tensor> given;
    for (const Tensor& input : inputs) given.push_back(nets::view(input).to(device_));
    std::vector<Tensor> out;
    try {
      for (const at::Tensor& tensor : find(function.name).call(given))
        out.push_back(nets::view(tensor.is_floating_point() ? tensor.to(at::kFloat) : tensor));
    } catch (const c10::Error& problem) {
      throw Error("bad_tensors"_code, {{"detail", problem.what_without_backtrace()}});
    }
    return out;
  }

  const nets::Function& find(const std::string& name) const {
    return *std::find_if(network_.functions.begin(), network_.functions.end(),
                         [&](const nets::Function& function) { return function.name == name; });
  }

  nets::Network network_;
  at::Device device_;
  Description description_;
};

}  // namespace

std::unique_ptr<Runner> load_torch(const weights::Manifest& manifest,
                                   const std::filesystem::path& folder, const RunOptions& options) {
  return std::make_unique<TorchRunner>(manifest, folder, options);
}

}  // namespace thorax::engine
