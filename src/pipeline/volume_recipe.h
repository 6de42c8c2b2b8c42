// What the recipes on CT studies differ in.
#pragma once

#include "learn/trainer.h"
#include "pipeline/model_folder.h"
#include "pipeline/trained_head.h"
#include "pipeline/training_volumes.h"
#include "weights/manifest.h"

namespace thorax::pipeline {

/// One way to train on CT studies. Made from the options alone; the study's data come later.
class VolumeRecipe {
 public:
  virtual ~VolumeRecipe() = default;

  virtual StudyNeeds needs() const = 0;
  /// What of the options the prepared studies depend on.
  virtual std::string how() const = 0;
  virtual weights::StateDict prepare(const volume::CtVolume& hu,
                                     const volume::CtVolume& outlines) const = 0;
  /// Brings the data into the form that batches want and checks options that would only fail after
  /// the work.
  virtual void take(VolumeData& data) = 0;
  virtual nlohmann::json network_config(const learn::VolumeSet& set) const = 0;
  virtual std::vector<std::string> classes(const learn::VolumeSet& set) const = 0;
  virtual std::unique_ptr<learn::Batches> batches(
      const learn::VolumeSet& set, const std::vector<learn::Split>& splits) const = 0;
  virtual NewModel model() const = 0;
  /// Leaves in the run's folder what the model says of the studies that were kept back, and its
  /// card in the model's.
  virtual void evaluate(const std::filesystem::path& run, const std::filesystem::path& model,
                        const learn::VolumeSet& set,
                        const std::vector<learn::Split>& splits) const = 0;
};

std::unique_ptr<VolumeRecipe> slab_recipe(const learn::Options& training);
std::unique_ptr<VolumeRecipe> block_recipe(const learn::Options& training);
std::unique_ptr<VolumeRecipe> segmentation_recipe(const learn::Options& training);
std::unique_ptr<VolumeRecipe> pair_recipe(const learn::Options& training);
std::unique_ptr<VolumeRecipe> body_part_recipe(const learn::Options& training);
std::unique_ptr<VolumeRecipe> report_recipe(const learn::Options& training);

}  // namespace thorax::pipeline
