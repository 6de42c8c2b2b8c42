#include "weights/mean.h"

#include "base/error.h"
#include "weights/checkpoint.h"

namespace thorax::weights {
namespace {

bool is_floating(DType type) {
  return type == DType::f64 || type == DType::f32 || type == DType::f16 || type == DType::bf16;
}

void check_alike(const StateDict& first, const StateDict& other,
                 const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& key) {
    throw Error("keys_do_not_fit"_code, {{"path", file.string()}, {"detail", key}});
  };
  for (const auto& [key, tensor] : first) {
    const auto found = other.find(key);
    if (found == other.end() || found->second.shape != tensor.shape) refuse(key);
  }
  for (const auto& [key, tensor] : other)
    if (!first.contains(key)) refuse(key);
}

}  // namespace

StateDict mean_of(std::span<const std::filesystem::path> files,
                  const std::function<bool(const std::string&)>& is_left_out) {
  std::vector<StateDict> models;
  for (const std::filesystem::path& file : files) {
    StateDict& read = models.emplace_back(read_checkpoint(file));
    std::erase_if(read, [&](const auto& entry) { return is_left_out(entry.first); });
    check_alike(models.front(), models.back(), file);
  }
  if (models.empty()) return {};
  StateDict mean = models.front();
  if (models.size() == 1) return mean;
  for (auto& [key, tensor] : mean) {
    if (!is_floating(tensor.type)) continue;
    std::vector<double> sum(static_cast<std::size_t>(tensor.count()));
    for (const StateDict& model : models) {
      const std::vector<float> values = model.at(key).to_float();
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(values[i]);
    }
    std::vector<float> values(sum.size());
    for (std::size_t i = 0; i < sum.size(); ++i)
      values[i] = static_cast<float>(sum[i] / static_cast<double>(models.size()));
    tensor = make_tensor(tensor.shape, values);
  }
  return mean;
}

}  // namespace thorax::weights
