// Body Part Regression on a CT, beside the chest gate.
#pragma once

#include <optional>

#include "base/progress.h"
#include "pipeline/learned_model.h"
#include "quality/body_part_gate.h"
#include "report/result.h"
#include "volume/volume.h"

namespace thorax::pipeline {

class CtBodyPart {
 public:
  CtBodyPart() = default;
  /// A network that gives one score a slice. Of its manifest "slice_distance_mm" (5) is read: of
  /// thinner slices every n-th is shown to the network.
  CtBodyPart(LearnedModel network, quality::BodyPartReference reference);
  /// Loads what options.ct_body_part means; empty where there is none. Throws Error: no_models,
  /// bad_model (also when inference-settings.json is absent), or what engine::load throws.
  static CtBodyPart load(const ModelOptions& options);

  bool empty() const { return !network_.runner; }
  std::uint64_t working_bytes() const;
  /// For the report's provenance. Not for an empty one.
  report::Provenance::Model model() const;

  /// Asks the network about a volume in HU that stands feet first. Nothing for an empty one.
  std::optional<quality::BodyPartOpinion> look(const volume::CtVolume& hu,
                                               const Progress& progress) const;

 private:
  LearnedModel network_;
  quality::BodyPartReference reference_;
};

/// What the report says of it; `agrees`: nothing had to be said against the gate.
report::BodyPartRow body_part_row(const quality::BodyPartOpinion& opinion, bool agrees);

}  // namespace thorax::pipeline
