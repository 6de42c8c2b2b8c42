#include "learn_torch/objective.h"

#include "learn_torch/answer.h"
#include "learn_torch/losses.h"
#include "nets/ctclip.h"
#include "nets/load.h"
#include "nets/report_head.h"

namespace thorax::learn {
namespace {

at::Tensor part_of(const weights::Tensor& tensor, std::int64_t first, std::int64_t count) {
  return nets::view(tensor).narrow(0, first, count);
}

/// Similarities [B, B] of volumes and reports; true pairs on the diagonal.
at::Tensor similarities(const nets::Network& network, const Batch& batch, std::int64_t first,
                        std::int64_t count, const TrainingOptions& options) {
  const at::Tensor images = answer(network, part_of(batch.inputs, first, count), options.precision);
  const at::Tensor texts =
      network.functions.at(1)
          .call({part_of(batch.words, first, count), part_of(batch.word_mask, first, count)})
          .front()
          .to(at::kFloat);
  return at::mm(nets::l2_normalise(images), texts.t());
}

/// Similarities [B, B] of pictures and other views of them; true pairs on the diagonal.
at::Tensor view_similarities(const nets::Network& network, const Batch& batch, std::int64_t first,
                             std::int64_t count, const TrainingOptions& options) {
  const at::Tensor both =
      at::cat({part_of(batch.inputs, first, count), part_of(batch.views, first, count)});
  const at::Tensor answers = nets::l2_normalise(answer(network, both, options.precision));
  return at::mm(answers.narrow(0, 0, count), answers.narrow(0, count, count).t()) /
         options.temperature;
}

Score score_pairs(const at::Tensor& similarities) {
  const std::int64_t count = similarities.size(0);
  const at::Tensor own = at::arange(count, at::kLong);
  const auto all = static_cast<double>(count),
             right = static_cast<double>(similarities.argmax(1).eq(own).sum().item<std::int64_t>());
  return {nets::contrastive_loss(similarities).item<double>() * all, {}, {{right, all, all}}};
}

at::Tensor classes_of(const Batch& batch, std::int64_t first, std::int64_t count) {
  return part_of(batch.masks, first, count).to(at::kLong);
}

at::Tensor label_loss(const at::Tensor& answers, const Batch& batch, std::int64_t first,
                      std::int64_t count, const TrainingOptions& options,
                      const at::Tensor& positive_weight) {
  if (batch.labels.empty())
    return question_loss(answers, part_of(batch.targets, first, count), positive_weight);
  const auto loss_of = [&](const std::vector<std::int64_t>& labels) {
    return class_loss(answers, at::tensor(labels).narrow(0, first, count), options);
  };
  const at::Tensor loss = loss_of(batch.labels);
  if (batch.others.empty()) return loss;
  return batch.share * loss + (1 - batch.share) * loss_of(batch.others);
}

/// Scores [count, slices] of slices that go up the body.
at::Tensor slice_scores(const nets::Network& network, const Batch& batch, std::int64_t first,
                        std::int64_t count, const TrainingOptions& options) {
  const at::Tensor slices = part_of(batch.inputs, first, count);
  return answer(network, slices.flatten(0, 1).unsqueeze(1), options.precision)
      .reshape({count, slices.size(1)});
}

at::Tensor rising_loss(const at::Tensor& scores, const Batch& batch, std::int64_t first) {
  const at::Tensor loss = order_loss(scores, part_of(batch.gaps, first, scores.size(0)));
  return batch.even > 0 ? loss + batch.even * even_loss(scores) : loss;
}

std::vector<float> values_of(const at::Tensor& answers) {
  const at::Tensor held = answers.contiguous();
  const float* values = held.data_ptr<float>();
  return {values, values + held.numel()};
}

/// Of the texts of so many inputs, as their share of the batch's mean over tokens has it.
at::Tensor text_loss(const nets::Network::Recited& said, const Batch& batch, std::int64_t first) {
  const std::int64_t count = said.text.size(0);
  const auto tokens = nets::view(batch.text).ne(-100).sum().item<std::int64_t>();
  const at::Tensor own = part_of(batch.text, first, count);
  return token_loss(said.text.to(at::kFloat), own) * static_cast<double>(batch.count()) /
             static_cast<double>(tokens) +
         nets::coverage_loss(said.looked) * static_cast<double>(count);
}

nets::Network::Recited recite(const nets::Network& network, const Batch& batch, std::int64_t first,
                              std::int64_t count, const TrainingOptions& options) {
  at::Tensor inputs = part_of(batch.inputs, first, count);
  if (options.precision == "bf16") inputs = inputs.to(at::kBFloat16);
  nets::Network::Recited said = network.recite(inputs, part_of(batch.text, first, count));
  said.logits = said.logits.to(at::kFloat);
  for (at::Tensor& layer : said.looked) layer = layer.to(at::kFloat);
  return said;
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
                     const at::Tensor& positive_weight, const Teachers& teachers) {
  if (!batch.words.shape.empty())
    return nets::contrastive_loss(similarities(network, batch, first, count, options)) *
           static_cast<double>(count);
  if (!batch.views.shape.empty())
    return nets::contrastive_loss(view_similarities(network, batch, first, count, options)) *
           static_cast<double>(count);
  if (!batch.gaps.shape.empty())
    return rising_loss(slice_scores(network, batch, first, count, options), batch, first);
  if (!batch.text.shape.empty()) {
    const nets::Network::Recited said = recite(network, batch, first, count, options);
    return label_loss(said.logits, batch, first, count, options, positive_weight) +
           options.text * text_loss(said, batch, first);
  }
  const at::Tensor inputs = part_of(batch.inputs, first, count);
  const at::Tensor answers = answer(network, inputs, options.precision);
  if (!batch.masks.shape.empty()) return dice_loss(answers, classes_of(batch, first, count));
  const at::Tensor loss = label_loss(answers, batch, first, count, options, positive_weight);
  const at::Tensor taught = teachers.answers(inputs);
  if (!taught.defined()) return loss;
  return (1 - options.teaching) * loss +
         options.teaching * teaching_loss(answers, taught, options.softness);
}

Score score(const nets::Network& network, const Batch& batch, const TrainingOptions& options,
            const at::Tensor& positive_weight) {
  const at::NoGradGuard no_gradients;
  const std::int64_t count = batch.count();
  if (!batch.words.shape.empty())
    return score_pairs(similarities(network, batch, 0, count, options));
  if (!batch.views.shape.empty())
    return score_pairs(view_similarities(network, batch, 0, count, options));
  Score found;
  if (!batch.gaps.shape.empty()) {
    const at::Tensor scores = slice_scores(network, batch, 0, count, options);
    found.loss = rising_loss(scores, batch, 0).item<double>();
    const at::Tensor rises = scores.diff(1, 1).gt(0);
    const auto all = static_cast<double>(rises.numel()),
               right = static_cast<double>(rises.sum().item<std::int64_t>());
    found.counts = {{right, all, all}};
    return found;
  }
  TrainingOptions plain = options;
  plain.smoothing = 0;
  if (!batch.text.shape.empty()) {
    const nets::Network::Recited said = recite(network, batch, 0, count, options);
    const at::Tensor loss = label_loss(said.logits, batch, 0, count, plain, positive_weight) +
                            options.text * text_loss(said, batch, 0);
    found.loss = loss.item<double>();
    found.logits = values_of(said.logits);
    return found;
  }
  const at::Tensor answers = answer(network, nets::view(batch.inputs), options.precision);
  if (!batch.masks.shape.empty()) {
    const at::Tensor truth = classes_of(batch, 0, count);
    found.loss = dice_loss(answers, truth).item<double>();
    found.counts = count_voxels(answers, truth);
    return found;
  }
  found.loss = label_loss(answers, batch, 0, count, plain, positive_weight).item<double>();
  found.logits = values_of(answers);
  return found;
}

}  // namespace thorax::learn
