#include "weights/checkpoint.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "weights/mapped_file.h"
#include "weights/safetensors.h"
#include "weights/torch_file.h"

namespace thorax::weights {
namespace {

constexpr int kDeepestNesting = 8;  // checkpoints nest two or three levels

PickleRef find(const PickleDict& dict, std::string_view key) {
  for (const auto& [name, value] : dict.items) {
    const auto* text = get_if<std::string>(name);
    if (text && *text == key) return value;
  }
  return nullptr;
}

/// Tensors of a dict, nested dicts joined by dots; what is no tensor is left out.
void collect(const PickleDict& dict, const std::string& prefix, int depth, const std::string& file,
             StateDict& out) {
  if (depth > kDeepestNesting)
    throw Error("bad_weights"_code, {{"path", file}, {"detail", "the dicts are nested too deep"}});
  for (const auto& [key, value] : dict.items) {
    const auto* name = get_if<std::string>(key);
    if (!name) continue;
    if (const auto* tensor = get_if<Tensor>(value))
      out.insert_or_assign(prefix + *name, *tensor);
    else if (const auto* inner = get_if<PickleDict>(value))
      collect(*inner, prefix + *name + ".", depth + 1, file, out);
  }
}

void strip_prefix(StateDict& dict, const std::string& prefix) {
  const bool shared = std::all_of(dict.begin(), dict.end(), [&](const auto& entry) {
    return entry.first.size() > prefix.size() && entry.first.starts_with(prefix);
  });
  if (!shared || dict.empty()) return;
  StateDict stripped;
  for (auto& [key, tensor] : dict) stripped.emplace(key.substr(prefix.size()), std::move(tensor));
  dict = std::move(stripped);
}

/// The dict that holds the weights: the given one, or the one under a well-known key.
const PickleDict& innermost(const PickleDict& dict) {
  static constexpr std::array<std::string_view, 4> kWrappers = {"state_dict", "model_state_dict",
                                                                "model", "module"};
  const PickleDict* at = &dict;
  for (int depth = 0; depth < kDeepestNesting; ++depth) {
    const PickleDict* inner = nullptr;
    for (const std::string_view key : kWrappers) {
      inner = get_if<PickleDict>(find(*at, key));
      if (inner) break;
    }
    if (!inner) break;
    at = inner;
  }
  return *at;
}

}  // namespace

StateDict state_dict_of(PickleRef value, const std::string& file) {
  StateDict out;
  if (const auto* dict = get_if<PickleDict>(value)) collect(innermost(*dict), "", 0, file, out);
  if (out.empty())
    throw Error("bad_weights"_code, {{"path", file}, {"detail", "it holds no named tensors"}});
  strip_prefix(out, "module.");
  return out;
}

StateDict read_checkpoint(const std::filesystem::path& path) {
  const MappedFile file = map_file(path);
  // A safetensors file has its JSON header's brace behind eight bytes of length.
  if (file.bytes.size() > 8 && file.bytes[8] == std::byte{'{'}) {
    StateDict out = parse_safetensors(file.bytes, file.owner, path.string()).tensors;
    strip_prefix(out, "module.");
    return out;
  }
  const PickleResult checkpoint = parse_torch_file(file.bytes, file.owner, path.string());
  return state_dict_of(checkpoint.value, path.string());
}

}  // namespace thorax::weights
