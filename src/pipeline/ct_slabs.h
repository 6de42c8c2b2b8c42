// The network in two and a half dimensions on a CT: slabs of slices, a score each, one for the
// series, and inside its uncertainty band the opinion of a network over the whole volume.
#pragma once

#include <optional>
#include <vector>

#include "base/progress.h"
#include "findings/network_opinion.h"
#include "pipeline/learned_model.h"
#include "prepare/slabs.h"
#include "report/result.h"
#include "volume/volume.h"

namespace thorax::pipeline {

/// The manifest's "series".
struct SlabUse {
  bool packs = false;  ///< slices side by side (prepare_packs), else averaged (prepare_slabs)
  prepare::SlabOptions slabs;
  int step = 1;      ///< between the slices that slabs are made around
  double share = 1;  ///< of the highest scores that make the series'
  findings::UncertaintyBand band;
};

/// Throws Error("bad_model"_code) when "series" is absent or an entry cannot be.
SlabUse slab_use(const weights::Manifest& manifest);

class CtSlabs {
 public:
  CtSlabs() = default;
  /// `second` may have no runner. Throws Error("bad_model"_code) for manifests that cannot be used.
  CtSlabs(LearnedModel network, LearnedModel second);
  /// Loads what options.ct_network means among networks over slabs, and for the second opinion the
  /// first installed network over volumes that has one class or two (normal, pathology). Empty
  /// where there is none. Throws Error: bad_model, or what engine::load throws.
  static CtSlabs load(const ModelOptions& options);

  bool empty() const { return !network_.runner; }
  std::uint64_t working_bytes() const;
  std::vector<report::Provenance::Model> models() const;

  /// The opinion on a CT in HU. Not for an empty one.
  findings::NetworkOpinion judge(const volume::CtVolume& hu, const Progress& progress) const;

 private:
  std::vector<double> scores(const volume::CtVolume& hu, const Progress& progress) const;
  double second_opinion(const volume::CtVolume& hu) const;

  LearnedModel network_, second_;
  SlabUse use_;
};

}  // namespace thorax::pipeline
