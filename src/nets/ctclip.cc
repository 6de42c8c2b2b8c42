#include "nets/ctclip.h"

#include "nets/dropout.h"

namespace thorax::nets {

std::int64_t CtClipOptions::pooled() const {
  return (image.image_height / image.patch_size) * (image.image_width / image.patch_size) *
         image.dim;
}

Tensor pool_over_time(const Tensor& tokens) {
  return tokens.mean(1).flatten(1);
}

CtClipImpl::CtClipImpl(const CtClipOptions& options) {
  temperature = register_parameter("temperature", at::ones({}));
  text_ = register_module("text_transformer", Bert(options.text));
  image_ = register_module("visual_transformer", Ctvit(options.image));
  const auto add_projection = [&](const std::string& name, std::int64_t inputs) {
    return register_module(name, Linear(inputs, options.latent, /*with_bias=*/false));
  };
  to_text_latent_ = add_projection("to_text_latent", options.text.hidden);
  to_visual_latent_ = add_projection("to_visual_latent", options.pooled());
  // Copies that every checkpoint holds and this configuration does not use.
  add_projection("to_text_latent_extra", options.text.hidden);
  add_projection("to_visual_latent_extra", options.pooled());
}

Tensor CtClipImpl::project_image(const Tensor& tokens) {
  return to_visual_latent_->forward(
      pool_over_time(tokens).to(to_visual_latent_->weight.scalar_type()));
}

Tensor CtClipImpl::embed_image(const Tensor& volume) {
  return project_image(image_->forward(volume));
}

Tensor CtClipImpl::embed_text(const Tensor& ids, const Tensor& mask) {
  return to_text_latent_->forward(text_->forward(ids, mask).select(1, 0));
}

Tensor CtClipImpl::similarity(const Tensor& images, const Tensor& texts) const {
  return at::mm(l2_normalise(images), l2_normalise(texts).t()) * at::exp(temperature);
}

Tensor contrastive_loss(const Tensor& similarities) {
  const Tensor truth = at::arange(similarities.size(0), similarities.options().dtype(at::kLong));
  return (at::cross_entropy_loss(similarities, truth) +
          at::cross_entropy_loss(similarities.t(), truth)) /
         2;
}

CtImageEncoderImpl::CtImageEncoderImpl(const CtClipOptions& options) {
  image_ = register_module("VIT", Ctvit(options.image));
  projection_ = register_module("projection_layer",
                                Linear(options.pooled(), options.latent, /*with_bias=*/false));
}

Tensor CtImageEncoderImpl::forward(const Tensor& volume) {
  const Tensor pooled = pool_over_time(image_->forward(volume));
  return projection_->forward(pooled.to(projection_->weight.scalar_type()));
}

ClassFineImpl::ClassFineImpl(const CtClipOptions& options, std::int64_t classes) {
  model_ = register_module("trained_model", CtClip(options));
  classifier_ = register_module("classifier", Linear(options.latent, classes));
}

Tensor ClassFineImpl::classify(const Tensor& embedding) {
  // The original drops 0.3 of these while training.
  const Tensor x = nets::dropout(at::relu(l2_normalise(embedding)), 0.3, is_training());
  return classifier_->forward(x);
}

Tensor ClassFineImpl::forward(const Tensor& volume) {
  return classify(model_->embed_image(volume));
}

std::vector<std::string> zero_shot_prompts(const std::vector<std::string>& names) {
  std::vector<std::string> prompts;
  for (const std::string& name : names) {
    prompts.push_back(name + " is present.");
    prompts.push_back(name + " is not present.");
  }
  return prompts;
}

Tensor zero_shot_scores(const Tensor& similarities) {
  const Tensor pairs = similarities.view({similarities.size(0), -1, 2});
  return at::softmax(pairs, -1).select(-1, 0);
}

}  // namespace thorax::nets
