// A picture of a set as a batch holds it: at the size of the epoch, changed or not, standardised.
#pragma once

#include <cstdint>
#include <span>

#include "learn/options.h"
#include "learn/picture_set.h"
#include "learn/random.h"
#include "prepare/frame.h"

namespace thorax::learn {

/// Throws Error("bad_option"_code) when the pictures of the first epochs were to be larger than the
/// set's, or of another size than the only one that the network takes.
void require_first_size(const PictureSet& set, const Options& options);
/// Pixels a side of training's pictures in an epoch, counted from 0 (training.first_epochs).
int side_in(std::int64_t epoch, const PictureSet& set, const TrainingOptions& training);

/// Shares of the sides that are cut off at both ends.
struct Cut {
  double rows = 0, columns = 0;
};
/// augment.cut, the most of each class of the set. Throws Error("bad_option"_code) for what is no
/// JSON object of the set's classes with shares from 0 to 0.4.
std::vector<Cut> cuts_of(const AugmentOptions& augment, const std::vector<std::string>& classes);

/// Writes fp32 [size, size] of a frame of one picture.
void show(const PictureSet& set, std::size_t place, int size, const prepare::Frame& frame,
          std::span<float> out);
/// The same of the picture with its margins cut, in which the frame stays where it is in the body;
/// then as `augment` changes it, drawn from `random` alone.
void show_changed(const PictureSet& set, std::size_t place, int size, const prepare::Frame& frame,
                  const AugmentOptions& augment, Cut cut, Random random, std::span<float> out);

}  // namespace thorax::learn
