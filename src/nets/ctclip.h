// CT-CLIP (Hamamci et al., arXiv 2403.17834): an image and a text encoder whose embeddings of a
// chest CT and of a sentence about it point the same way. Follows ibrahimethemhamamci/CT-CLIP
// a2a155c (CT_CLIP/ct_clip/ct_clip.py, scripts/zero_shot.py, scripts/ct_lipro_inference.py).
// VocabFine checkpoints are the same network with other weights.
#pragma once

#include <string>

#include "nets/bert.h"
#include "nets/ctvit.h"

namespace thorax::nets {

struct CtClipOptions {
  CtvitOptions image;
  BertOptions text;
  std::int64_t latent = 512;

  /// Values of the pooled image: token grid in the plane times dim.
  std::int64_t pooled() const;
};

/// Tokens [B, t, h, w, dim] -> [B, h * w * dim], the mean over t.
Tensor pool_over_time(const Tensor& tokens);

struct CtClipImpl : torch::nn::Module {
  explicit CtClipImpl(const CtClipOptions& options = {});

  /// Volume [B, 1, depth, height, width] -> embedding [B, latent], not normalised.
  Tensor embed_image(const Tensor& volume);
  /// Quantised tokens -> embedding [B, latent], not normalised.
  Tensor project_image(const Tensor& tokens);
  /// Ids and mask [N, L] -> embedding [N, latent] of the first token, not normalised.
  Tensor embed_text(const Tensor& ids, const Tensor& mask);
  /// exp(temperature) * cosine of images [B, latent] and texts [N, latent] -> [B, N].
  Tensor similarity(const Tensor& images, const Tensor& texts) const;

  Ctvit& image_encoder() { return image_; }
  Bert& text_encoder() { return text_; }
  Tensor temperature;

 private:
  Bert text_{nullptr};
  Ctvit image_{nullptr};
  Linear to_text_latent_{nullptr}, to_visual_latent_{nullptr};
};
TORCH_MODULE(CtClip);

/// The loss CT-CLIP trains with: the mean over both directions of the cross entropy of similarities
/// [B, B], whose diagonal are the true pairs.
Tensor contrastive_loss(const Tensor& similarities);

/// The image half alone with the keys `VIT.*` and `projection_layer.weight`: what embeds for heads.
struct CtImageEncoderImpl : torch::nn::Module {
  explicit CtImageEncoderImpl(const CtClipOptions& options = {});
  /// Volume [B, 1, depth, height, width] -> embedding [B, latent], not normalised.
  Tensor forward(const Tensor& volume);

 private:
  Ctvit image_{nullptr};
  Linear projection_{nullptr};
};
TORCH_MODULE(CtImageEncoder);

/// CT-LiPro / ClassFine: CT-CLIP (`trained_model`) with a linear classifier on its image latent.
struct ClassFineImpl : torch::nn::Module {
  explicit ClassFineImpl(const CtClipOptions& options = {}, std::int64_t classes = 18);
  /// Volume -> logits [B, classes]; their sigmoid are the probabilities.
  Tensor forward(const Tensor& volume);
  /// Embedding [B, latent] (of CtClip::embed_image) -> logits.
  Tensor classify(const Tensor& embedding);

  CtClip& model() { return model_; }

 private:
  CtClip model_{nullptr};
  Linear classifier_{nullptr};
};
TORCH_MODULE(ClassFine);

/// "NAME is present." and "NAME is not present." of every name, in turn.
std::vector<std::string> zero_shot_prompts(const std::vector<std::string>& names);
/// Similarities [B, 2 K] with those prompts -> scores [B, K] in [0, 1]: softmax over each pair,
/// first element.
Tensor zero_shot_scores(const Tensor& similarities);

}  // namespace thorax::nets
