#include "learn/picture_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hash.h"
#include "weights/safetensors.h"

namespace thorax::learn {
namespace {

using nlohmann::json;
using weights::DType;

std::size_t area(const PictureSet& set) {
  return static_cast<std::size_t>(set.size) * static_cast<std::size_t>(set.size);
}

[[noreturn]] void unusable(const std::filesystem::path& path, const std::string& detail) {
  throw Error("bad_training_data"_code, {{"path", path.string()}, {"detail", detail}});
}

weights::Tensor labels_tensor(const std::vector<int>& labels) {
  std::vector<std::byte> bytes(labels.size());
  std::ranges::transform(labels, bytes.begin(), [](int label) { return std::byte(label); });
  return weights::make_tensor(DType::u8, {static_cast<std::int64_t>(labels.size())},
                              std::move(bytes));
}

std::vector<std::string> strings(const weights::Safetensors& file, const std::string& key) {
  return json::parse(file.metadata.at(key)).get<std::vector<std::string>>();
}

}  // namespace

std::span<const std::uint8_t> PictureSet::picture(std::size_t index) const {
  const std::size_t pixels = area(*this);
  return {reinterpret_cast<const std::uint8_t*>(levels.data) + index * pixels, pixels};
}

void append(PictureSet& set, const PictureSet& more) {
  if (set.size != more.size) unusable("", std::to_string(more.size) + " pixels a side");
  std::vector<int> label_of;
  for (const std::string& name : more.classes) {
    const auto known = std::ranges::find(set.classes, name);
    label_of.push_back(static_cast<int>(known - set.classes.begin()));
    if (known == set.classes.end()) set.classes.push_back(name);
  }
  for (const int label : more.labels)
    set.labels.push_back(label_of[static_cast<std::size_t>(label)]);
  set.names.insert(set.names.end(), more.names.begin(), more.names.end());
  set.patients.insert(set.patients.end(), more.patients.begin(), more.patients.end());
  set.groups.clear();
  std::vector<std::byte> levels;
  for (const std::span<const std::byte> part : {set.levels.bytes(), more.levels.bytes()})
    levels.insert(levels.end(), part.begin(), part.end());
  set.levels = weights::make_tensor(
      DType::u8, {static_cast<std::int64_t>(set.count()), set.size, set.size}, std::move(levels));
}

void write_picture_set(const std::filesystem::path& path, const PictureSet& set) {
  weights::write_safetensors(path,
                             {{"pictures", set.levels}, {"labels", labels_tensor(set.labels)}},
                             {{"origin", set.origin},
                              {"classes", json(set.classes).dump()},
                              {"names", json(set.names).dump()},
                              {"patients", json(set.patients).dump()}});
}

PictureSet read_picture_set(const std::filesystem::path& path) {
  const weights::Safetensors file = weights::read_safetensors(path);
  PictureSet set;
  try {
    set.levels = file.tensors.at("pictures");
    const weights::Tensor& labels = file.tensors.at("labels");
    if (labels.type != DType::u8 || set.levels.type != DType::u8 || set.levels.shape.size() != 3)
      unusable(path, "pictures or labels of another type");
    for (const std::byte label : labels.bytes()) set.labels.push_back(std::to_integer<int>(label));
    set.origin = file.metadata.at("origin");
    set.classes = strings(file, "classes");
    set.names = strings(file, "names");
    set.patients = strings(file, "patients");
  } catch (const std::out_of_range& absent) {
    unusable(path, absent.what());
  } catch (const json::exception& broken) {
    unusable(path, broken.what());
  }
  set.size = static_cast<int>(set.levels.shape[1]);
  const auto rows = static_cast<std::size_t>(set.levels.shape[0]);
  const bool fits = rows == set.count() && rows == set.names.size() &&
                    rows == set.patients.size() && set.levels.shape[1] == set.levels.shape[2] &&
                    std::ranges::all_of(set.labels, [&](int label) {
                      return static_cast<std::size_t>(label) < set.classes.size();
                    });
  if (!fits) unusable(path, "its parts do not fit together");
  return set;
}

std::string hash_of(const PictureSet& set) {
  Sha256 hash;
  hash.update(set.levels.bytes());
  for (std::size_t i = 0; i < set.count(); ++i)
    hash.update(set.names[i] + '\n' + set.patients[i] + '\n' +
                set.classes[static_cast<std::size_t>(set.labels[i])] + '\n' +
                (set.groups.empty() ? "" : set.groups[i] + '\n'));
  return hash.hex();
}

}  // namespace thorax::learn
