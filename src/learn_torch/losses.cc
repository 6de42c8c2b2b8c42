#include "learn_torch/losses.h"

namespace thorax::learn {

at::Tensor class_loss(const at::Tensor& logits, const at::Tensor& labels,
                      const TrainingOptions& options) {
  if (options.loss != "focal")
    return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum, -100, options.smoothing);
  const at::Tensor log_p = at::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
  at::Tensor factor = (1 - log_p.detach().exp()).pow(options.gamma);
  if (options.alpha >= 0)
    factor = factor * at::where(labels.eq(0), at::full_like(log_p, options.alpha),
                                at::full_like(log_p, 1 - options.alpha));
  return -(factor * log_p).sum();
}

at::Tensor question_loss(const at::Tensor& logits, const at::Tensor& targets,
                         const at::Tensor& positive_weight) {
  return at::binary_cross_entropy_with_logits(logits, targets, {}, positive_weight,
                                              at::Reduction::Sum) /
         logits.size(1);
}

at::Tensor teaching_loss(const at::Tensor& logits, const at::Tensor& taught, double softness) {
  return softness * softness *
         at::kl_div(at::log_softmax(logits / softness, 1), taught, at::Reduction::Sum);
}

at::Tensor dice_loss(const at::Tensor& logits, const at::Tensor& classes) {
  constexpr double kSmooth = 1e-5;
  const at::Tensor truth = at::zeros_like(logits).scatter_(1, classes.unsqueeze(1), 1.0).flatten(2);
  const at::Tensor said = at::softmax(logits, 1).flatten(2);
  const at::Tensor overlap = (said * truth).sum(2), sizes = said.sum(2) + truth.sum(2);
  const at::Tensor dice = 1 - (2 * overlap + kSmooth) / (sizes + kSmooth);
  const at::Tensor entropy =
      at::cross_entropy_loss(logits, classes, {}, at::Reduction::None).flatten(1).mean(1);
  return (dice.mean(1) + entropy).sum();
}

at::Tensor order_loss(const at::Tensor& scores, const at::Tensor& gaps) {
  constexpr double kOfDistance = 0.01;
  const at::Tensor wanted = at::sigmoid(kOfDistance * gaps).unsqueeze(1);
  return (wanted - at::sigmoid(scores.diff(1, 1))).square().mean(1).sum();
}

at::Tensor even_loss(const at::Tensor& scores) {
  const at::Tensor rises = scores.diff(1, 1), first = rises.slice(1, 0, -1);
  return at::smooth_l1_loss(rises.slice(1, 1), first, at::Reduction::None).mean(1).sum();
}

at::Tensor token_loss(const at::Tensor& logits, const at::Tensor& tokens) {
  return at::cross_entropy_loss(logits.flatten(0, 1), tokens.flatten(), {}, at::Reduction::Sum,
                                -100);
}

}  // namespace thorax::learn
