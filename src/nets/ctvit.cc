#include "nets/ctvit.h"

#include "nets/parallel.h"

namespace thorax::nets {
namespace {

// Tokens compared with the whole codebook at once: bounds the similarity matrix to 8 MB a thread.
constexpr std::int64_t kTokensAtOnce = 256;

}  // namespace

CodebookImpl::CodebookImpl(std::int64_t size, std::int64_t dim) {
  initted = register_buffer("initted", at::ones({1}));
  cluster_size = register_buffer("cluster_size", at::empty({1, size}));
  embed = register_buffer("embed", at::empty({1, size, dim}));
}

Tensor CodebookImpl::nearest(const Tensor& tokens) const {
  const auto shape = tokens.sizes().slice(0, static_cast<std::size_t>(tokens.dim() - 1));
  if (has_fast_bfloat16() && may_pack(embed)) {
    const auto search =
        search_->get({embed}, [&] { return std::make_shared<const NearestCode>(embed[0]); });
    return (*search)(tokens.reshape({-1, tokens.size(-1)}).to(at::kFloat)).view(shape);
  }
  const Tensor codebook = l2_normalise(embed[0]).t();
  const Tensor rows = tokens.reshape({-1, tokens.size(-1)});
  const std::vector<Tensor> parts = rows.split(kTokensAtOnce);
  std::vector<Tensor> indices(parts.size());
  parallel_parts(static_cast<std::int64_t>(parts.size()), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    indices[at] = at::mm(l2_normalise(parts[at].to(at::kFloat)), codebook).argmax(-1);
  });
  return at::cat(indices).view(shape);
}

Tensor CodebookImpl::codes(const Tensor& indices) const {
  return at::embedding(embed[0], indices);
}

CtvitImpl::CtvitImpl(const CtvitOptions& options)
    : options_(options),
      rows_(options.image_height / options.patch_size),
      columns_(options.image_width / options.patch_size) {
  const std::int64_t dim = options.dim;
  const std::int64_t frame_pixels = options.patch_size * options.patch_size;
  const std::int64_t block_voxels = frame_pixels * options.temporal_patch_size;
  bias_ = register_module("spatial_rel_pos_bias", PositionBias(dim, options.heads));
  const auto add_embedding = [&](const std::string& name, std::int64_t inputs) {
    const auto group = add_group(*this, name);
    patch_norm_ = group->register_module("1", LayerNorm(inputs, 1e-5));
    patch_projection_ = group->register_module("2", Linear(inputs, dim));
    embedding_norm_ = group->register_module("3", LayerNorm(dim, 1e-5));
  };
  // The checkpoint also holds what embeds a single first frame and what decodes; encoding uses
  // neither.
  add_embedding("to_patch_emb_first_frame", frame_pixels);
  add_embedding("to_patch_emb", block_voxels);
  spatial_ = register_module(
      "enc_spatial_transformer",
      CtvitTransformer(dim, options.spatial_depth, options.dim_head, options.heads));
  temporal_ = register_module(
      "enc_temporal_transformer",
      CtvitTransformer(dim, options.temporal_depth, options.dim_head, options.heads));
  codebook_ =
      add_group(*this, "vq")->register_module("_codebook", Codebook(options.codebook_size, dim));
  add_group(*this, "to_pixels_first_frame")->register_module("0", Linear(dim, frame_pixels));
  add_group(*this, "to_pixels")->register_module("0", Linear(dim, block_voxels));
}

Tensor CtvitImpl::embed_patches(const Tensor& volume) {
  const std::int64_t batch = volume.size(0), p = options_.patch_size,
                     pt = options_.temporal_patch_size, frames = volume.size(2) / pt;

  if (may_pack(patch_projection_->weight) &&
      patch_projection_->weight.scalar_type() == at::kBFloat16) {
    const CtvitPatchWeights weights{patch_norm_->weight,       patch_norm_->bias,
                                    patch_projection_->weight, patch_projection_->bias,
                                    embedding_norm_->weight,   embedding_norm_->bias};
    const auto patches =
        patches_->get({weights.block_scale, weights.block_shift, weights.weight, weights.bias,
                       weights.token_scale, weights.token_shift},
                      [&] { return std::make_shared<const CtvitPatches>(weights, p, pt); });
    return patches->embed(volume.to(at::kFloat));
  }
  // Frame by frame: the blocks of the whole volume would be a second copy of it.
  const std::vector<Tensor> slabs =
      volume.view({batch, frames, pt, rows_, p, columns_, p}).unbind(1);
  std::vector<Tensor> embedded(slabs.size());
  const auto embed = [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    const Tensor blocks =
        widen(slabs[at]).permute({0, 2, 4, 1, 3, 5}).reshape({batch, rows_ * columns_, pt * p * p});
    embedded[at] =
        embedding_norm_->forward(patch_projection_->forward(patch_norm_->forward(blocks)));
  };
  if (at::GradMode::is_enabled()) {
    for (std::int64_t i = 0; i < frames; ++i) embed(i);
  } else {
    parallel_parts(frames, embed);
  }
  return at::stack(embedded, 1).view({batch, frames, rows_, columns_, options_.dim});
}

Tensor CtvitImpl::spatial_bias() const {
  return bias_->forward(rows_, columns_);
}

Tensor CtvitImpl::spatial(const Tensor& tokens) {
  const std::int64_t batch = tokens.size(0), frames = tokens.size(1);
  const Tensor sequences = tokens.reshape({batch * frames, rows_ * columns_, options_.dim});
  return spatial_->forward(sequences, {batch, frames, rows_, columns_}, spatial_bias())
      .view(tokens.sizes());
}

Tensor CtvitImpl::temporal(const Tensor& tokens) {
  const std::int64_t batch = tokens.size(0), frames = tokens.size(1);
  const Tensor sequences =
      tokens.permute({0, 2, 3, 1, 4}).reshape({batch * rows_ * columns_, frames, options_.dim});
  // The memory is (B, h, w, t) but the reference reads it as (B, t, h, w) in the positional
  // convolution, and its checkpoints were trained so.
  return temporal_->forward(sequences, {batch, frames, rows_, columns_})
      .view({batch, rows_, columns_, frames, options_.dim})
      .permute({0, 3, 1, 2, 4});
}

Tensor CtvitImpl::quantise(const Tensor& tokens) const {
  return codebook_->nearest(tokens);
}

Tensor CtvitImpl::forward(const Tensor& volume) {
  const Tensor tokens = temporal(spatial(embed_patches(volume)));
  const Tensor quantised = codes(quantise(tokens.detach()));
  if (!is_training()) return quantised;
  // Codes are chosen, which has no gradient: it goes past them (van den Oord et al., Neural
  // Discrete Representation Learning, NeurIPS 2017, section 3.2).
  return tokens + (quantised - tokens).detach();
}

}  // namespace thorax::nets
