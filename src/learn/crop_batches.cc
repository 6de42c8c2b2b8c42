#include "learn/crop_batches.h"

#include <algorithm>

#include "base/error.h"
#include "learn/random.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kKeep = 14, kCrop = 15, kCropChange = 16;
constexpr std::size_t kPlaces = 4096;

using prepare::Grid;

/// Of a contiguous tensor of that type.
template <class T>
std::span<const T> values_of(const weights::Tensor& tensor) {
  return {reinterpret_cast<const T*>(tensor.data), static_cast<std::size_t>(tensor.count())};
}

Grid size_of(const weights::Tensor& volume) {
  return {volume.shape[0], volume.shape[1], volume.shape[2]};
}

/// Keeps so many of what it is shown, each with the same probability (Vitter's algorithm R, ACM
/// Transactions on Mathematical Software 1985).
class Sample {
 public:
  explicit Sample(std::uint64_t number) : random_{kKeep, number} {}
  void show(std::size_t place) {
    ++shown_;
    if (kept_.size() < kPlaces)
      kept_.push_back(static_cast<std::int64_t>(place));
    else if (const std::size_t at = random_.below(shown_); at < kPlaces)
      kept_[at] = static_cast<std::int64_t>(place);
  }
  weights::Tensor tensor() const {
    return weights::make_index_tensor({static_cast<std::int64_t>(kept_.size())}, kept_);
  }

 private:
  Random random_;
  std::size_t shown_ = 0;
  std::vector<std::int64_t> kept_;
};

}  // namespace

void add_places(weights::StateDict& tensors) {
  const std::span<const float> values = values_of<float>(tensors.at(kValues));
  const std::span<const std::uint8_t> classes = values_of<std::uint8_t>(tensors.at(kClasses));
  Sample outlined(0), other(1);
  for (std::size_t i = 0; i < classes.size(); ++i)
    if (classes[i] != 0)
      outlined.show(i);
    else if (values[i] > 0)
      other.show(i);
  tensors[kOutlined] = outlined.tensor();
  tensors[kOther] = other.tensor();
}

CropBatches::CropBatches(const VolumeSet& set, const std::vector<Split>& splits,
                         const Options& options, std::int64_t channels, const Grid& size)
    : set_(set), options_(options), order_(set, splits, options), channels_(channels), size_(size) {
  for (std::size_t i = 0; i < set.count(); ++i) {
    const Grid volume = size_of(set.tensors[i].at(kValues));
    for (std::size_t a = 0; a < 3; ++a)
      if (volume[a] < size[a])
        throw Error("bad_training_data"_code,
                    {{"path", set.ids[i]}, {"detail", "smaller than a crop; data.preparation"}});
  }
}

Crop CropBatches::crop(std::size_t place, Random& random) const {
  const weights::StateDict& tensors = set_.tensors[place];
  std::span<const std::int64_t> around = values_of<std::int64_t>(
      tensors.at(random.chance(options_.crop.positive) ? kOutlined : kOther));
  if (around.empty()) around = values_of<std::int64_t>(tensors.at(kOther));
  const Grid volume = size_of(tensors.at(kValues));
  std::int64_t centre =
      around.empty() ? prepare::count_of(volume) / 2 : around[random.below(around.size())];
  Grid first{};
  for (std::size_t a = 3; a-- > 0;) {
    first[a] = std::clamp<std::int64_t>(centre % volume[a] - size_[a] / 2, 0, volume[a] - size_[a]);
    centre /= volume[a];
  }
  const std::span<const float> values = values_of<float>(tensors.at(kValues));
  const std::span<const std::uint8_t> classes = values_of<std::uint8_t>(tensors.at(kClasses));
  Crop made;
  made.size = size_;
  for (std::int64_t x = 0; x < size_[0]; ++x)
    for (std::int64_t y = 0; y < size_[1]; ++y) {
      const auto row = static_cast<std::size_t>(
          ((first[0] + x) * volume[1] + first[1] + y) * volume[2] + first[2]);
      const auto length = static_cast<std::size_t>(size_[2]);
      const std::span<const float> some = values.subspan(row, length);
      const std::span<const std::uint8_t> of = classes.subspan(row, length);
      made.values.insert(made.values.end(), some.begin(), some.end());
      made.classes.insert(made.classes.end(), of.begin(), of.end());
    }
  if (channels_ > 1) {
    const std::span<const float> whole = values_of<float>(tensors.at(kWhole));
    made.values.insert(made.values.end(), whole.begin(), whole.end());
  }
  return made;
}

Batch CropBatches::batch(std::span<const std::size_t> places, std::uint64_t epoch,
                         std::size_t first, bool changed) const {
  std::vector<float> values;
  std::vector<std::byte> classes;
  for (std::size_t i = 0; i < places.size(); ++i)
    for (int number = 0; number < options_.crop.count; ++number) {
      const auto which = static_cast<std::uint64_t>(number);
      Random random{options_.training.seed, kCrop, epoch, changed ? first + i : places[i], which};
      Crop one = crop(places[i], random);
      if (changed) {
        Random change{options_.training.seed, kCropChange, epoch, first + i, which};
        change_crop(one, options_.crop, change);
      }
      values.insert(values.end(), one.values.begin(), one.values.end());
      const std::span<const std::byte> bytes = std::as_bytes(std::span(one.classes));
      classes.insert(classes.end(), bytes.begin(), bytes.end());
    }
  const std::int64_t count = static_cast<std::int64_t>(places.size()) * options_.crop.count;
  Batch made;
  made.inputs = weights::make_tensor({count, channels_, size_[0], size_[1], size_[2]}, values);
  made.masks = weights::make_tensor(weights::DType::u8, {count, size_[0], size_[1], size_[2]},
                                    std::move(classes));
  return made;
}

std::int64_t CropBatches::steps_per_epoch() const {
  return steps_of(order_.length(), options_.training);
}

Batch CropBatches::training(std::int64_t epoch, std::int64_t step) const {
  const std::vector<std::size_t> places = order_.training(epoch);
  const StepPart part = step_part(places.size(), step, options_.training);
  Batch made = batch(std::span(places).subspan(part.first, part.count),
                     static_cast<std::uint64_t>(epoch), part.first, true);
  made.whole = static_cast<std::int64_t>(part.whole) * options_.crop.count;
  return made;
}

std::int64_t CropBatches::validation_steps() const {
  return batches_of(order_.validation().size(), options_.training.batch);
}

Batch CropBatches::validation(std::int64_t step) const {
  return batch(part_of(order_.validation(), step, options_.training.batch), 0, 0, false);
}

}  // namespace thorax::learn
