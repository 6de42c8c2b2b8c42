#include <array>

#include "learn/embeddings.h"
#include "learn/random.h"
#include "learn/tone.h"
#include "learn/volume_set.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kSlice = 10, kMix = 11, kChange = 12;

}  // namespace

weights::StateDict keep_hounsfield(const volume::CtVolume& hu) {
  const volume::Grid& grid = hu.grid();
  const std::array<double, 6> axes{grid.spacing.x, grid.spacing.y, grid.spacing.z,
                                   grid.origin.x,  grid.origin.y,  grid.origin.z};
  const auto bytes_of = [](const auto& values) {
    const std::span<const std::byte> bytes = std::as_bytes(std::span(values));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  return {{kAxes, weights::make_tensor(weights::DType::f64, {6}, bytes_of(axes))},
          {kHounsfield,
           weights::make_tensor(weights::DType::i16, {grid.shape.z, grid.shape.y, grid.shape.x},
                                bytes_of(hu.voxels()))}};
}

volume::CtVolume hounsfield_of(const weights::StateDict& tensors) {
  const weights::Tensor& hu = tensors.at(kHounsfield);
  const auto* const axes = reinterpret_cast<const double*>(tensors.at(kAxes).data);
  const volume::Grid grid{.shape = {.z = static_cast<int>(hu.shape[0]),
                                    .y = static_cast<int>(hu.shape[1]),
                                    .x = static_cast<int>(hu.shape[2])},
                          .spacing = {.x = axes[0], .y = axes[1], .z = axes[2]},
                          .origin = {.x = axes[3], .y = axes[4], .z = axes[5]}};
  // Volumes may be written to, mapped files may not; nobody writes to this one.
  auto* const voxels = const_cast<std::int16_t*>(reinterpret_cast<const std::int16_t*>(hu.data));
  return {grid, voxels, std::const_pointer_cast<void>(hu.owner)};
}

std::vector<int> slab_slices(int depth, bool packs, int step) {
  if (packs) return prepare::pack_anchors(depth, step);
  std::vector<int> slices;
  for (int z = 0; z < depth; z += step) slices.push_back(z);
  return slices;
}

SlabBatches::SlabBatches(const VolumeSet& set, const std::vector<Split>& splits,
                         const Options& options, SlabPlan plan)
    : set_(set), options_(options), order_(set, splits, options), plan_(std::move(plan)) {
  for (const std::size_t place : order_.validation())
    for (const int slice :
         slab_slices(hounsfield_of(set.tensors[place]).shape().z, plan_.packs, plan_.step)) {
      validation_cases_.push_back(place);
      validation_slices_.push_back(slice);
    }
}

std::int64_t SlabBatches::steps_per_epoch() const {
  return steps_of(order_.length() * static_cast<std::size_t>(plan_.shown), options_.training);
}

Batch SlabBatches::batch(std::span<const std::size_t> cases, std::span<const int> slices) const {
  Batch made;
  std::vector<float> values;
  const auto count = static_cast<std::int64_t>(cases.size());
  std::vector<std::int64_t> shape;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const volume::CtVolume hu = hounsfield_of(set_.tensors[cases[i]]);
    const prepare::SlabOptions& slabs = plan_.slabs;
    const prepare::NetworkInput input =
        plan_.packs
            ? prepare::prepare_packs(hu, {slices[i]}, {slabs.neighbours, slabs.size, slabs.windows})
            : prepare::prepare_slabs(hu, {slices[i]}, slabs);
    values.insert(values.end(), input.span().begin(), input.span().end());
    shape = input.shape;
  }
  shape.front() = count;
  made.inputs = weights::make_tensor(shape, values);
  add_truth(made, set_, cases);
  return made;
}

Batch SlabBatches::training(std::int64_t epoch, std::int64_t step) const {
  const auto number = static_cast<std::uint64_t>(epoch);
  const std::uint64_t seed = options_.training.seed;
  const std::vector<std::size_t> order = order_.training(epoch);
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < order.size() * static_cast<std::size_t>(plan_.shown); ++i)
    items.push_back(i);
  Random{seed, kMix, number}.shuffle(items);
  const StepPart part = step_part(items.size(), step, options_.training);
  std::vector<std::size_t> cases;
  std::vector<int> slices;
  for (std::size_t i = part.first; i < part.first + part.count; ++i) {
    cases.push_back(order[items[i] / static_cast<std::size_t>(plan_.shown)]);
    const std::vector<int> known =
        slab_slices(hounsfield_of(set_.tensors[cases.back()]).shape().z, plan_.packs, 1);
    slices.push_back(known[Random{seed, kSlice, number, items[i]}.below(known.size())]);
  }
  Batch made = batch(cases, slices);
  made.whole = static_cast<std::int64_t>(part.whole);
  std::vector<float> values = made.inputs.to_float();
  const std::size_t each = values.size() / cases.size(),
                    side = static_cast<std::size_t>(plan_.slabs.size);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Random random{seed, kChange, number, part.first + i};
    const std::span<float> one = std::span(values).subspan(i * each, each);
    if (random.chance(options_.augment.flip)) mirror_rows(one, side);
    change_tone(one, options_.augment, 0, random);
  }
  made.inputs = weights::make_tensor(made.inputs.shape, values);
  return made;
}

std::int64_t SlabBatches::validation_steps() const {
  return batches_of(validation_cases_.size(), options_.training.batch);
}

Batch SlabBatches::validation(std::int64_t step) const {
  const std::span<const std::size_t> cases =
      part_of(validation_cases_, step, options_.training.batch);
  const auto first = static_cast<std::size_t>(cases.data() - validation_cases_.data());
  return batch(cases, std::span(validation_slices_).subspan(first, cases.size()));
}

}  // namespace thorax::learn
