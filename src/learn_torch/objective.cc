#include "learn_torch/objective.h"

#include "learn_torch/losses.h"
#include "nets/ctclip.h"
#include "nets/load.h"

namespace thorax::learn {
namespace {

at::Tensor part_of(const weights::Tensor& tensor, std::int64_t first, std::int64_t count) {
  return nets::view(tensor).narrow(0, first, count);
}

/// What the network answers, fp32.
at::Tensor answer(const nets::Network& network, at::Tensor inputs, const TrainingOptions& options) {
  const std::vector<std::int64_t>& wanted = network.functions.front().inputs.front().shape;
  if (inputs.dim() == 4 && inputs.size(1) == 1 && wanted.size() == 4)  // grey for a colour network
    inputs = inputs.expand({-1, wanted[1], -1, -1});
  if (options.precision == "bf16") inputs = inputs.to(at::kBFloat16);
  if (inputs.dim() == 4) inputs = inputs.contiguous(at::MemoryFormat::ChannelsLast);
  return network.functions.front().call({inputs}).front().to(at::kFloat);
}

/// Similarities [B, B] of volumes and reports; true pairs on the diagonal.
at::Tensor similarities(const nets::Network& network, const Batch& batch, std::int64_t first,
                        std::int64_t count, const TrainingOptions& options) {
  const at::Tensor images = answer(network, part_of(batch.inputs, first, count), options);
  const at::Tensor texts =
      network.functions.at(1)
          .call({part_of(batch.words, first, count), part_of(batch.word_mask, first, count)})
          .front()
          .to(at::kFloat);
  return at::mm(nets::l2_normalise(images), texts.t());
}

at::Tensor classes_of(const Batch& batch, std::int64_t first, std::int64_t count) {
  return part_of(batch.masks, first, count).to(at::kLong);
}

at::Tensor label_loss(const at::Tensor& answers, const Batch& batch, std::int64_t first,
                      std::int64_t count, const TrainingOptions& options,
                      const at::Tensor& positive_weight) {
  if (batch.labels.empty())
    return question_loss(answers, part_of(batch.targets, first, count), positive_weight);
  return class_loss(answers, at::tensor(batch.labels).narrow(0, first, count), options);
}

/// Voxels of each class: of both, as the network says, in truth.
std::vector<ClassCounts> count_voxels(const at::Tensor& logits, const at::Tensor& truth) {
  const at::Tensor said = logits.argmax(1);
  std::vector<ClassCounts> counts;
  for (std::int64_t k = 0; k < logits.size(1); ++k) {
    const at::Tensor here = said.eq(k), there = truth.eq(k);
    const auto number = [](const at::Tensor& mask) {
      return static_cast<double>(mask.sum().item<std::int64_t>());
    };
    counts.push_back({number(here.logical_and(there)), number(here), number(there)});
  }
  return counts;
}

}  // namespace

at::Tensor objective(const nets::Network& network, const Batch& batch, std::int64_t first,
                     std::int64_t count, const TrainingOptions& options,
                     const at::Tensor& positive_weight) {
  if (!batch.words.shape.empty())
    return nets::contrastive_loss(similarities(network, batch, first, count, options)) *
           static_cast<double>(count);
  const at::Tensor answers = answer(network, part_of(batch.inputs, first, count), options);
  if (!batch.masks.shape.empty()) return dice_loss(answers, classes_of(batch, first, count));
  return label_loss(answers, batch, first, count, options, positive_weight);
}

Score score(const nets::Network& network, const Batch& batch, const TrainingOptions& options,
            const at::Tensor& positive_weight) {
  const at::NoGradGuard no_gradients;
  const std::int64_t count = batch.count();
  Score found;
  if (!batch.words.shape.empty()) {
    const at::Tensor pairs = similarities(network, batch, 0, count, options);
    const at::Tensor own = at::arange(count, at::kLong);
    found.loss = nets::contrastive_loss(pairs).item<double>() * static_cast<double>(count);
    const double right = static_cast<double>(pairs.argmax(1).eq(own).sum().item<std::int64_t>());
    found.counts = {{right, static_cast<double>(count), static_cast<double>(count)}};
    return found;
  }
  const at::Tensor answers = answer(network, nets::view(batch.inputs), options).contiguous();
  if (!batch.masks.shape.empty()) {
    const at::Tensor truth = classes_of(batch, 0, count);
    found.loss = dice_loss(answers, truth).item<double>();
    found.counts = count_voxels(answers, truth);
    return found;
  }
  TrainingOptions plain = options;
  plain.smoothing = 0;
  found.loss = label_loss(answers, batch, 0, count, plain, positive_weight).item<double>();
  const float* values = answers.data_ptr<float>();
  found.logits.assign(values, values + answers.numel());
  return found;
}

}  // namespace thorax::learn
