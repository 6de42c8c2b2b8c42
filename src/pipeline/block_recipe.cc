// Training of a network on whole volumes.
#include "base/error.h"
#include "pipeline/model_input.h"
#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class BlockRecipe final : public VolumeRecipe {
 public:
  explicit BlockRecipe(const learn::Options& training)
      : training_(training),
        config_(object_option("network.config", training.network.config)),
        preparation_(object_option("data.preparation", training.data.preparation)) {
    weights::Manifest manifest;
    manifest.name = training.run.name;
    manifest.json["preprocessing"] = preparation_;
    engine::FunctionInfo function;
    try {
      channels_ = config_.value("in_channels", std::int64_t{1});
      const auto sides = config_.at("volume").get<std::array<std::int64_t, 3>>();
      function.inputs = {
          {"volume", weights::DType::f32, {-1, channels_, sides[0], sides[1], sides[2]}}};
    } catch (const json::exception&) {
      throw Error("bad_option"_code, {{"option", "network.config"},
                                      {"value", training.network.config},
                                      {"hint", "{\"volume\": [128, 160, 160], …}"}});
    }
    block_ = block_options(manifest, function);
  }

  StudyNeeds needs() const override { return {.labels = true}; }
  std::string how() const override { return preparation_.dump() + config_.at("volume").dump(); }

  weights::StateDict prepare(const volume::CtVolume& hu,
                             const volume::CtVolume& /*outlines*/) const override {
    return learn::keep_block(prepare::prepare_ct_block(hu, block_));
  }

  void take(VolumeData& data) override { check_case_options(training_, data.set.exclusive); }

  json network_config(const learn::VolumeSet& set) const override {
    json config = config_;
    config["classes"] = set.classes.size();
    return config;
  }

  std::vector<std::string> classes(const learn::VolumeSet& set) const override {
    return set.classes;
  }

  std::unique_ptr<learn::Batches> batches(const learn::VolumeSet& set,
                                          const std::vector<learn::Split>& splits) const override {
    return std::make_unique<learn::BlockBatches>(set, splits, training_, channels_);
  }

  NewModel model() const override {
    return {"ct-volume-classification", {{"preprocessing", preparation_}}, {}};
  }

  void evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                const std::vector<learn::Split>& splits) const override {
    engine::RunOptions wanted;
    wanted.threads = training_.training.threads;
    const std::unique_ptr<engine::Runner> network = engine::load(model, wanted);
    const learn::BlockBatches batches(set, splits, training_, channels_);
    evaluate_cases(run, model, training_, set, splits, [&](const std::vector<std::size_t>& places) {
      std::vector<float> logits;
      for (const std::size_t place : places) {
        const std::vector<float> row =
            network->run({batches.inputs(std::vector{place})}).front().to_float();
        logits.insert(logits.end(), row.begin(), row.end());
      }
      return logits;
    });
  }

 private:
  const learn::Options& training_;
  json config_, preparation_;
  std::int64_t channels_ = 1;
  prepare::CtBlockOptions block_;
};

}  // namespace

std::unique_ptr<VolumeRecipe> block_recipe(const learn::Options& training) {
  return std::make_unique<BlockRecipe>(training);
}

}  // namespace thorax::pipeline
