// The learned network that judges radiographs.
#pragma once

#include <memory>

#include "base/progress.h"
#include "findings/picture_verdict.h"
#include "pipeline/embedding_index.h"
#include "pipeline/learned_model.h"
#include "pipeline/model_input.h"
#include "pipeline/model_novelty.h"
#include "pipeline/occlusion.h"
#include "report/result.h"

namespace thorax::pipeline {

/// What a network says of one radiograph.
struct XrayAnswer {
  std::vector<double> logits;
  /// Log-odds of pathology that the picture loses with each of its parts (occlusion.h); none of a
  /// picture that is unlike those of training.
  std::optional<OcclusionMap> heat;
  ModelInput::Part seen;  ///< the part of the picture that the heat map covers
  /// From models that know their training pictures.
  std::optional<findings::Novelty> novelty;
  std::optional<CaseEmbedding> embedding;  ///< from models that make one
};

/// A model for radiographs, chosen when the program starts and loaded when the first radiograph
/// comes: a batch of CT never waits for it.
class XrayNetwork {
 public:
  /// Finds what `options.xray` names or, with "auto", the first installed model by name that tells
  /// classes of radiographs apart and knows which one is normal. Empty without one. Throws Error:
  /// no_models when a named one is absent, bad_model when it does not serve.
  static XrayNetwork choose(const ModelOptions& options);

  bool empty() const { return !loaded_; }
  /// Its weights too, as long as they are not loaded.
  std::uint64_t working_bytes() const;
  const findings::PictureModel& model() const { return model_; }
  /// Name, version and hash, for the report.
  report::Provenance::Model provenance() const;

  /// Not for several threads at once. `stretched`: its values are of any range, not levels of 0 …
  /// 255. Throws Error: what engine::load and Runner::run throw, no_numbers, bad_network_input.
  XrayAnswer judge(const volume::Image& image, bool stretched, bool heat_map,
                   const Progress& progress) const;

  /// Judges with a network that is there already.
  XrayNetwork(LearnedModel network, findings::PictureModel model,
              std::optional<ModelNovelty> novelty = {});
  XrayNetwork() = default;

 private:
  struct Loaded {
    std::filesystem::path folder;
    engine::RunOptions run;
    LearnedModel network;  ///< the runner is null until the first radiograph
    std::optional<ModelNovelty> novelty;
  };

  findings::PictureModel model_;
  std::shared_ptr<Loaded> loaded_;
};

}  // namespace thorax::pipeline
