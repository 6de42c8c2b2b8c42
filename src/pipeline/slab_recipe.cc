// Training of a network in two and a half dimensions.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "pipeline/ct_slabs.h"
#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class SlabRecipe final : public VolumeRecipe {
 public:
  explicit SlabRecipe(const learn::Options& training) : training_(training) {
    weights::Manifest manifest;
    manifest.name = training.run.name;
    manifest.json["series"] = series_ = object_option("data.series", training.data.series);
    use_ = slab_use(manifest);
    use_.slabs.size = training.data.size;
  }

  StudyNeeds needs() const override { return {.labels = true}; }
  std::string how() const override { return "hounsfield"; }

  weights::StateDict prepare(const volume::CtVolume& hu,
                             const volume::CtVolume& /*outlines*/) const override {
    return learn::keep_hounsfield(hu);
  }

  /// Two classes become one question: whether the second holds.
  void take(VolumeData& data) override {
    learn::VolumeSet& set = data.set;
    if (set.exclusive) {
      std::vector<std::uint8_t> truth;
      for (std::size_t i = 0; i < set.count(); ++i) truth.push_back(set.label(i) == 1 ? 1 : 0);
      set.truth = std::move(truth);
      set.classes = {set.classes.back()};
      set.exclusive = false;
    }
    if (set.classes.size() != 1)
      throw Error("bad_training_data"_code,
                  {{"path", training_.data.table},
                   {"detail", std::to_string(set.classes.size()) + " questions, not 1"}});
    check_case_options(training_, set.exclusive);
  }

  json network_config(const learn::VolumeSet& /*set*/) const override {
    json config = object_option("network.config", training_.network.config);
    config["channels"] =
        static_cast<int>(use_.slabs.windows.size()) * (use_.packs ? use_.slabs.neighbours : 1);
    config["image_size"] = training_.data.size;
    return config;
  }

  std::vector<std::string> classes(const learn::VolumeSet& set) const override {
    return set.classes;
  }

  std::unique_ptr<learn::Batches> batches(const learn::VolumeSet& set,
                                          const std::vector<learn::Split>& splits) const override {
    return std::make_unique<learn::SlabBatches>(
        set, splits, training_,
        learn::SlabPlan{use_.packs, use_.slabs, use_.step, training_.data.slabs});
  }

  NewModel model() const override { return {"ct-slab-classification", {{"series", series_}}, {}}; }

  /// As a study is read: the series' score from those of its slabs.
  void evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                const std::vector<learn::Split>& splits) const override {
    engine::RunOptions wanted;
    wanted.threads = training_.training.threads;
    LearnedModel network;
    network.manifest = weights::load_manifest(model);
    network.runner = engine::load(model, wanted);
    const CtSlabs slabs(std::move(network), {});
    evaluate_cases(run, model, training_, set, splits, [&](const std::vector<std::size_t>& places) {
      std::vector<float> logits;
      for (const std::size_t place : places) {
        const double score =
            std::clamp(slabs.judge(learn::hounsfield_of(set.tensors[place]), {}).series->first,
                       1e-7, 1 - 1e-7);
        logits.push_back(static_cast<float>(std::log(score / (1 - score))));
      }
      return logits;
    });
  }

 private:
  const learn::Options& training_;
  json series_;
  SlabUse use_;
};

}  // namespace

std::unique_ptr<VolumeRecipe> slab_recipe(const learn::Options& training) {
  return std::make_unique<SlabRecipe>(training);
}

}  // namespace thorax::pipeline
