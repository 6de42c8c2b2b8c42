#include "learn/batches.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "base/error.h"
#include "learn/mix.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kOrder = 1, kPicture = 2, kCut = 3, kMix = 4;

/// How many of `wanted` pictures each group shows: in proportion to n^(1 - balance), the rest by
/// the largest remainders, of equal ones the first.
std::vector<std::size_t> shares(const std::vector<std::vector<std::size_t>>& groups,
                                std::size_t wanted, double balance) {
  std::vector<double> exact;
  for (const auto& places : groups)
    exact.push_back(std::pow(static_cast<double>(places.size()), 1 - balance));
  const double all = std::accumulate(exact.begin(), exact.end(), 0.0);
  std::vector<std::size_t> shown, by_remainder(groups.size());
  for (double& share : exact) {
    share *= static_cast<double>(wanted) / all;
    shown.push_back(static_cast<std::size_t>(share));
    share -= std::floor(share);
  }
  std::iota(by_remainder.begin(), by_remainder.end(), std::size_t{0});
  std::ranges::stable_sort(by_remainder, std::ranges::greater(),
                           [&](std::size_t group) { return exact[group]; });
  const std::size_t given = std::accumulate(shown.begin(), shown.end(), std::size_t{0});
  for (std::size_t i = 0; i < wanted - given; ++i) ++shown[by_remainder[i]];
  return shown;
}

}  // namespace

PictureBatches::PictureBatches(const PictureSet& set, const std::vector<Split>& splits,
                               const Options& options, std::vector<prepare::Frame> frames)
    : set_(set), options_(options), frames_(std::move(frames)), train_(set.classes.size()) {
  require_first_size(set, options);
  cuts_ = cuts_of(options.augment, set.classes);
  std::vector<bool> validated(set.classes.size());
  std::vector<std::map<std::string, std::vector<std::size_t>>> groups(set.classes.size());
  for (std::size_t i = 0; i < set.count(); ++i) {
    const auto label = static_cast<std::size_t>(set.labels[i]);
    if (splits[i] == Split::train)
      groups[label][set.groups.empty() ? "" : set.groups[i]].push_back(i);
    if (splits[i] != Split::validation) continue;
    validation_.push_back(i);
    validated[label] = true;
  }
  for (std::size_t label = 0; label < train_.size(); ++label) {
    if (groups[label].empty() || !validated[label])
      throw Error("bad_training_data"_code,
                  {{"path", options.data.source},
                   {"detail", "too few patients with " + set.classes[label]}});
    for (auto& [name, places] : groups[label]) {
      epoch_length_ += places.size();
      train_[label].places.push_back(std::move(places));
    }
  }
  for (Sampled& own : train_) {
    std::size_t wanted = epoch_length_ / train_.size();
    if (!options.data.balance)
      wanted = std::accumulate(own.places.begin(), own.places.end(), std::size_t{0},
                               [](std::size_t sum, const auto& part) { return sum + part.size(); });
    own.shown = shares(own.places, wanted, options.data.group_balance);
  }
}

std::int64_t PictureBatches::steps_per_epoch() const {
  return steps_of(epoch_length_, options_.training);
}

std::vector<std::size_t> PictureBatches::order(std::int64_t epoch) const {
  const std::uint64_t seed = options_.training.seed, number = static_cast<std::uint64_t>(epoch);
  std::vector<std::size_t> places;
  for (std::size_t label = 0; label < train_.size(); ++label) {
    Random random{seed, kOrder, number, label};
    for (std::size_t group = 0; group < train_[label].places.size(); ++group) {
      std::vector<std::size_t> own = train_[label].places[group];
      random.shuffle(own);
      for (std::size_t i = 0; i < train_[label].shown[group]; ++i)
        places.push_back(own[i % own.size()]);
    }
  }
  Random random{seed, kOrder, number, train_.size()};
  random.shuffle(places);
  return places;
}

Cut PictureBatches::draw_cut(int label, std::uint64_t epoch, std::uint64_t which) const {
  const Cut most = cuts_[static_cast<std::size_t>(label)];
  Random random{options_.training.seed, kCut, epoch, which};
  return {random.uniform(0, most.rows), random.uniform(0, most.columns)};
}

Batch PictureBatches::batch(std::span<const std::size_t> places, int size, std::uint64_t epoch,
                            std::uint64_t first, bool augmented) const {
  const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  std::vector<float> values(places.size() * pixels);
  Batch batch;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto out = std::span(values).subspan(i * pixels, pixels);
    const int label = set_.labels[places[i]];
    const prepare::Frame frame = frames_.empty() ? prepare::Frame() : frames_[places[i]];
    if (augmented)
      show_changed(set_, places[i], size, frame, options_.augment,
                   draw_cut(label, epoch, first + i),
                   Random{options_.training.seed, kPicture, epoch, first + i}, out);
    else
      show(set_, places[i], size, frame, out);
    batch.labels.push_back(label);
  }
  batch.inputs =
      weights::make_tensor({static_cast<std::int64_t>(places.size()), 1, size, size}, values);
  return batch;
}

Batch PictureBatches::training(std::int64_t epoch, std::int64_t step) const {
  const std::vector<std::size_t> places = order(epoch);
  const StepPart part = step_part(places.size(), step, options_.training);
  Batch made = batch(std::span(places).subspan(part.first, part.count),
                     side_in(epoch, set_, options_.training), static_cast<std::uint64_t>(epoch),
                     part.first, true);
  made.whole = static_cast<std::int64_t>(part.whole);
  if (options_.training.mix > 0)
    mix(made, options_.training.mix,
        Random{options_.training.seed, kMix, static_cast<std::uint64_t>(epoch), part.first});
  return made;
}

std::int64_t PictureBatches::validation_steps() const {
  return batches_of(validation_.size(), options_.training.batch);
}

Batch PictureBatches::validation(std::int64_t step) const {
  return batch(part_of(validation_, step, options_.training.batch), set_.size, 0, 0, false);
}

}  // namespace thorax::learn
