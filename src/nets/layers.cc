#include "nets/layers.h"

#include <sstream>

#include "base/error.h"

namespace thorax::nets {
namespace {

// Weights of fewer values are not worth a call of their own; of more (the projection of a whole
// volume's tokens) are read once a study, so that packing costs more than it saves.
constexpr std::int64_t kLeastPacked = 16'384, kMostPacked = 64'000'000;

}  // namespace

std::shared_ptr<torch::nn::Module> add_group(torch::nn::Module& parent, const std::string& name) {
  return parent.register_module(name, std::make_shared<torch::nn::Module>());
}

Tensor l2_normalise(const Tensor& x) {
  return x / at::clamp_min(at::norm(x, 2, {-1}, /*keepdim=*/true), 1e-12);
}

void require_pictures(const std::string& network, const Tensor& pictures, std::int64_t channels,
                      std::int64_t size) {
  if (pictures.dim() == 4 && pictures.size(1) == channels && pictures.size(2) == size &&
      pictures.size(3) == size) {
    return;
  }
  std::ostringstream shape, wanted;
  shape << pictures.sizes();
  wanted << "it takes [B, " << channels << ", " << size << ", " << size << "]";
  throw Error("bad_network_input"_code,
              {{"network", network}, {"shape", shape.str()}, {"detail", wanted.str()}});
}

LinearImpl::LinearImpl(std::int64_t in, std::int64_t out, bool with_bias) {
  weight = register_parameter("weight", at::empty({out, in}));
  if (with_bias) bias = register_parameter("bias", at::empty({out}));
}

Tensor LinearImpl::forward(const Tensor& x) const {
  const Tensor input = x.to(weight.scalar_type());
  if (!may_pack(weight) || is_training() || input.numel() == 0 || weight.numel() < kLeastPacked ||
      weight.numel() > kMostPacked)
    return at::linear(input, weight, bias);
  const auto packed = packed_->get({weight, bias.defined() ? bias : weight}, [&] {
    return std::make_shared<const PackedLinear>(weight, bias);
  });
  const Tensor rows = input.contiguous();
  std::vector<std::int64_t> shape = rows.sizes().vec();
  shape.back() = packed->out();
  const Tensor out = at::empty(shape, rows.options());
  packed->run(rows.data_ptr(), rows.numel() / packed->in(), out.data_ptr());
  return out;
}

LayerNormImpl::LayerNormImpl(std::int64_t size, double epsilon) : epsilon_(epsilon) {
  weight = register_parameter("weight", at::empty({size}));
  bias = register_parameter("bias", at::empty({size}));
}

EmbeddingImpl::EmbeddingImpl(std::int64_t count, std::int64_t size) {
  weight = register_parameter("weight", at::empty({count, size}));
}

BatchNormImpl::BatchNormImpl(std::int64_t channels, double epsilon, double momentum)
    : epsilon_(epsilon), momentum_(momentum) {
  weight = register_parameter("weight", at::empty({channels}));
  bias = register_parameter("bias", at::empty({channels}));
  running_mean = register_buffer("running_mean", at::empty({channels}));
  running_var = register_buffer("running_var", at::empty({channels}));
  num_batches_tracked =
      register_buffer("num_batches_tracked", at::zeros({}, at::TensorOptions().dtype(at::kLong)));
}

Tensor BatchNormImpl::forward(const Tensor& x) {
  if (is_training()) num_batches_tracked += 1;
  return at::batch_norm(x, weight, bias, running_mean, running_var, is_training(), momentum_,
                        epsilon_, /*cudnn_enabled=*/true);
}

ConvImpl::ConvImpl(std::int64_t in, std::int64_t out, ConvOptions options)
    : options_(std::move(options)) {
  std::vector<std::int64_t> shape{out, in / options_.groups};
  shape.insert(shape.end(), options_.kernel.begin(), options_.kernel.end());
  const std::size_t axes = options_.kernel.size();
  for (auto* values : {&options_.stride, &options_.padding, &options_.dilation}) {
    if (values->size() == 1) values->resize(axes, values->front());
  }
  weight = register_parameter("weight", at::empty(shape));
  if (options_.bias) bias = register_parameter("bias", at::empty({out}));
}

bool ConvImpl::meets_one_pixel(const Tensor& x) const {
  for (std::size_t axis = 0; axis < options_.kernel.size(); ++axis) {
    const std::int64_t reach = options_.dilation[axis] * (options_.kernel[axis] - 1);
    if (x.size(static_cast<std::int64_t>(axis) + 2) != 1 || options_.kernel[axis] % 2 == 0 ||
        2 * options_.padding[axis] != reach)
      return false;
  }
  return true;
}

Tensor ConvImpl::forward(const Tensor& x) const {
  const std::vector<std::int64_t> no_output_padding(options_.kernel.size(), 0);
  if (meets_one_pixel(x)) {
    // All but the kernel's middle lies on padding; for that the library's gradients in bfloat16
    // are no numbers where the stride is 2.
    Tensor middle = weight;
    for (std::int64_t axis = 2; axis < weight.dim(); ++axis)
      middle = middle.narrow(axis, weight.size(axis) / 2, 1);
    const std::vector<std::int64_t> ones(options_.kernel.size(), 1);
    return at::convolution(x.to(weight.scalar_type()), middle, bias, ones, no_output_padding, ones,
                           /*transposed=*/false, no_output_padding, options_.groups);
  }
  return at::convolution(x.to(weight.scalar_type()), weight, bias, options_.stride,
                         options_.padding, options_.dilation,
                         /*transposed=*/false, no_output_padding, options_.groups);
}

UpsampleConvImpl::UpsampleConvImpl(std::int64_t in, std::int64_t out, std::int64_t axes,
                                   std::int64_t factor, bool with_bias) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(axes) + 2, factor);
  shape[0] = in;
  shape[1] = out;
  weight = register_parameter("weight", at::empty(shape));
  if (with_bias) bias = register_parameter("bias", at::empty({out}));
}

Tensor UpsampleConvImpl::forward(const Tensor& x) const {
  const auto axes = static_cast<std::size_t>(weight.dim() - 2);
  const std::vector<std::int64_t> zeros(axes, 0), ones(axes, 1);
  // The library takes a transposed convolution in bfloat16 for a plain one.
  return at::convolution(widen(x), widen(weight), bias.defined() ? widen(bias) : bias,
                         weight.sizes().slice(2), zeros, ones, /*transposed=*/true, zeros, 1)
      .to(weight.scalar_type());
}

PatchEmbeddingImpl::PatchEmbeddingImpl(std::int64_t channels, std::int64_t dim,
                                       std::int64_t patch) {
  weight = register_parameter("weight", at::empty({dim, channels, patch, patch}));
  bias = register_parameter("bias", at::empty({dim}));
}

Tensor PatchEmbeddingImpl::forward(const Tensor& pictures) const {
  const std::int64_t batch = pictures.size(0), channels = pictures.size(1), p = weight.size(2),
                     rows = pictures.size(2) / p, columns = pictures.size(3) / p;
  const Tensor squares = pictures.reshape({batch, channels, rows, p, columns, p})
                             .permute({0, 2, 4, 1, 3, 5})
                             .reshape({batch, rows * columns, channels * p * p});
  return at::linear(squares.to(weight.scalar_type()), weight.flatten(1), bias);
}

}  // namespace thorax::nets
