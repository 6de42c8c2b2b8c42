#include "learn/report_batches.h"

#include <algorithm>

#include "learn/embeddings.h"

namespace thorax::learn {
namespace {

constexpr std::int64_t kNoToken = -100;

}  // namespace

ReportBatches::ReportBatches(const VolumeSet& set, const std::vector<Split>& splits,
                             const Options& options)
    : set_(set), options_(options), order_(set, splits, options) {}

std::int64_t ReportBatches::steps_per_epoch() const {
  return steps_of(order_.length(), options_.training);
}

Batch ReportBatches::batch(std::span<const std::size_t> places) const {
  std::size_t patches = 0, tokens = 0;
  for (const std::size_t place : places) {
    patches =
        std::max(patches, static_cast<std::size_t>(set_.tensors[place].at(kPatches).shape.front()));
    tokens = std::max(tokens, set_.words[place].size());
  }
  const std::int64_t width = set_.tensors[places.front()].at(kPatches).shape.back();
  std::vector<float> values;
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::vector<float> rows = set_.tensors[places[i]].at(kPatches).to_float();
    values.insert(values.end(), rows.begin(), rows.end());
    values.resize((i + 1) * patches * static_cast<std::size_t>(width));
    const std::vector<std::int64_t>& words = set_.words[places[i]];
    ids.insert(ids.end(), words.begin(), words.end());
    ids.resize((i + 1) * tokens, kNoToken);
  }
  const auto count = static_cast<std::int64_t>(places.size());
  Batch made;
  made.inputs = weights::make_tensor({count, static_cast<std::int64_t>(patches), width}, values);
  made.text = weights::make_index_tensor({count, static_cast<std::int64_t>(tokens)}, ids);
  add_truth(made, set_, places);
  return made;
}

Batch ReportBatches::training(std::int64_t epoch, std::int64_t step) const {
  const std::vector<std::size_t> places = order_.training(epoch);
  const StepPart part = step_part(places.size(), step, options_.training);
  Batch made = batch(std::span(places).subspan(part.first, part.count));
  made.whole = static_cast<std::int64_t>(part.whole);
  return made;
}

std::int64_t ReportBatches::validation_steps() const {
  return batches_of(order_.validation().size(), options_.training.batch);
}

Batch ReportBatches::validation(std::int64_t step) const {
  return batch(part_of(order_.validation(), step, options_.training.batch));
}

}  // namespace thorax::learn
