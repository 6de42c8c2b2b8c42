#include "nets/packed_linear.h"

#include "nets/processor.h"

namespace thorax::nets {
namespace {

using dnnl::memory;
using Type = memory::data_type;

// The layout that suits this many rows is kept for any number.
constexpr std::int64_t kUsualRows = 256;
// Row counts remembered: a decoder's grow by one a token.
constexpr std::size_t kRowCounts = 256;

Type type_of(const at::Tensor& t) {
  return t.scalar_type() == at::kBFloat16 ? Type::bf16 : Type::f32;
}

}  // namespace

struct PackedLinear::Products {
  Type type;
  memory weights;
  at::Tensor bias;  // fp32, or none

  struct Product {
    dnnl::matmul matmul;
    std::size_t scratch_bytes;
  };
  std::mutex mutex;
  std::map<std::pair<std::int64_t, Into>, Product> products;

  static dnnl::matmul::primitive_desc described(const PackedLinear& layer, std::int64_t rows,
                                                Into into, Type type, const memory::desc& weights,
                                                bool with_bias) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (into == Into::sum) {
      dnnl::post_ops add;
      add.append_sum(1);
      attributes.set_post_ops(add);
    }
    const memory::desc x({rows, layer.in_}, type, memory::format_tag::ab),
        y({rows, layer.out_}, into == Into::own_type ? type : Type::f32, memory::format_tag::ab),
        shift({1, layer.out_}, Type::f32, memory::format_tag::ab);
    return {
        with_bias ? dnnl::matmul::desc(x, weights, shift, y) : dnnl::matmul::desc(x, weights, y),
        attributes, processor()};
  }

  const Product& product(const PackedLinear& layer, std::int64_t rows, Into into) {
    const std::lock_guard lock(mutex);
    const auto known = products.find({rows, into});
    if (known != products.end()) return known->second;
    if (products.size() >= kRowCounts) products.clear();
    const auto made = described(layer, rows, into, type, weights.get_desc(), bias.defined());
    return products
        .emplace(std::pair{rows, into},
                 Product{dnnl::matmul(made), made.scratchpad_desc().get_size()})
        .first->second;
  }
};

PackedLinear::PackedLinear(const at::Tensor& weight, const at::Tensor& bias)
    : in_(weight.size(1)), out_(weight.size(0)), products_(std::make_unique<Products>()) {
  const at::Tensor plain = weight.contiguous();
  products_->type = type_of(plain);
  if (bias.defined()) products_->bias = bias.to(at::kFloat).contiguous();
  const memory::desc any({in_, out_}, products_->type, memory::format_tag::any);
  products_->weights = memory(
      Products::described(*this, kUsualRows, Into::own_type, products_->type, any, bias.defined())
          .weights_desc(),
      processor());
  memory source({{in_, out_}, products_->type, memory::format_tag::ba}, processor(),
                plain.data_ptr());
  dnnl::stream stream(processor());
  dnnl::reorder(source, products_->weights).execute(stream, source, products_->weights);
  stream.wait();
}

PackedLinear::~PackedLinear() = default;

void PackedLinear::run(const void* x, std::int64_t rows, void* y) const {
  run(x, rows, y, Into::own_type);
}

void PackedLinear::run_wide(const void* x, std::int64_t rows, float* y) const {
  run(x, rows, y, Into::fp32);
}

void PackedLinear::add(const void* x, std::int64_t rows, float* y) const {
  run(x, rows, y, Into::sum);
}

void PackedLinear::run(const void* x, std::int64_t rows, void* y, Into into) const {
  if (rows == 0) return;
  // A copy: the primitive is shared, and the table may be cleared by another thread.
  const Products::Product product = products_->product(*this, rows, into);
  const Type out = into == Into::own_type ? products_->type : Type::f32;
  using Tag = memory::format_tag;
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC,
       memory({{rows, in_}, products_->type, Tag::ab}, processor(), const_cast<void*>(x))},
      {DNNL_ARG_WEIGHTS, products_->weights},
      {DNNL_ARG_DST, memory({{rows, out_}, out, Tag::ab}, processor(), y)}};
  if (products_->bias.defined())
    arguments.emplace(DNNL_ARG_BIAS, memory({{1, out_}, Type::f32, Tag::ab}, processor(),
                                            products_->bias.data_ptr()));
  execute(product.matmul, std::move(arguments), product.scratch_bytes);
}

}  // namespace thorax::nets
