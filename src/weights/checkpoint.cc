#include "weights/checkpoint.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "weights/int8.h"
#include "weights/mapped_file.h"
#include "weights/safetensors.h"
#include "weights/torch_file.h"

namespace thorax::weights {
namespace {

constexpr int kDeepestNesting = 8;               // checkpoints nest two or three levels
constexpr std::size_t kMostEntries = 1'000'000;  // the largest networks have some thousand tensors
constexpr std::size_t kLongestName = 1024;

PickleRef find(const PickleDict& dict, std::string_view key) {
  for (const auto& [name, value] : dict.items) {
    const auto* text = get_if<std::string>(name);
    if (text && *text == key) return value;
  }
  return nullptr;
}

/// Gathers the tensors of nested dicts. A dict may hold another many times over, at every level:
/// what is visited is counted, not only what is found.
class Collector {
 public:
  explicit Collector(const std::string& file) : file_(file) {}

  /// Tensors of a dict, nested dicts joined by dots; what is no tensor is left out.
  StateDict collect(const PickleDict& dict) {
    visit(dict, "", 0);
    return std::move(found_);
  }

 private:
  [[noreturn]] void bad(const std::string& detail) const {
    throw Error("bad_weights"_code, {{"path", file_}, {"detail", detail}});
  }

  void visit(const PickleDict& dict, const std::string& prefix, int depth) {
    if (depth > kDeepestNesting) bad("the dicts are nested too deep");
    for (const auto& [key, value] : dict.items) {
      const auto* name = get_if<std::string>(key);
      if (!name) continue;
      if (++visited_ > kMostEntries) bad("more entries than any state dict has");
      if (name->size() > kLongestName) bad("a tensor's name is longer than any network's");
      if (const auto* tensor = get_if<Tensor>(value))
        found_.insert_or_assign(prefix + *name, *tensor);
      else if (const auto* inner = get_if<PickleDict>(value))
        visit(*inner, prefix + *name + ".", depth + 1);
    }
  }

  const std::string& file_;
  std::size_t visited_ = 0;
  StateDict found_;
};

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
  if (const auto* dict = get_if<PickleDict>(value)) out = Collector(file).collect(innermost(*dict));
  if (out.empty())
    throw Error("bad_weights"_code, {{"path", file}, {"detail", "it holds no named tensors"}});
  strip_prefix(out, "module.");
  return out;
}

StateDict parse_checkpoint(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                           const std::string& name) {
  // A safetensors file has its JSON header's brace behind eight bytes of length.
  if (file.size() > 8 && file[8] == std::byte{'{'}) {
    StateDict out = parse_safetensors(file, owner, name).tensors;
    strip_prefix(out, "module.");
    return restored(std::move(out), name);
  }
  return state_dict_of(parse_torch_file(file, std::move(owner), name).value, name);
}

StateDict read_checkpoint(const std::filesystem::path& path) {
  MappedFile file = map_file(path);
  return parse_checkpoint(file.bytes, std::move(file.owner), path.string());
}

}  // namespace thorax::weights
