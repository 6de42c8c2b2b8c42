#include "weights/torch_classes.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"

namespace thorax::weights {
namespace {

[[noreturn]] void bad(const std::string& file, const std::string& detail) {
  throw Error("bad_weights"_code, {{"path", file}, {"detail", detail}});
}

const std::map<std::string, DType>& storage_types() {
  static const std::map<std::string, DType> types = {
      {"torch.DoubleStorage", DType::f64}, {"torch.FloatStorage", DType::f32},
      {"torch.HalfStorage", DType::f16},   {"torch.BFloat16Storage", DType::bf16},
      {"torch.LongStorage", DType::i64},   {"torch.IntStorage", DType::i32},
      {"torch.ShortStorage", DType::i16},  {"torch.CharStorage", DType::i8},
      {"torch.ByteStorage", DType::u8},    {"torch.BoolStorage", DType::boolean},
  };
  return types;
}

/// Elements that a tensor may have beyond those that its storage holds.
constexpr std::uint64_t kMostRepeated = 1U << 26;

std::vector<std::int64_t> integers(const std::string& file, PickleRef ref) {
  const auto* tuple = get_if<PickleTuple>(ref);
  const auto* list = get_if<PickleList>(ref);
  if (!tuple && !list) bad(file, "a tensor's size is no tuple");
  std::vector<std::int64_t> out;
  for (const PickleRef item : tuple ? tuple->items : list->items) {
    const auto* value = get_if<std::int64_t>(item);
    if (!value || *value < 0) bad(file, "a tensor's size is no number");
    out.push_back(*value);
  }
  return out;
}

/// One past the last element a tensor touches, in elements from the storage's start; refuses what
/// overflows.
std::uint64_t reach(const std::string& file, std::uint64_t offset,
                    const std::vector<std::int64_t>& shape,
                    const std::vector<std::int64_t>& strides) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (shape.size() != strides.size()) bad(file, "a tensor has not one stride an axis");
  std::uint64_t last = offset, elements = 1;
  bool empty = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    empty = empty || shape[i] == 0;
    const auto n = static_cast<std::uint64_t>(std::max<std::int64_t>(shape[i], 1));
    const auto step = static_cast<std::uint64_t>(strides[i]);
    if (elements > kMost / n || (step != 0 && n - 1 > (kMost - last) / step))
      bad(file, "a tensor is larger than any memory");
    elements *= n;
    last += (n - 1) * step;
  }
  if (empty) return offset;
  // A stride of 0 repeats an element: a few bytes must not become gigabytes.
  if (elements > kMostRepeated && elements > last + 1 - offset)
    bad(file, "a tensor repeats its values too often");
  return last + 1;
}

/// _rebuild_tensor(storage, offset, size, stride, …).
Tensor rebuild_tensor(const std::string& file, const std::vector<PickleRef>& arguments) {
  if (arguments.size() < 4) bad(file, "a tensor lacks its size or strides");
  const auto* storage = get_if<PickleStorage>(arguments[0]);
  const auto* offset = get_if<std::int64_t>(arguments[1]);
  if (!storage || !offset || *offset < 0) bad(file, "a tensor lacks its storage");
  Tensor t{.type = storage->type,
           .shape = integers(file, arguments[2]),
           .strides = integers(file, arguments[3]),
           .owner = storage->owner};
  const std::uint64_t needed = reach(file, static_cast<std::uint64_t>(*offset), t.shape, t.strides);
  if (needed > storage->bytes / size_of(t.type)) bad(file, "a tensor runs past its storage");
  // A step that is never taken may be any number in the file.
  for (std::size_t i = 0; i < t.shape.size(); ++i)
    if (t.shape[i] < 2) t.strides[i] = 0;
  t.data = storage->data + static_cast<std::size_t>(*offset) * size_of(t.type);
  return t;
}

PickleValue first_argument(const std::string& file, const std::vector<PickleRef>& arguments) {
  if (arguments.empty()) bad(file, "a wrapper holds nothing");
  return *arguments.front();
}

PickleValue ordered_dict(const std::string& file, const std::vector<PickleRef>& arguments) {
  PickleDict dict;
  if (arguments.empty()) return {dict};
  const auto* pairs = get_if<PickleList>(arguments.front());
  if (!pairs) bad(file, "an OrderedDict is made of no list");
  for (const PickleRef pair : pairs->items) {
    const auto* tuple = get_if<PickleTuple>(pair);
    const auto* list = get_if<PickleList>(pair);
    const auto* items = tuple ? &tuple->items : list ? &list->items : nullptr;
    if (!items || items->size() != 2) bad(file, "an OrderedDict is made of no pairs");
    dict.items.emplace_back((*items)[0], (*items)[1]);
  }
  return {dict};
}

}  // namespace

PickleValue call_torch_class(const std::string& file, const std::string& name,
                             const std::vector<PickleRef>& arguments) {
  // Values without weight (a device, a size, a data type) stay what they are: their arguments.
  static const std::set<std::string> kPlain = {"torch.Size", "torch.device", "builtins.set",
                                               "__builtin__.set"};
  if (name == "torch._utils._rebuild_tensor_v2" || name == "torch._utils._rebuild_tensor")
    return {rebuild_tensor(file, arguments)};
  if (name == "torch._utils._rebuild_parameter" ||
      name == "torch._utils._rebuild_parameter_with_state")
    return first_argument(file, arguments);
  if (name == "collections.OrderedDict") return ordered_dict(file, arguments);
  if (name == "collections.defaultdict") return {PickleDict{}};  // its argument is a factory
  if (kPlain.contains(name)) return {PickleTuple{arguments}};
  bad(file, "the file asks for the class " + name + ", which no state dict needs");
}

StorageId parse_storage_id(const std::string& file, PickleRef id) {
  const auto* tuple = get_if<PickleTuple>(id);
  if (!tuple || tuple->items.size() < 5) bad(file, "a persistent id of an unknown form");
  const auto* kind = get_if<std::string>(tuple->items[0]);
  const auto* storage_class = get_if<PickleGlobal>(tuple->items[1]);
  const auto* key = get_if<std::string>(tuple->items[2]);
  const auto* count = get_if<std::int64_t>(tuple->items[4]);
  if (!kind || *kind != "storage" || !storage_class || !key || !count || *count < 0)
    bad(file, "a persistent id of an unknown form");
  StorageId out{.key = *key};
  const auto it = storage_types().find(storage_class->name);
  if (it == storage_types().end())
    bad(file, "the storage class " + storage_class->name + " is not known");
  out.type = it->second;
  const auto elements = static_cast<std::uint64_t>(*count);
  if (elements > std::numeric_limits<std::int64_t>::max() / size_of(out.type))
    bad(file, "a storage is larger than any file");
  out.bytes = elements * size_of(out.type);
  return out;
}

}  // namespace thorax::weights
