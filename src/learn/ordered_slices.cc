#include "learn/ordered_slices.h"

#include <algorithm>
#include <cmath>

#include "learn/random.h"
#include "learn/tone.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kSets = 17, kSetOfEpoch = 18, kSetOfValidation = 19;

/// Slices first, first + step, … of a study.
struct Chosen {
  std::size_t first = 0, step = 1;
};

Chosen choose(std::size_t slices, double step_mm, const SliceOptions& options, Random& random) {
  const auto rises = static_cast<std::size_t>(options.count) - 1;
  const auto within = [&](double mm) {
    return std::clamp<std::size_t>(static_cast<std::size_t>(mm), 1, (slices - 1) / rises);
  };
  const std::size_t least = within(std::ceil(options.nearest / step_mm)),
                    most = std::max(least, within(std::floor(options.farthest / step_mm)));
  Chosen chosen;
  chosen.step = least + random.below(most - least + 1);
  chosen.first = random.below(slices - rises * chosen.step);
  return chosen;
}

double step_of(const weights::StateDict& tensors) {
  return *reinterpret_cast<const double*>(tensors.at(kSliceStep).data);
}

}  // namespace

bool enough_slices(const weights::StateDict& tensors, const SliceOptions& options) {
  return tensors.at(kSlices).shape[0] >= options.count;
}

OrderedSlices::OrderedSlices(const VolumeSet& set, const std::vector<Split>& splits,
                             const Options& options)
    : set_(set), options_(options), order_(set, splits, options) {}

std::int64_t OrderedSlices::steps_per_epoch() const {
  return steps_of(order_.length() * static_cast<std::size_t>(options_.slices.shown),
                  options_.training);
}

Batch OrderedSlices::batch(std::span<const std::size_t> cases, std::span<const std::uint64_t> draws,
                           bool changed) const {
  std::vector<float> values, gaps;
  std::size_t side = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const weights::StateDict& tensors = set_.tensors[cases[i]];
    const weights::Tensor& slices = tensors.at(kSlices);
    side = static_cast<std::size_t>(slices.shape[1]);
    Random random{draws[i]};
    const double step_mm = step_of(tensors);
    const Chosen chosen =
        choose(static_cast<std::size_t>(slices.shape[0]), step_mm, options_.slices, random);
    gaps.push_back(static_cast<float>(static_cast<double>(chosen.step) * step_mm));
    const auto* const all = reinterpret_cast<const float*>(slices.data);
    const std::size_t start = values.size(), area = side * side;
    for (std::size_t k = 0; k < static_cast<std::size_t>(options_.slices.count); ++k) {
      const float* const slice = all + (chosen.first + k * chosen.step) * area;
      values.insert(values.end(), slice, slice + area);
    }
    if (!changed) continue;
    const std::span<float> one = std::span(values).subspan(start);
    if (random.chance(options_.augment.flip)) mirror_sides(one, side, side);
    change_tone(one, options_.augment, -1, random);
  }
  Batch made;
  const auto count = static_cast<std::int64_t>(cases.size()),
             pixels = static_cast<std::int64_t>(side);
  made.inputs = weights::make_tensor({count, options_.slices.count, pixels, pixels}, values);
  made.gaps = weights::make_tensor({count}, gaps);
  made.even = options_.slices.even;
  return made;
}

Batch OrderedSlices::training(std::int64_t epoch, std::int64_t step) const {
  const auto number = static_cast<std::uint64_t>(epoch);
  const std::uint64_t seed = options_.training.seed;
  const auto shown = static_cast<std::size_t>(options_.slices.shown);
  const std::vector<std::size_t> order = order_.training(epoch);
  std::vector<std::size_t> items(order.size() * shown);
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = i;
  Random{seed, kSets, number}.shuffle(items);
  const StepPart part = step_part(items.size(), step, options_.training);
  std::vector<std::size_t> cases;
  std::vector<std::uint64_t> draws;
  for (std::size_t i = part.first; i < part.first + part.count; ++i) {
    cases.push_back(order[items[i] / shown]);
    draws.push_back(Random{seed, kSetOfEpoch, number, items[i]}.next());
  }
  Batch made = batch(cases, draws, true);
  made.whole = static_cast<std::int64_t>(part.whole);
  return made;
}

std::int64_t OrderedSlices::validation_steps() const {
  return batches_of(order_.validation().size() * static_cast<std::size_t>(options_.slices.shown),
                    options_.training.batch);
}

Batch OrderedSlices::validation(std::int64_t step) const {
  const auto shown = static_cast<std::size_t>(options_.slices.shown),
             size = static_cast<std::size_t>(options_.training.batch),
             all = order_.validation().size() * shown,
             first = static_cast<std::size_t>(step) * size;
  std::vector<std::size_t> cases;
  std::vector<std::uint64_t> draws;
  for (std::size_t i = first; i < std::min(all, first + size); ++i) {
    cases.push_back(order_.validation()[i / shown]);
    draws.push_back(Random{options_.training.seed, kSetOfValidation, i}.next());
  }
  return batch(cases, draws, false);
}

}  // namespace thorax::learn
