// From CT studies and a table to the set that the recipes on volumes are trained on.
#pragma once

#include "base/progress.h"
#include "intake/limits.h"
#include "learn/volume_set.h"

namespace thorax::pipeline {

/// What a recipe needs of a study besides the CT.
struct StudyNeeds {
  bool labels = false;  ///< of the table's label columns
  bool masks = false;   ///< outlines, on the CT's grid
  bool texts = false;
};

/// What is kept of a study, from its CT in HU and, where wanted, the outlines on its grid (else
/// empty).
using PrepareStudy =
    std::function<weights::StateDict(const volume::CtVolume& hu, const volume::CtVolume& outlines)>;

struct VolumeData {
  learn::VolumeSet set;
  std::vector<std::string> texts;  ///< one a case, where wanted
  std::size_t unlabelled = 0;      ///< rows with an empty label, mask or text
  std::string hash;                ///< sha256 over everything
};

/// Reads the studies of data.table (columns data.path_column, …; paths below data.source), in the
/// order of their paths. Each is decoded once, its chosen series, and what `prepare` makes of it is
/// kept in `cache`, a folder; a file of the same study made in the same way (`how`) is read
/// instead. Throws Error: no_such_input, bad_training_data, and what Source throws.
VolumeData read_volumes(const learn::DataOptions& data, const StudyNeeds& needs,
                        const std::string& how, const PrepareStudy& prepare,
                        const std::filesystem::path& cache, const intake::Limits& limits,
                        const Progress& progress);

}  // namespace thorax::pipeline
