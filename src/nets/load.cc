#include "nets/load.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "nets/state_dict.h"

namespace thorax::nets {
namespace {

using weights::DType;

constexpr std::size_t kNamedKeys = 5;  // of a long list of keys

at::ScalarType scalar_type(DType type) {
  switch (type) {
    case DType::f64:
      return at::kDouble;
    case DType::f32:
      return at::kFloat;
    case DType::f16:
      return at::kHalf;
    case DType::bf16:
      return at::kBFloat16;
    case DType::i64:
      return at::kLong;
    case DType::i32:
      return at::kInt;
    case DType::i16:
      return at::kShort;
    case DType::i8:
      return at::kChar;
    case DType::u8:
      return at::kByte;
    case DType::boolean:
      break;
  }
  return at::kBool;
}

DType file_type(at::ScalarType type) {
  for (const DType known : {DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64, DType::i32,
                            DType::i16, DType::i8, DType::u8, DType::boolean})
    if (scalar_type(known) == type) return known;
  throw Error(Code::internal, {{"detail", "a tensor of a type that files do not have"}});
}

std::string shape_text(at::IntArrayRef shape) {
  std::ostringstream text;
  text << shape;
  return text.str();
}

/// "a, b, c and 12 more".
std::string some_of(const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < std::min(keys.size(), kNamedKeys); ++i)
    text += (i ? ", " : "") + keys[i];
  if (keys.size() > kNamedKeys) text += " … (" + std::to_string(keys.size()) + ")";
  return text;
}

void add_problem(std::string& detail, const std::string& what,
                 const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  detail += (detail.empty() ? "" : "; ") + what + ": " + some_of(keys);
}

bool is_derived(const Network& network, const std::string& key) {
  const std::size_t dot = key.rfind('.');
  const std::string last = dot == std::string::npos ? key : key.substr(dot + 1);
  return std::find(network.derived_keys.begin(), network.derived_keys.end(), last) !=
         network.derived_keys.end();
}

}  // namespace

at::Tensor view(const weights::Tensor& tensor) {
  // Files are mapped read-only; nothing that runs a network writes into its weights.
  void* data = const_cast<std::byte*>(tensor.data);
  return at::from_blob(
      data, tensor.shape, tensor.strides, [owner = tensor.owner](void*) {},
      at::TensorOptions().dtype(scalar_type(tensor.type)));
}

weights::Tensor view(const at::Tensor& tensor) {
  const at::Tensor held = tensor.contiguous().cpu();
  weights::Tensor out;
  out.type = file_type(held.scalar_type());
  out.shape = held.sizes().vec();
  out.strides = weights::row_major_strides(out.shape);
  out.data = static_cast<const std::byte*>(held.data_ptr());
  out.owner = std::make_shared<at::Tensor>(held);
  return out;
}

void load_weights(Network& network, const weights::StateDict& checkpoint, at::ScalarType precision,
                  const std::string& file) {
  std::vector<std::string> missing, left_over, misshapen;
  std::map<std::string, at::Tensor> wanted;
  for (const auto& [key, tensor] : state_dict(*network.module)) wanted.emplace(key, tensor);
  for (const auto& [key, tensor] : checkpoint)
    if (!wanted.contains(key) && !is_derived(network, key)) left_over.push_back(key);
  for (const auto& [key, tensor] : wanted) {
    const auto found = checkpoint.find(key);
    if (found == checkpoint.end())
      missing.push_back(key);
    else if (tensor.sizes() != at::IntArrayRef(found->second.shape))
      misshapen.push_back(key + " " + shape_text(found->second.shape) + " instead of " +
                          shape_text(tensor.sizes()));
  }
  std::string detail;
  add_problem(detail, "missing", missing);
  add_problem(detail, "left over", left_over);
  add_problem(detail, "shape", misshapen);
  if (!detail.empty()) throw Error(Code::keys_do_not_fit, {{"path", file}, {"detail", detail}});

  const at::NoGradGuard no_gradients;
  for (auto& [key, tensor] : wanted) {
    const at::Tensor value = view(checkpoint.at(key));
    tensor.set_data(value.to(tensor.is_floating_point() ? precision : tensor.scalar_type()));
  }
  network.module->eval();
}

}  // namespace thorax::nets
