// Studies of drawn chests in a folder, and training on them by the shipped configurations.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "findings/scorecard.h"
#include "intake/phantom_nifti.h"
#include "intake/phantom_output.h"
#include "pipeline/models.h"
#include "pipeline/train.h"
#include "support/temporary_folder.h"
#include "training/drawn_chests.h"
#include "weights/manifest.h"

namespace thorax::testing_support {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

inline std::string study_name(int number) {
  return "s" + std::to_string(100 + number) + ".nii.gz";
}

/// Every second one is sick, on the left and on the right in turn.
inline DrawnOpacity opacity_of(int number) {
  if (number % 2 == 0) return DrawnOpacity::none;
  return number % 4 == 1 ? DrawnOpacity::left : DrawnOpacity::right;
}

/// So many voxels along the body at least: with 80, two windows of 64.
inline std::string six_millimetres(int long_side) {
  return R"({"spacing_mm": [6, 6, 6], "low": -1000, "high": 400, "padded_to": [64, 64, )" +
         std::to_string(long_side) + "]}";
}

/// A small SwinUNETR that outlines lungs, with windows of 64 over studies of so many voxels.
inline Words small_outliner(int long_side) {
  return {
      "data.classes=background,lung",
      "data.preparation=" + six_millimetres(long_side),
      "data.sliding.repeat_last=false",
      "network.config={\"in_channels\": 2, \"feature_size\": 6, \"window\": 64, \"depths\": [1, "
      "1, 1, 1], \"heads\": [1, 2, 3, 6]}",
      "crop.count=1",
      "crop.affine=0",
      "crop.turn=0",
      "crop.flip=0",
      "training.rate=0.01",
      "training.schedule=one_cycle",
      "training.warm_up=1"};
}

class TrainVolumes : public testing::Test {
 protected:
  void draw(int number, DrawnOpacity opacity) const {
    write_chest(number, draw_chest(number, opacity));
  }
  void write_chest(int number, const DrawnChest& chest) const {
    fs::create_directories(folder / "studies");
    const auto write = [&](const std::string& name, const auto& volume) {
      intake::write_phantom_file(folder / "studies" / name, intake::encode_nifti(volume, true));
    };
    write(study_name(number), chest.hu);
    write("m" + study_name(number), chest.outlines);
  }
  /// So many studies and the table of what they are.
  void draw_studies(int count) const {
    std::ofstream csv(folder / "labels.csv");
    csv << "path,status\n";
    for (int i = 0; i < count; ++i) {
      draw(i, opacity_of(i));
      csv << study_name(i) << ',' << (i % 2 == 0 ? "normal" : "pathology") << '\n';
    }
  }

  pipeline::TrainingRun train(const std::string& config, Words words) const {
    words.insert(words.begin(), {"data.source=" + (folder / "studies").string(),
                                 "data.table=" + (folder / "labels.csv").string(),
                                 "data.classes=normal,pathology", "run.folder=" + run().string(),
                                 "run.licence=CC0-1.0", "data.validation=0.25", "data.test=0.25"});
    learn::Options options;
    Settings settings;
    learn::add_settings(settings, options);
    settings.load_file(THORAX_SOURCE_DIR "/configs/" + config);
    for (const std::string& word : words) settings.apply(word);
    return pipeline::train(options, settings.to_yaml(Language::en), {}, {}, {});
  }
  fs::path run() const { return folder / "run"; }
  /// AUROC of the test split, as the model's manifest has it.
  double auroc(const std::string& model, const std::string& name) const {
    return weights::load_manifest(run() / model)
        .json.at("metrics")
        .at("test")
        .at("classes")
        .at(name)
        .at("auroc")
        .at("value")
        .get<double>();
  }
  /// Where a report's networks are looked for.
  pipeline::ModelOptions models() const {
    pipeline::ModelOptions options;
    options.folder = run().string();
    return options;
  }

  static const findings::Scorecard& scorecard() {
    static const findings::Scorecard known =
        findings::load_scorecard(THORAX_SOURCE_DIR "/models/ct-quantitative");
    return known;
  }

  TemporaryFolder folder;
};

}  // namespace thorax::testing_support
