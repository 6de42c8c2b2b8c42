#include "learn/view_batches.h"

#include "base/error.h"
#include "learn/shown_picture.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kOrder = 8, kView = 9, kKeptView = 10;

}  // namespace

ViewBatches::ViewBatches(const PictureSet& set, const std::vector<Split>& splits,
                         const Options& options)
    : set_(set), options_(options) {
  require_first_size(set, options);
  for (std::size_t i = 0; i < set.count(); ++i) {
    if (splits[i] == Split::train) train_.push_back(i);
    if (splits[i] == Split::validation) validation_.push_back(i);
  }
  for (const auto* places : {&train_, &validation_})
    if (places->size() < 2)
      throw Error("bad_training_data"_code,
                  {{"path", options.data.source},
                   {"detail", "too few patients: pictures are told apart from one another"}});
}

std::int64_t ViewBatches::steps_per_epoch() const {
  return steps_of(train_.size(), options_.training);
}

Batch ViewBatches::batch(std::span<const std::size_t> places, int size, std::uint64_t purpose,
                         std::uint64_t epoch, std::uint64_t first) const {
  const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  Batch made;
  std::uint64_t which = 0;
  for (weights::Tensor* views : {&made.inputs, &made.views}) {
    std::vector<float> values(places.size() * pixels);
    for (std::size_t i = 0; i < places.size(); ++i)
      show_changed(set_, places[i], size, /*frame=*/{}, options_.augment,
                   /*cut=*/{}, Random{options_.training.seed, purpose, epoch, first + i, which},
                   std::span(values).subspan(i * pixels, pixels));
    *views =
        weights::make_tensor({static_cast<std::int64_t>(places.size()), 1, size, size}, values);
    ++which;
  }
  return made;
}

Batch ViewBatches::training(std::int64_t epoch, std::int64_t step) const {
  std::vector<std::size_t> places = train_;
  const auto number = static_cast<std::uint64_t>(epoch);
  Random{options_.training.seed, kOrder, number}.shuffle(places);
  const StepPart part = step_part(places.size(), step, options_.training);
  Batch made = batch(std::span(places).subspan(part.first, part.count),
                     side_in(epoch, set_, options_.training), kView, number, part.first);
  made.whole = static_cast<std::int64_t>(part.whole);
  return made;
}

std::int64_t ViewBatches::validation_steps() const {
  return batches_of(validation_.size(), options_.training.batch);
}

Batch ViewBatches::kept(std::span<const std::size_t> places, std::size_t first) const {
  return batch(places, set_.size, kKeptView, 0, first);
}

Batch ViewBatches::validation(std::int64_t step) const {
  const auto size = static_cast<std::size_t>(options_.training.batch);
  return kept(part_of(validation_, step, options_.training.batch),
              static_cast<std::size_t>(step) * size);
}

}  // namespace thorax::learn
