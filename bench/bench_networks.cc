// bench_networks [--only PART] [VIT.onnx]: one JSON line a measurement: seconds of the CT-CLIP
// encoder, ViT-B/16, ViT-L/14 and BART in fp32 and bf16, the machine's rate of matrix products,
// and, where a file is given, the time of ONNX Runtime for it. bench/networks.py calls it and
// compares. PART is a part of a line's name and precision ("encoder bf16"), for a profiler.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/memory.h"
#include "engine/onnx_runner.h"
#include "nets/load.h"
#include "nets/packed_linear.h"
#include "nets/registry.h"
#include "nets/state_dict.h"

namespace {

using namespace thorax;

constexpr int kRuns = 3;

double median_seconds(const std::function<void()>& work) {
  work();
  std::vector<double> seconds;
  for (int run = 0; run < kRuns; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[kRuns / 2];
}

void say(const std::string& what, const std::string& precision, double value,
         nlohmann::json more = {}) {
  nlohmann::json line{{"what", what}, {"precision", precision}, {"value", value}};
  if (more.is_object()) line.update(more);
  std::cout << line.dump() << std::endl;
}

/// A network with random weights of a usual size.
nets::Network random_network(const std::string& id, const nlohmann::json& config,
                             at::ScalarType precision) {
  nets::Network network = nets::make_network(id, config);
  weights::StateDict values;
  for (const auto& [key, tensor] : nets::state_dict(*network.module)) {
    at::Tensor value = at::ones(tensor.sizes());
    if (tensor.dim() >= 2)
      value = at::randn(tensor.sizes()) *
              std::sqrt(1.0 / static_cast<double>(std::max<std::int64_t>(1, tensor[0].numel())));
    if (!tensor.is_floating_point()) value = at::zeros(tensor.sizes(), tensor.scalar_type());
    values.emplace(key, nets::view(value));
  }
  nets::load_weights(network, values, precision, id);
  return network;
}

/// Multiplications of matrices a second, times two: by the faster of libtorch's BLAS and oneDNN
/// with weights that are packed.
double gemm_rate(at::ScalarType type) {
  constexpr std::int64_t kSide = 2048;
  const at::Tensor a = at::randn({kSide, kSide}).to(type), b = at::randn({kSide, kSide}).to(type),
                   out = at::empty_like(a);
  const nets::PackedLinear packed(b, {});
  const double seconds =
      std::min(median_seconds([&] { at::matmul(a, b); }),
               median_seconds([&] { packed.run(a.data_ptr(), kSide, out.data_ptr()); }));
  return 2.0 * kSide * kSide * kSide / seconds;
}

/// Products of the CT-CLIP encoder: blocks of 10 x 20 x 20 become 24^3 tokens of 512; four layers
/// in the plane, four along the body, codebook, projection.
double encoder_flops() {
  constexpr double kTokens = 24 * 24 * 24, kDim = 512, kInner = 256, kHidden = 1365;
  const double linear = kDim * kInner + kDim * 2 * kInner + kInner * kDim + 3 * kDim * kHidden;
  const double attention = 2 * kInner * (576 + 24);
  return 2 * kTokens * (4000 * kDim + 8 * (linear + 27 * kDim) + 4 * attention + kDim * 8192) +
         2 * 24 * 24 * kDim * 512;
}

void encoder(at::ScalarType type, const std::string& precision) {
  nets::Network network = random_network("ct_image_encoder", nlohmann::json::object(), type);
  const at::Tensor volume = at::rand({1, 1, 240, 480, 480}) * 2 - 1;
  return_freed_memory();
  reset_peak_memory();
  const double seconds = median_seconds([&] { network.functions[0].call({volume}); });
  say("CT-CLIP encoder", precision, seconds,
      {{"flops", encoder_flops()}, {"peak_bytes", peak_memory_since_reset()}});
}

void vit(at::ScalarType type, const std::string& precision) {
  nets::Network network = random_network("vit", nlohmann::json::object(), type);
  const at::Tensor picture = at::rand({1, 3, 224, 224}) * 2 - 1;
  say("ViT-B/16", precision, median_seconds([&] { network.functions[0].call({picture}); }));
}

/// ViT-L/14 with registers at 518 pixels: 37 x 37 patches and five tokens more, 24 blocks of 1024.
void large_vit(at::ScalarType type, const std::string& precision) {
  constexpr double kTokens = 37 * 37 + 5, kDim = 1024, kBlocks = 24, kPatch = 3 * 14 * 14;
  constexpr double kFlops = 2 * kTokens * kDim * (kBlocks * (12 * kDim + 2 * kTokens) + kPatch);
  nets::Network network = random_network("dinov2", nlohmann::json::object(), type);
  const at::Tensor picture = at::rand({1, 3, 518, 518}) * 2 - 1;
  say("ViT-L/14", precision, median_seconds([&] { network.functions[0].call({picture}); }),
      {{"flops", kFlops}});
}

void bart(at::ScalarType type, const std::string& precision) {
  nets::Network network =
      random_network("bart", {{"beams", 4}, {"max_length", 64}, {"min_length", 64}}, type);
  const at::Tensor ids = at::arange(4, 36).unsqueeze(0), mask = at::ones_like(ids);
  say("BART, beam 4, 64 tokens", precision, median_seconds([&] {
        network.functions[1].call({ids, mask});
      }));
}

}  // namespace

int main(int argc, char** argv) {
  const c10::InferenceMode inference;
  keep_freed_memory();
  at::set_num_threads(static_cast<int>(std::thread::hardware_concurrency()));
  at::manual_seed(1);
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::string only;
  if (arguments.size() > 1 && arguments[0] == "--only") {
    only = arguments[1];
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  for (const auto& [type, name] :
       {std::pair{at::kFloat, std::string("fp32")}, {at::kBFloat16, std::string("bf16")}}) {
    const auto wanted = [&, &precision = name](const std::string& what) {
      return (what + ' ' + precision).find(only) != std::string::npos;
    };
    if (wanted("GEMM")) say("GEMM", name, gemm_rate(type));
    if (wanted("CT-CLIP encoder")) encoder(type, name);
    if (wanted("ViT-B/16")) vit(type, name);
    if (wanted("ViT-L/14")) large_vit(type, name);
    if (wanted("BART")) bart(type, name);
  }
  if (!arguments.empty()) {
    const auto runner = engine::load_onnx_file(arguments[0], {});
    const at::Tensor picture = at::rand({1, 3, 224, 224});
    const auto input = nets::view(picture);
    say("ViT-B/16 by ONNX Runtime", "fp32", median_seconds([&] { runner->run({input}); }));
  }
  return 0;
}
