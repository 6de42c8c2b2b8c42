#include "learn/batches.h"

#include <algorithm>

#include "base/error.h"
#include "learn/mix.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kOrder = 1, kPicture = 2, kCut = 3, kMix = 4;

}  // namespace

PictureBatches::PictureBatches(const PictureSet& set, const std::vector<Split>& splits,
                               const Options& options, std::vector<prepare::Frame> frames)
    : set_(set), options_(options), frames_(std::move(frames)), train_(set.classes.size()) {
  require_first_size(set, options);
  cuts_ = cuts_of(options.augment, set.classes);
  std::vector<bool> validated(set.classes.size());
  for (std::size_t i = 0; i < set.count(); ++i) {
    const auto label = static_cast<std::size_t>(set.labels[i]);
    if (splits[i] == Split::train) train_[label].push_back(i);
    if (splits[i] != Split::validation) continue;
    validation_.push_back(i);
    validated[label] = true;
  }
  for (std::size_t label = 0; label < train_.size(); ++label) {
    if (train_[label].empty() || !validated[label])
      throw Error("bad_training_data"_code,
                  {{"path", options.data.source},
                   {"detail", "too few patients with " + set.classes[label]}});
    epoch_length_ += train_[label].size();
  }
}

std::int64_t PictureBatches::steps_per_epoch() const {
  return steps_of(epoch_length_, options_.training);
}

std::vector<std::size_t> PictureBatches::order(std::int64_t epoch) const {
  const std::uint64_t seed = options_.training.seed, number = static_cast<std::uint64_t>(epoch);
  std::vector<std::size_t> places;
  for (std::size_t label = 0; label < train_.size(); ++label) {
    std::vector<std::size_t> own = train_[label];
    const std::size_t wanted = options_.data.balance ? epoch_length_ / train_.size() : own.size();
    Random random{seed, kOrder, number, label};
    random.shuffle(own);
    for (std::size_t i = 0; i < wanted; ++i) places.push_back(own[i % own.size()]);
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
