#include "learn/framing.h"

#include <algorithm>

#include "base/parallel.h"
#include "learn/random.h"

namespace thorax::learn {
namespace {

constexpr std::size_t kPicturesOfClass = 250, kAtATime = 16;
// What random numbers are drawn for.
constexpr std::uint64_t kAtlas = 9;

prepare::Picture picture_of(const PictureSet& set, std::size_t place) {
  const std::span<const std::uint8_t> levels = set.picture(place);
  return {.height = set.size,
          .width = set.size,
          .channels = 1,
          .levels = {levels.begin(), levels.end()}};
}

}  // namespace

std::shared_ptr<const prepare::ChestAtlas> atlas_of(const PictureSet& set,
                                                    const std::vector<Split>& splits,
                                                    std::uint64_t seed) {
  std::vector<std::vector<std::size_t>> places(set.classes.size());
  for (std::size_t i = 0; i < set.count(); ++i)
    if (splits[i] == Split::train) places[static_cast<std::size_t>(set.labels[i])].push_back(i);
  std::size_t each = kPicturesOfClass;
  for (const std::vector<std::size_t>& own : places)
    if (!own.empty()) each = std::min(each, own.size());
  std::vector<prepare::Picture> pictures;
  for (std::size_t label = 0; label < places.size(); ++label) {
    Random{seed, kAtlas, label}.shuffle(places[label]);
    for (std::size_t i = 0; i < std::min(each, places[label].size()); ++i)
      pictures.push_back(picture_of(set, places[label][i]));
  }
  return std::make_shared<prepare::ChestAtlas>(prepare::make_atlas(pictures));
}

std::vector<prepare::Frame> frames_of(const PictureSet& set, const prepare::ChestAtlas& atlas) {
  std::vector<prepare::Frame> frames(set.count());
  parallel_for(frames.size(), kAtATime, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      frames[i] = prepare::find_chest(picture_of(set, i), atlas);
  });
  return frames;
}

}  // namespace thorax::learn
