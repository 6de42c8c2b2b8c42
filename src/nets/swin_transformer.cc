#include "nets/swin_transformer.h"

#include "base/error.h"

namespace thorax::nets {
namespace {

using Offsets = std::array<Grid, 8>;

// Offsets along depth, height, width of the neighbours, in the order they are put side by side.
const Offsets& offsets_of(PatchMerging merging) {
  static const Offsets monai_1_4{
      {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}};
  static const Offsets monai_1_5{
      {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}, {1, 1, 1}}};
  static const Offsets v2{
      {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1}}};
  switch (merging) {
    case PatchMerging::monai_1_4:
      return monai_1_4;
    case PatchMerging::monai_1_5:
      return monai_1_5;
    case PatchMerging::v2:
      return v2;
  }
  return v2;
}

Tensor channels_last(const Tensor& x) {
  return x.permute({0, 2, 3, 4, 1});
}
Tensor channels_first(const Tensor& x) {
  return x.permute({0, 4, 1, 2, 3});
}

Tensor normalised(const Tensor& x) {
  return channels_first(at::layer_norm(channels_last(x).contiguous(), {x.size(1)})).contiguous();
}

}  // namespace

PatchMerging parse_patch_merging(std::string_view name) {
  if (name == "monai_1_4") return PatchMerging::monai_1_4;
  if (name == "monai_1_5") return PatchMerging::monai_1_5;
  if (name == "v2") return PatchMerging::v2;
  throw Error("bad_option"_code, {{"option", "patch_merging"},
                                  {"value", std::string(name)},
                                  {"hint", "monai_1_4, monai_1_5, v2"}});
}

PatchMergeImpl::PatchMergeImpl(std::int64_t size, PatchMerging merging) : merging_(merging) {
  reduction_ = register_module("reduction", Linear(8 * size, 2 * size, /*with_bias=*/false));
  norm_ = register_module("norm", LayerNorm(8 * size, 1e-5));
}

Tensor PatchMergeImpl::forward(const Tensor& x) {
  Tensor even = x;
  if (x.size(1) % 2 + x.size(2) % 2 + x.size(3) % 2 > 0) {
    even = at::constant_pad_nd(x, {0, 0, 0, x.size(3) % 2, 0, x.size(2) % 2, 0, x.size(1) % 2});
  }
  std::vector<Tensor> neighbours;
  for (const Grid& offset : offsets_of(merging_)) {
    neighbours.push_back(even.slice(1, offset[0], c10::nullopt, 2)
                             .slice(2, offset[1], c10::nullopt, 2)
                             .slice(3, offset[2], c10::nullopt, 2));
  }
  return reduction_->forward(norm_->forward(at::cat(neighbours, -1)));
}

SwinStageImpl::SwinStageImpl(std::int64_t size, std::int64_t depth, std::int64_t heads,
                             const SwinOptions& options)
    : window_(options.window) {
  auto blocks = register_module("blocks", make_namespace());
  for (std::int64_t i = 0; i < depth; ++i) {
    blocks_.push_back(blocks->register_module(
        std::to_string(i), SwinBlock(size, heads, options.window, /*mlp_size=*/4 * size)));
  }
  downsample_ = register_module("downsample", PatchMerge(size, options.merging));
}

const WindowPlan& SwinStageImpl::plan(const Grid& grid, bool shifted) {
  return plans_.try_emplace({grid, shifted}, grid, window_, shifted ? window_ / 2 : 0)
      .first->second;
}

Tensor SwinStageImpl::forward(const Tensor& x) {
  Tensor tokens = channels_last(x).contiguous();
  const Grid grid{x.size(2), x.size(3), x.size(4)};
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    tokens = blocks_[i]->forward(tokens, plan(grid, i % 2 == 1));
  }
  return channels_first(downsample_->forward(tokens)).contiguous();
}

SwinTransformerImpl::SwinTransformerImpl(const SwinOptions& options) {
  auto embedding = register_module("patch_embed", make_namespace());
  patch_embedding_ =
      embedding->register_module("proj", Conv(options.in_channels, options.feature_size,
                                              ConvOptions{.kernel = {2, 2, 2}, .stride = {2}}));
  std::int64_t size = options.feature_size;
  for (std::size_t k = 0; k < options.depths.size(); ++k, size *= 2) {
    const std::string name = "layers" + std::to_string(k + 1);
    auto layers = register_module(name, make_namespace());
    stages_.push_back(layers->register_module(
        "0", SwinStage(size, options.depths[k], options.heads[k], options)));
    if (!options.convolutions) continue;
    auto convolutions = register_module(name + "c", make_namespace());
    residual_.push_back(convolutions->register_module("0", UnetrBlock(size, size)));
  }
}

std::vector<Tensor> SwinTransformerImpl::forward(const Tensor& volume) {
  Tensor x = patch_embedding_->forward(volume);
  std::vector<Tensor> hidden{normalised(x)};
  for (std::size_t k = 0; k < stages_.size(); ++k) {
    if (!residual_.empty()) x = residual_[k]->forward(x);
    x = stages_[k]->forward(x);
    hidden.push_back(normalised(x));
  }
  return hidden;
}

}  // namespace thorax::nets
