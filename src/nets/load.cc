#include "nets/load.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "base/error.h"
#include "nets/precision.h"
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
  throw Error("internal"_code, {{"detail", "a tensor of a type that files do not have"}});
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

bool holds(const std::vector<std::string>& keys, const std::string& wanted) {
  return std::find(keys.begin(), keys.end(), wanted) != keys.end();
}

/// Whether a weight with several names is there under another one.
bool is_there_otherwise(const at::Tensor& tensor, const std::map<std::string, at::Tensor>& wanted,
                        const weights::StateDict& checkpoint) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
    return entry.second.is_same(tensor) && checkpoint.contains(entry.first);
  });
}

bool is_optional(const Network& network, const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return holds(network.unused_keys, key) ||
         holds(network.derived_keys, dot == std::string::npos ? key : key.substr(dot + 1));
}

/// A tensor of that shape that takes no memory.
at::Tensor placeholder(const at::Tensor& like, at::ScalarType type) {
  return at::zeros({1}, type).expand(like.sizes());
}

/// Gives every parameter and buffer its value; those of modules that keep fp32 in fp32.
void assign(torch::nn::Module& module, const std::string& prefix, at::ScalarType precision,
            const Network& network, const weights::StateDict& checkpoint) {
  if (dynamic_cast<const KeepsFp32*>(&module) != nullptr) precision = at::kFloat;
  const auto give = [&](const std::string& key, at::Tensor tensor) {
    const at::ScalarType type = tensor.is_floating_point() ? precision : tensor.scalar_type();
    const auto found = checkpoint.find(key);
    if (holds(network.unused_keys, key))
      tensor.set_data(placeholder(tensor, type));
    else if (found != checkpoint.end())
      tensor.set_data(view(found->second).to(type));
    else
      tensor.set_data(tensor.to(type));
  };
  for (const auto& item : module.named_parameters(/*recurse=*/false))
    give(prefix + item.key(), item.value());
  for (const auto& item : module.named_buffers(/*recurse=*/false))
    give(prefix + item.key(), item.value());
  for (const auto& child : module.named_children())
    assign(*child.value(), prefix + child.key() + ".", precision, network, checkpoint);
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
    if (!wanted.contains(key) && !is_optional(network, key)) left_over.push_back(key);
  for (const auto& [key, tensor] : wanted) {
    const auto found = checkpoint.find(key);
    if (found == checkpoint.end()) {
      if (!is_optional(network, key) && !is_there_otherwise(tensor, wanted, checkpoint))
        missing.push_back(key);
    } else if (tensor.sizes() != at::IntArrayRef(found->second.shape)) {
      misshapen.push_back(key + " " + shape_text(found->second.shape) + " instead of " +
                          shape_text(tensor.sizes()));
    }
  }
  std::string detail;
  add_problem(detail, "missing", missing);
  add_problem(detail, "left over", left_over);
  add_problem(detail, "shape", misshapen);
  if (!detail.empty()) throw Error("keys_do_not_fit"_code, {{"path", file}, {"detail", detail}});

  const at::NoGradGuard no_gradients;
  assign(*network.module, "", precision, network, checkpoint);
  network.module->eval();
}

weights::StateDict stored_weights(const Network& network) {
  weights::StateDict stored;
  std::set<const void*> met;  // a weight with several names is stored under the first
  for (const auto& [key, tensor] : state_dict(*network.module))
    if (!is_optional(network, key) && met.insert(tensor.unsafeGetTensorImpl()).second)
      stored.emplace(key, view(tensor));
  return stored;
}

}  // namespace thorax::nets
