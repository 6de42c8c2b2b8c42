// Training of a network that outlines organs.
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "learn/crop_batches.h"
#include "learn/listed.h"
#include "learn/table.h"
#include "pipeline/ct_segmentation.h"
#include "pipeline/training_labels.h"
#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr const char* kOutlines = "outlines";  ///< u8 [z, y, x], on the CT's grid

[[noreturn]] void refuse(const char* option, const std::string& value, const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

weights::Tensor bytes_tensor(std::vector<std::int64_t> shape,
                             std::span<const std::uint8_t> values) {
  const std::span<const std::byte> bytes = std::as_bytes(values);
  return weights::make_tensor(weights::DType::u8, std::move(shape), {bytes.begin(), bytes.end()});
}

/// Voxels of every class: of both, as the network says, in truth.
struct Overlap {
  double both = 0, said = 0, truly = 0;
  double dice() const { return said + truly > 0 ? 2 * both / (said + truly) : std::nan(""); }
};

std::vector<Overlap> overlaps(std::span<const std::uint8_t> said,
                              std::span<const std::uint8_t> truth, std::size_t classes) {
  std::vector<Overlap> found(classes);
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (said[i] < classes) ++found[said[i]].said;
    if (truth[i] < classes) ++found[truth[i]].truly;
    if (said[i] == truth[i] && said[i] < classes) ++found[said[i]].both;
  }
  return found;
}

std::string number(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  return text.data();
}

class SegmentationRecipe final : public VolumeRecipe {
 public:
  explicit SegmentationRecipe(const learn::Options& training)
      : training_(training),
        config_(object_option("network.config", training.network.config)),
        classes_(learn::listed(training.data.classes)) {
    if (classes_.size() < 2) refuse("data.classes", training.data.classes, "background, lung, …");
    if (training.training.loss != "dice") refuse("training.loss", training.training.loss, "dice");
    use_json_ = {{"preprocessing", object_option("data.preparation", training.data.preparation)},
                 {"sliding", object_option("data.sliding", training.data.sliding)}};
    weights::Manifest manifest;
    manifest.name = training.run.name;
    manifest.json = use_json_;
    use_ = segmentation_use(manifest);
    const auto side = config_.value("window", std::int64_t{96});
    size_ = {side, side, side};
    channels_ = config_.value("in_channels", std::int64_t{1});
  }

  StudyNeeds needs() const override { return {.masks = true}; }
  std::string how() const override { return use_json_.at("preprocessing").dump() + config_.dump(); }

  weights::StateDict prepare(const volume::CtVolume& hu,
                             const volume::CtVolume& outlines) const override {
    const prepare::SegmentationVolume volume(hu, use_.volume);
    const prepare::Grid& size = volume.size();
    weights::StateDict tensors = learn::keep_hounsfield(hu);
    const std::vector<std::int64_t> shape{size[0], size[1], size[2]};
    tensors[learn::kValues] =
        weights::make_tensor(shape, {volume.values().begin(), volume.values().end()});
    tensors[learn::kClasses] = bytes_tensor(shape, volume.of_ct(outlines));
    std::vector<float> whole(static_cast<std::size_t>(prepare::count_of(size_)));
    prepare::resize_trilinear(volume.values(), size, size_, whole);
    tensors[learn::kWhole] = weights::make_tensor({size_[0], size_[1], size_[2]}, whole);
    std::vector<std::uint8_t> labels;
    for (const std::int16_t label : outlines.voxels())
      labels.push_back(static_cast<std::uint8_t>(std::clamp<int>(label, 0, 255)));
    tensors[kOutlines] = bytes_tensor({hu.shape().z, hu.shape().y, hu.shape().x}, labels);
    learn::add_places(tensors);
    return tensors;
  }

  /// Labels that are no class would have no place in the loss.
  void take(VolumeData& data) override {
    for (std::size_t i = 0; i < data.set.count(); ++i)
      for (const std::byte label : data.set.tensors[i].at(learn::kClasses).bytes())
        if (std::to_integer<std::size_t>(label) >= classes_.size())
          throw Error("bad_training_data"_code,
                      {{"path", data.set.ids[i]},
                       {"detail", "label " + std::to_string(std::to_integer<int>(label)) +
                                      " is none of data.classes"}});
  }

  json network_config(const learn::VolumeSet& /*set*/) const override {
    json config = config_;
    config["classes"] = classes_.size();
    if (!config.contains("patch_merging")) config["patch_merging"] = "monai_1_4";
    return config;
  }

