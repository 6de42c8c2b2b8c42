// A network that outlines organs on a CT, window by window, and a network that writes a draft of a
// report from what the first one saw.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/progress.h"
#include "engine/segmentation.h"
#include "findings/network_opinion.h"
#include "pipeline/learned_model.h"
#include "prepare/byte_bpe.h"
#include "prepare/segmentation_volume.h"
#include "report/result.h"
#include "volume/volume.h"

namespace thorax::pipeline {

/// The manifest's "preprocessing" and "sliding".
struct SegmentationUse {
  prepare::SegmentationVolumeOptions volume;
  prepare::SlidingOptions sliding;  ///< the window is the model's
  engine::BlendedValue blended = engine::BlendedValue::logits;
};

/// Throws Error("bad_model"_code) when an entry is absent or cannot be.
SegmentationUse segmentation_use(const weights::Manifest& manifest);

class CtSegmentation {
 public:
  CtSegmentation() = default;
  /// `writer` may have no runner; without `words` it says findings but writes nothing. Throws
  /// Error: bad_model, bad_tensors for models that cannot be used together.
  CtSegmentation(LearnedModel network, LearnedModel writer, std::optional<prepare::ByteBpe> words);
  /// Loads what options.ct_segmentation means, and the first installed writer (task "ct-report").
  /// Throws Error: no_models, bad_model, or what engine::load throws.
  static CtSegmentation load(const ModelOptions& options);

  bool empty() const { return !network_.runner; }
  std::uint64_t working_bytes() const;  ///< of one window, or of the writer
  std::vector<report::Provenance::Model> models() const;

  struct Seen {
    volume::Labels labels;  ///< on the CT's grid; 0 is the background
    report::OrganVolumes organs;
    std::optional<findings::NetworkOpinion> opinion;  ///< the writer's, of findings
    std::optional<report::ReportDraft> draft;
  };
  /// What a writer reads: the embedding of every visit of a window, in the plan's order.
  struct Patches {
    std::vector<float> values;  ///< [count, width]
    std::int64_t count = 0;
  };
  /// Of a CT in HU. Throws Error("bad_model"_code) for a network without embeddings.
  Patches patches(const volume::CtVolume& hu) const;
  /// Of the network that outlines.
  const weights::Manifest& manifest() const { return network_.manifest; }

  /// Outlines the organs of a CT in HU. Not for an empty one.
  Seen look(const volume::CtVolume& hu, const findings::Scorecard& scorecard,
            const Progress& progress) const;

 private:
  using Visited = std::map<prepare::Grid, std::vector<float>>;
  void run(const prepare::SegmentationVolume& volume, const prepare::SlidingPlan& plan,
           engine::SegmentationSteps steps, Visited* embeddings, const Progress& progress) const;
  void write(const std::vector<float>& embeddings, const findings::Scorecard& scorecard,
             Seen& seen) const;

  LearnedModel network_, writer_;
  SegmentationUse use_;
  std::optional<prepare::ByteBpe> words_;
};

}  // namespace thorax::pipeline
