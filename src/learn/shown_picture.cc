#include "learn/shown_picture.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "learn/augment.h"
#include "prepare/picture_resize.h"

namespace thorax::learn {
namespace {

prepare::Picture at_size(const PictureSet& set, std::size_t place, int size) {
  const std::span<const std::uint8_t> levels = set.picture(place);
  prepare::Picture picture{.height = set.size,
                           .width = set.size,
                           .channels = 1,
                           .levels = {levels.begin(), levels.end()}};
  if (set.size == size) return picture;
  return prepare::resize(picture, size, size, prepare::Filter::bilinear);
}

Grey grey_of(const prepare::Picture& picture, const prepare::Frame& frame) {
  if (frame == prepare::Frame()) return to_grey(picture.levels, picture.width);
  return to_grey(prepare::framed(picture, frame, picture.width).levels, picture.width);
}

/// The frame of what is left of the picture, in its shares, around the same part of the body.
prepare::Frame after(Cut cut, const prepare::Frame& frame) {
  const double height = 1 - 2 * cut.rows, width = 1 - 2 * cut.columns;
  return {.top = (frame.top - cut.rows) / height,
          .left = (frame.left - cut.columns) / width,
          .height = frame.height / height,
          .width = frame.width / width};
}

/// What is left of the picture, as large as it was.
prepare::Picture trimmed(const prepare::Picture& picture, Cut cut) {
  return prepare::framed(picture,
                         {.top = cut.rows,
                          .left = cut.columns,
                          .height = 1 - 2 * cut.rows,
                          .width = 1 - 2 * cut.columns},
                         picture.width);
}

}  // namespace

void require_first_size(const PictureSet& set, const Options& options) {
  const TrainingOptions& training = options.training;
  if (training.first_epochs == 0 || training.first_size == set.size) return;
  const auto refuse = [&](const std::string& hint) {
    throw Error("bad_option"_code, {{"option", "training.first_size"},
                                    {"value", std::to_string(training.first_size)},
                                    {"hint", hint}});
  };
  if (training.first_size > set.size) refuse("at most data.size, " + std::to_string(set.size));
  // Its positions are as many as its patches.
  if (options.network.id == "vit" || options.network.id == "dinov2")
    refuse("training.first_epochs: 0; a " + options.network.id + " takes pictures of one size");
}

int side_in(std::int64_t epoch, const PictureSet& set, const TrainingOptions& training) {
  return epoch < training.first_epochs ? training.first_size : set.size;
}

std::vector<Cut> cuts_of(const AugmentOptions& options, const std::vector<std::string>& classes) {
  using nlohmann::json;
  const auto refuse = [&](const std::string& hint) {
    throw Error("bad_option"_code,
                {{"option", "augment.cut"}, {"value", options.cut}, {"hint", hint}});
  };
  const json example = {{classes.front(), {{"rows", 0.1}, {"columns", 0.05}}}};
  const json given = json::parse(options.cut, nullptr, /*allow_exceptions=*/false);
  if (!given.is_object()) refuse(example.dump());
  std::vector<Cut> cuts(classes.size());
  for (const auto& [name, shares] : given.items()) {
    const auto known = std::ranges::find(classes, name);
    if (known == classes.end() || !shares.is_object()) refuse(example.dump());
    Cut& cut = cuts[static_cast<std::size_t>(known - classes.begin())];
    for (const auto& [side, share] : shares.items()) {
      if (side != "rows" && side != "columns") refuse(example.dump());
      if (!share.is_number() || share < 0 || share > 0.4) refuse(side + ": 0 … 0.4");
      (side == "rows" ? cut.rows : cut.columns) = share;
    }
  }
  return cuts;
}

void show(const PictureSet& set, std::size_t place, int size, const prepare::Frame& frame,
          std::span<float> out) {
  finish(grey_of(at_size(set, place, size), frame), {.size = size}, out);
}

void show_changed(const PictureSet& set, std::size_t place, int size, const prepare::Frame& frame,
                  const AugmentOptions& options, Cut cut, Random random, std::span<float> out) {
  prepare::Picture picture = at_size(set, place, size);
  prepare::Frame shown = frame;
  if (cut.rows > 0 || cut.columns > 0) {
    picture = trimmed(picture, cut);
    if (frame != prepare::Frame()) shown = after(cut, frame);
  }
  Grey grey = grey_of(picture, shown);
  augment(grey, options, random);
  finish(grey, {.size = size}, out);
}

}  // namespace thorax::learn