  std::vector<std::string> classes(const learn::VolumeSet& /*set*/) const override {
    return classes_;
  }

  std::unique_ptr<learn::Batches> batches(const learn::VolumeSet& set,
                                          const std::vector<Split>& splits) const override {
    return std::make_unique<learn::CropBatches>(set, splits, training_, channels_, size_);
  }

  NewModel model() const override { return {"ct-segmentation", use_json_, {}}; }

  void evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                const std::vector<Split>& splits) const override;

 private:
  const learn::Options& training_;
  json config_, use_json_;
  std::vector<std::string> classes_;
  SegmentationUse use_;
  prepare::Grid size_{};
  std::int64_t channels_ = 1;
};

/// dice.csv: the studies that were kept back, outlined as a study is that is read.
void SegmentationRecipe::evaluate(const fs::path& run, const fs::path& model,
                                  const learn::VolumeSet& set,
                                  const std::vector<Split>& splits) const {
  engine::RunOptions wanted;
  wanted.threads = training_.training.threads;
  LearnedModel loaded;
  loaded.manifest = weights::load_manifest(model);
  loaded.runner = engine::load(model, wanted);
  weights::Manifest manifest = loaded.manifest;
  const CtSegmentation network(std::move(loaded), {}, {});
  std::string csv = "study_id,patient_id,split";
  for (std::size_t k = 1; k < classes_.size(); ++k)
    csv += "," + learn::table_field("dice_" + classes_[k]);
  csv += '\n';
  std::map<Split, std::vector<std::vector<double>>> dice;  // by class
  for (std::size_t i = 0; i < set.count(); ++i) {
    if (splits[i] == Split::train) continue;
    const CtSegmentation::Seen seen = network.look(learn::hounsfield_of(set.tensors[i]), {}, {});
    const weights::Tensor& truth = set.tensors[i].at(kOutlines);
    const std::vector<Overlap> found = overlaps(
        seen.labels.voxels(),
        {reinterpret_cast<const std::uint8_t*>(truth.data), seen.labels.size()}, classes_.size());
    csv += learn::table_field(set.ids[i]) + ',' + learn::table_field(set.patients[i]) + ',' +
           learn::to_string(splits[i]);
    auto& of_split = dice[splits[i]];
    of_split.resize(classes_.size());
    for (std::size_t k = 1; k < classes_.size(); ++k) {
      csv += ',' + number(found[k].dice());
      if (std::isfinite(found[k].dice())) of_split[k].push_back(found[k].dice());
    }
    csv += '\n';
  }
  write_file(run / "dice.csv", csv);

  std::ostringstream card;
  card << "# " << manifest.name << ' ' << manifest.version
       << "\n\n**For research use only.** Not a medical device. Written by `thorax train`.\n\n"
          "A network that outlines organs on CT (`"
       << manifest.network << "`, " << manifest.json.at("parameters")
       << " parameters). Licence of the weights: "
       << (manifest.licence.empty() ? "*not stated*" : manifest.licence)
       << ".\n\nSplit by patient. SHA-256 of the data: `"
       << manifest.json.at("trained").at("data_sha256").get<std::string>()
       << "`.\n\n## How well it does\n\nThe mean Dice coefficient of each class over the studies "
          "of a split in which it occurs or was found, on the CT's own grid; the study's numbers "
          "are in the run's dice.csv. The validation split chose the epoch.\n\n| split | class | "
          "studies | Dice |\n| --- | --- | --- | --- |\n";
  for (const auto& [split, of_split] : dice)
    for (std::size_t k = 1; k < classes_.size(); ++k) {
      double sum = 0;
      for (const double one : of_split[k]) sum += one;
      const double mean = sum / static_cast<double>(of_split[k].size());
      card << "| " << learn::to_string(split) << " | " << classes_[k] << " | " << of_split[k].size()
           << " | " << number(mean) << " |\n";
      if (std::isfinite(mean))
        manifest.json["metrics"][learn::to_string(split)]["dice"][classes_[k]] = mean;
    }
  weights::write_manifest(model, manifest);
  write_file(model / "CARD.md", card.str());
}

}  // namespace

std::unique_ptr<VolumeRecipe> segmentation_recipe(const learn::Options& training) {
  return std::make_unique<SegmentationRecipe>(training);
}

}  // namespace thorax::pipeline
