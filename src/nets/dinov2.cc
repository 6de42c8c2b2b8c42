#include "nets/dinov2.h"

#include "nets/activation.h"

namespace thorax::nets {
namespace {

constexpr double kEpsilon = 1e-6;

}  // namespace

Dinov2BlockImpl::Dinov2BlockImpl(const Dinov2Options& options)
    : heads_(options.heads),
      scale_(1 / std::sqrt(static_cast<double>(options.dim / options.heads))) {
  const std::int64_t dim = options.dim;
  norm1_ = register_module("norm1", LayerNorm(dim, kEpsilon));
  const auto attention = add_group(*this, "attn");
  qkv_ = attention->register_module("qkv", Linear(dim, 3 * dim));
  projection_ = attention->register_module("proj", Linear(dim, dim));
  gamma1_ = add_group(*this, "ls1")->register_parameter("gamma", at::empty({dim}));
  norm2_ = register_module("norm2", LayerNorm(dim, kEpsilon));
  const auto mlp = add_group(*this, "mlp");
  fc1_ = mlp->register_module("fc1", Linear(dim, 4 * dim));
  fc2_ = mlp->register_module("fc2", Linear(4 * dim, dim));
  gamma2_ = add_group(*this, "ls2")->register_parameter("gamma", at::empty({dim}));
}

VisionLayerWeights Dinov2BlockImpl::weights() const {
  return {.heads = heads_,
          .epsilon = kEpsilon,
          .norm1_scale = norm1_->weight,
          .norm1_shift = norm1_->bias,
          .qkv = {qkv_->weight},
          .qkv_bias = {qkv_->bias},
          .out = projection_->weight,
          .out_bias = projection_->bias,
          .norm2_scale = norm2_->weight,
          .norm2_shift = norm2_->bias,
          .up = fc1_->weight,
          .up_bias = fc1_->bias,
          .down = fc2_->weight,
          .down_bias = fc2_->bias,
          .attention_factor = gamma1_,
          .feed_factor = gamma2_};
}

void Dinov2BlockImpl::advance(Tensor& x) const {
  if (is_training() || !advance_fused(x, weights(), *fused_)) x = forward(x);
}

Tensor Dinov2BlockImpl::forward(const Tensor& x) const {
  const auto qkv = qkv_->forward(norm1_->forward(x)).chunk(3, -1);
  const auto heads = [&](const Tensor& part) {
    return part.unflatten(-1, {heads_, -1}).transpose(1, 2);
  };
  const Tensor mixed = attend(heads(qkv[0]), heads(qkv[1]), heads(qkv[2]), scale_);
  const Tensor h = x + projection_->forward(mixed) * gamma1_;
  return h + fc2_->forward(nets::gelu(fc1_->forward(norm2_->forward(h)))) * gamma2_;
}

Dinov2Impl::Dinov2Impl(const Dinov2Options& options) : options_(options) {
  const std::int64_t side = options.image_size / options.patch_size;
  cls_token_ = register_parameter("cls_token", at::empty({1, 1, options.dim}));
  reg_token_ = register_parameter("reg_token", at::empty({1, options.registers, options.dim}));
  pos_embed_ = register_parameter("pos_embed", at::empty({1, side * side, options.dim}));
  patches_ = add_group(*this, "patch_embed")
                 ->register_module("proj", PatchEmbedding(3, options.dim, options.patch_size));
  const auto blocks = add_group(*this, "blocks");
  for (std::int64_t i = 0; i < options.depth; ++i) {
    blocks_.push_back(blocks->register_module(std::to_string(i), Dinov2Block(options)));
  }
  norm_ = register_module("norm", LayerNorm(options.dim, kEpsilon));
  if (options.classes > 0) head_ = register_module("head", Linear(options.dim, options.classes));
}

Tensor Dinov2Impl::start(const Tensor& pictures) const {
  require_pictures("DINOv2", pictures, 3, options_.image_size);
  const std::int64_t batch = pictures.size(0);
  // Only patches have a position.
  return at::cat(
      {widen(cls_token_).expand({batch, -1, -1}), widen(reg_token_).expand({batch, -1, -1}),
       widen(patches_->forward(pictures)) + pos_embed_},
      1);
}

Tensor Dinov2Impl::forward(const Tensor& pictures) {
  Tensor x = start(pictures);
  for (const Dinov2Block& block : blocks_) block->advance(x);
  return norm_->forward(x);
}

std::vector<Tensor> Dinov2Impl::intermediates(const Tensor& pictures,
                                              const std::vector<std::int64_t>& blocks,
                                              bool normed) {
  std::vector<Tensor> found;
  Tensor x = start(pictures);
  for (std::size_t i = 0; i < blocks_.size() && found.size() < blocks.size(); ++i) {
    blocks_[i]->advance(x);
    if (blocks[found.size()] == static_cast<std::int64_t>(i)) {
      found.push_back(normed ? norm_->forward(x) : x.clone());
    }
  }
  return found;
}

Dinov2Tokens Dinov2Impl::split(const Tensor& tokens) const {
  return {.cls = tokens.select(1, 0),
          .registers = tokens.narrow(1, 1, options_.registers),
          .patches = tokens.slice(1, 1 + options_.registers)};
}

Tensor Dinov2Impl::as_map(const Tensor& patches) const {
  const std::int64_t side = options_.image_size / options_.patch_size;
  return patches.transpose(1, 2).reshape({patches.size(0), -1, side, side});
}

Tensor Dinov2Impl::classify(const Tensor& tokens) const {
  return head_->forward(tokens.select(1, 0));
}

}  // namespace thorax::nets
