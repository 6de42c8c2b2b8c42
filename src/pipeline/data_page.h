// A page that shows the pictures of a training set.
#pragma once

#include <filesystem>
#include <string>

#include "base/progress.h"
#include "intake/limits.h"
#include "learn/picture_set.h"

namespace thorax::pipeline {

struct DataPage {
  std::string html;
  std::size_t pictures = 0, alike = 0, outliers = 0;  ///< `alike`: groups
};

/// What a set's small pictures have to do with one another.
struct Likeness {
  std::vector<std::vector<std::size_t>> groups;  ///< of pictures that are alike, by their places
  std::vector<std::size_t> outliers;             ///< the farthest first
};

/// Pictures are compared by the correlation of their grey levels at 16 x 16. Alike: above 0.995.
/// Outliers: whose mean correlation with their five nearest pictures is lower than the set's median
/// by more than six median absolute deviations (1.4826 of them are a standard deviation).
Likeness compare_pictures(const learn::PictureSet& set);

/// Every picture of a folder or archive in small, by class and split as `table` (columns path,
/// class and split; the last two may be absent) or, without one, its folder says; groups of
/// pictures that are alike first, with a word where they are in different splits or classes, then
/// outliers. Not more than 400 pictures a class are shown. Throws Error: no_such_input,
/// bad_training_data, and what Source throws.
DataPage browse_pictures(const std::filesystem::path& folder, const std::filesystem::path& table,
                         const intake::Limits& limits, const Progress& progress);

}  // namespace thorax::pipeline
