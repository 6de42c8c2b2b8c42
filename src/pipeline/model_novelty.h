// A learned model's knowledge of its training pictures, as its folder holds it.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "evaluate/novelty.h"
#include "findings/scope.h"
#include "weights/manifest.h"

namespace thorax::pipeline {

class ModelNovelty {
 public:
  /// The output of a network whose rows are compared.
  static constexpr const char* kFeatures = "embedding";

  /// What the manifest's "novelty" names: {"file", "limit", "false_alarm_rate"}; nothing without.
  /// Throws Error: bad_model, bad_weights.
  static std::optional<ModelNovelty> load(const std::filesystem::path& folder,
                                          const weights::Manifest& manifest);

  /// Writes FOLDER/novelty.safetensors and puts it into the manifest (not yet on the disk). Throws
  /// Error("cannot_write"_code).
  void save(const std::filesystem::path& folder, weights::Manifest& manifest) const;

  /// Throws Error("bad_tensors"_code) for a row of another width.
  findings::Novelty of(std::span<const float> features) const;

  evaluate::FeatureCloud cloud;
  double limit = 0, false_alarm_rate = 0;  ///< as findings::Novelty has them
};

}  // namespace thorax::pipeline
