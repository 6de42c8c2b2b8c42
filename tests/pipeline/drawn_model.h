// A model whose answers are easy to know: it tells the mean of what it is shown.
#pragma once

#include <functional>
#include <numeric>

#include "pipeline/learned_model.h"

namespace thorax::testing_support {

/// [N, …] -> one row each, made from the mean of the item's values. Keeps the sizes of its batches.
class MeanRunner : public engine::Runner {
 public:
  using Row = std::function<std::vector<float>(float mean)>;

  MeanRunner(std::vector<std::int64_t> input, const std::string& output, Row row,
             std::vector<std::int64_t>* batches = nullptr)
      : row_(std::move(row)), batches_(batches) {
    description_.engine = "torch";
    description_.functions = {{"run",
                               {{"input", weights::DType::f32, std::move(input)}},
                               {{output, weights::DType::f32, {-1, -1}}}}};
  }
  const engine::Description& describe() const override { return description_; }
  void set_item_bytes(std::uint64_t bytes) { description_.item_bytes = bytes; }

 private:
  std::vector<engine::Tensor> compute(const std::vector<engine::Tensor>& inputs,
                                      const engine::FunctionInfo&) override {
    const std::int64_t items = inputs[0].shape[0];
    if (batches_) batches_->push_back(items);
    const std::vector<float> values = inputs[0].to_float();
    const auto each = static_cast<std::ptrdiff_t>(values.size()) / items;
    std::vector<float> out;
    for (std::int64_t i = 0; i < items; ++i) {
      const auto begin = values.begin() + i * each;
      const std::vector<float> row =
          row_(std::accumulate(begin, begin + each, 0.0F) / static_cast<float>(each));
      out.insert(out.end(), row.begin(), row.end());
    }
    return {weights::make_tensor({items, static_cast<std::int64_t>(out.size()) / items}, out)};
  }

  engine::Description description_;
  Row row_;
  std::vector<std::int64_t>* batches_;
};

inline pipeline::LearnedModel drawn_model(const std::string& task,
                                          std::unique_ptr<engine::Runner> runner) {
  pipeline::LearnedModel model;
  model.manifest.name = "drawn";
  model.manifest.task = task;
  model.manifest.network = "vit";
  model.manifest.json = nlohmann::json::object();
  model.manifest.sha256 = "00";
  model.runner = std::move(runner);
  return model;
}

}  // namespace thorax::testing_support
