// Training of Body Part Regression: where in the body a slice lies, learned from nothing but the
// order of slices, and set to the published scale at the lungs' ends, which are measured.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "engine/runner.h"
#include "learn/ordered_slices.h"
#include "learn/table.h"
#include "measure/airways.h"
#include "measure/lungs.h"
#include "pipeline/training_run.h"
#include "pipeline/volume_recipe.h"
#include "prepare/body_part_slices.h"
#include "quality/body_part_landmarks.h"
#include "quality/body_part_reference.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

constexpr const char* kLungEnds = "lungs_mm";  ///< f64 [2], from the lowest slice; NaN: outside
constexpr double kKeptEvery = 2.5;             ///< mm between kept slices, at least
constexpr double kScoredEvery = 5;             ///< the manifest's slice_distance_mm
constexpr std::int64_t kSlicesAtATime = 16;
constexpr double kOrderedEvery = 20;     ///< mm between slices whose order is judged
constexpr double kTailQuantile = 0.005;  ///< of slopes between neighbours, at either end
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

weights::Tensor doubles(const std::vector<double>& values) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(values));
  return weights::make_tensor(weights::DType::f64, {static_cast<std::int64_t>(values.size())},
                              {bytes.begin(), bytes.end()});
}

const double* doubles_of(const weights::StateDict& tensors, const char* name) {
  return reinterpret_cast<const double*>(tensors.at(name).data);
}

/// Lowest and highest place with lung, in mm from the lowest slice; NaN for an end that the CT does
/// not show.
std::array<double, 2> lung_ends(const volume::CtVolume& hu) {
  const measure::CoarseChest chest = measure::find_lungs(hu, measure::find_airways(hu));
  const volume::Grid& grid = chest.field.grid();
  int lowest = -1, highest = -1;
  for (int z = 0; z < grid.shape.z; ++z) {
    if (std::ranges::none_of(chest.field.slice(z), [](auto label) { return label != 0; })) continue;
    if (lowest < 0) lowest = z;
    highest = z;
  }
  if (lowest < 0) return {kNone, kNone};
  // A grid of blocks: an end within one of the border may go on beyond it.
  const auto place = [&](int z) { return grid.origin.z + z * grid.spacing.z - hu.grid().origin.z; };
  return {lowest > 1 ? place(lowest) : kNone, highest < grid.shape.z - 2 ? place(highest) : kNone};
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// What the network says of a study.
struct Scored {
  std::vector<double> raw;  ///< of slices `mm` apart, up the body
  double mm = 0;
  std::array<double, 2> lungs{};  ///< raw scores at the lungs' ends; NaN where not shown

  double at(double place) const {
    if (std::isnan(place)) return kNone;
    const auto last = static_cast<double>(raw.size() - 1);
    const double slice = std::clamp(place / mm, 0.0, last), low = std::min(std::floor(slice), last);
    const auto i = static_cast<std::size_t>(low), next = std::min(i + 1, raw.size() - 1);
    return raw[i] + (slice - low) * (raw[next] - raw[i]);
  }
  /// Share of slices whose score is above that of the one 20 mm below; NaN for shorter studies.
  double in_order() const {
    const auto apart = static_cast<std::size_t>(std::max(1.0, std::round(kOrderedEvery / mm)));
    if (raw.size() <= apart) return kNone;
    double right = 0;
    for (std::size_t i = apart; i < raw.size(); ++i) right += raw[i] > raw[i - apart] ? 1 : 0;
    return right / static_cast<double>(raw.size() - apart);
  }
};

/// The scale of the published model, laid through the lungs' ends of the studies trained on, and
/// what slopes there are on it.
quality::BodyPartReference reference_of(const std::vector<Scored>& studies,
                                        const std::vector<Split>& splits,
                                        const std::string& table) {
  std::array<std::vector<double>, 2> ends;
  for (std::size_t i = 0; i < studies.size(); ++i)
    for (std::size_t end = 0; end < 2; ++end)
      if (splits[i] == Split::train && !std::isnan(studies[i].lungs[end]))
        ends[end].push_back(studies[i].lungs[end]);
  const auto refuse = [&](const char* detail) {
    throw Error("bad_training_data"_code, {{"path", table}, {"detail", detail}});
  };
  if (ends[0].empty() || ends[1].empty())
    refuse("no study for training shows the lowest and none the highest end of the lungs");
  quality::BodyPartReference reference;
  reference.landmarks = quality::published_landmarks();
  const double low = reference.landmarks.at(quality::kLungStart),
               high = reference.landmarks.at(quality::kLungEnd),
               rise = (mean(ends[1]) - mean(ends[0])) / (high - low);
  if (!(rise > 0)) refuse("the network has not learned which way is up: train longer");
  reference.raw_at_0 = mean(ends[0]) - low * rise;
  reference.raw_at_100 = reference.raw_at_0 + 100 * rise;
  reference.background.clear();
  // Tails are cut by the slopes that are looked for here.
  reference.slope_low = -std::numeric_limits<double>::infinity();
  reference.slope_high = std::numeric_limits<double>::infinity();
  reference.slope_mean = 1;
  std::vector<double> slopes, between;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    if (splits[i] != Split::train) continue;
    const auto scores = quality::body_part_scores(studies[i].raw, studies[i].mm, reference);
    slopes.push_back(scores.slope);
    for (std::size_t k = 1; k < scores.cleaned.size(); ++k)
      between.push_back((scores.cleaned[k] - scores.cleaned[k - 1]) / scores.slice_mm);
  }
  reference.slope_mean = mean(slopes);
  reference.slope_low = quantile(between, kTailQuantile);
  reference.slope_high = quantile(between, 1 - kTailQuantile);
  return reference;
}

class BodyPartRecipe final : public VolumeRecipe {
 public:
  explicit BodyPartRecipe(const learn::Options& training)
      : training_(training), config_(object_option("network.config", training.network.config)) {
    const auto refuse = [](const char* option, const std::string& value, const std::string& hint) {
      throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
    };
    if (training.training.loss != "order") refuse("training.loss", training.training.loss, "order");
    const learn::SliceOptions& slices = training.slices;
    if (slices.nearest > slices.farthest)
      refuse("slices.nearest", std::to_string(slices.nearest), "<= slices.farthest");
    if (slices.even > 0 && slices.count < 3)
      refuse("slices.count", std::to_string(slices.count), "3 … with slices.even");
    slices_.size = config_.value("image_size", slices_.size);
  }

  StudyNeeds needs() const override { return {}; }
  std::string how() const override { return "body parts " + std::to_string(slices_.size); }

  weights::StateDict prepare(const volume::CtVolume& hu,
                             const volume::CtVolume& /*outlines*/) const override {
    const std::array<double, 2> ends = lung_ends(hu);
    prepare::BodyPartSliceOptions options = slices_;
    options.step = std::max(1, static_cast<int>(std::ceil(kKeptEvery / hu.grid().spacing.z)));
    const prepare::NetworkInput input = prepare::prepare_body_part_slices(hu, options);
    return {{learn::kSliceStep, doubles({options.step * hu.grid().spacing.z})},
            {kLungEnds, doubles({ends[0], ends[1]})},
            {learn::kSlices, weights::make_tensor({input.shape[0], input.shape[2], input.shape[3]},
                                                  {input.span().begin(), input.span().end()})}};
  }

  void take(VolumeData& data) override {
    for (std::size_t i = 0; i < data.set.count(); ++i)
      if (!learn::enough_slices(data.set.tensors[i], training_.slices))
        throw Error("bad_training_data"_code,
                    {{"path", data.set.ids[i]}, {"detail", "fewer slices than slices.count"}});
  }

  json network_config(const learn::VolumeSet& /*set*/) const override { return config_; }
  std::vector<std::string> classes(const learn::VolumeSet& /*set*/) const override { return {}; }

  std::unique_ptr<learn::Batches> batches(const learn::VolumeSet& set,
                                          const std::vector<Split>& splits) const override {
    return std::make_unique<learn::OrderedSlices>(set, splits, training_);
  }

  NewModel model() const override {
    return {"ct-body-part", {{"slice_distance_mm", kScoredEvery}}, {}};
  }

  void evaluate(const fs::path& run, const fs::path& model, const learn::VolumeSet& set,
                const std::vector<Split>& splits) const override;

 private:
  const learn::Options& training_;
  json config_;
  prepare::BodyPartSliceOptions slices_;
};

Scored score(engine::Runner& network, const weights::StateDict& tensors) {
  const weights::Tensor& slices = tensors.at(learn::kSlices);
  const double kept = *doubles_of(tensors, learn::kSliceStep);
  const auto step = std::max<std::int64_t>(1, static_cast<std::int64_t>(kScoredEvery / kept));
  Scored found;
  found.mm = static_cast<double>(step) * kept;
  weights::Tensor batch = slices;
  for (std::int64_t z = 0; z < slices.shape[0]; z += step * kSlicesAtATime) {
    const std::int64_t count = std::min(kSlicesAtATime, (slices.shape[0] - z + step - 1) / step),
                       area = slices.shape[1] * slices.shape[2];
    batch.shape = {count, 1, slices.shape[1], slices.shape[2]};
    batch.strides = {step * area, area, slices.shape[2], 1};
    batch.data = slices.data + static_cast<std::size_t>(z * area) * sizeof(float);
    for (const float raw : network.run({batch}).front().to_float())
      found.raw.push_back(double{raw});
  }
  const double* const ends = doubles_of(tensors, kLungEnds);
  found.lungs = {found.at(ends[0]), found.at(ends[1])};
  return found;
}

/// What inference-settings.json says: the published file's entries, as far as they are read.
std::string settings_text(const quality::BodyPartReference& reference) {
  json table;
  const double rise = (reference.raw_at_100 - reference.raw_at_0) / 100;
  for (const auto& [name, score] : reference.landmarks) {
    table["transformed"][name]["mean"] = score;
    table["original"][name]["mean"] = reference.raw_at_0 + rise * score;
  }
  return json{{"lookuptable_train_val", table},
              {"settings", {{"start-landmark", "pelvis_start"}, {"end-landmark", "eyes_end"}}},
              {"slope_mean", reference.slope_mean},
              {"lower_quantile_tangential_slope", reference.slope_low},
              {"upper_quantile_tangential_slope", reference.slope_high},
              {"background_scores", reference.background}}
             .dump(1) +
         '\n';
}

std::string number(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  return text.data();
}

/// body_parts.csv: how well the slices of each study are in order, and where on the scale its lungs
/// begin and end.
void BodyPartRecipe::evaluate(const fs::path& run, const fs::path& model,
                              const learn::VolumeSet& set, const std::vector<Split>& splits) const {
  engine::RunOptions wanted;
  wanted.threads = training_.training.threads;
  const std::unique_ptr<engine::Runner> network = engine::load(model, wanted);
  std::vector<Scored> studies;
  for (std::size_t i = 0; i < set.count(); ++i) studies.push_back(score(*network, set.tensors[i]));
  const quality::BodyPartReference reference = reference_of(studies, splits, training_.data.table);
  write_file(model / quality::kBodyPartSettings, settings_text(reference));
  const std::array<double, 2> wanted_ends{reference.landmarks.at(quality::kLungStart),
                                          reference.landmarks.at(quality::kLungEnd)};
  std::string csv =
      "study_id,patient_id,split,slices,in_order,lung_start,lung_end,slope_per_mm,body_part\n";
  struct Sums {
    std::size_t studies = 0;
    std::vector<double> in_order, errors;
  };
  std::map<Split, Sums> sums;
  for (std::size_t i = 0; i < set.count(); ++i) {
    const Scored& study = studies[i];
    const auto scores = quality::body_part_scores(study.raw, study.mm, reference);
    Sums& of_split = sums[splits[i]];
    ++of_split.studies;
    if (std::isfinite(study.in_order())) of_split.in_order.push_back(study.in_order());
    csv += learn::table_field(set.ids[i]) + ',' + learn::table_field(set.patients[i]) + ',' +
           learn::to_string(splits[i]) + ',' + std::to_string(study.raw.size()) + ',' +
           number(study.in_order());
    for (std::size_t end = 0; end < 2; ++end) {
      const double place = 100 * (study.lungs[end] - reference.raw_at_0) /
                           (reference.raw_at_100 - reference.raw_at_0);
      if (std::isfinite(place)) of_split.errors.push_back(std::abs(place - wanted_ends[end]));
      csv += ',' + number(place);
    }
    csv += ',' + number(scores.slope) + ',' + quality::body_part_examined(scores, reference) + '\n';
  }
  write_file(run / "body_parts.csv", csv);

  weights::Manifest manifest = weights::load_manifest(model);
  std::ostringstream card;
  card << "# " << manifest.name << ' ' << manifest.version
       << "\n\n**For research use only.** Not a medical device. Written by `thorax train`.\n\n"
          "A network that says where in the body a slice of CT lies (`"
       << manifest.network << "`, " << manifest.json.at("parameters")
       << " parameters). Licence of the weights: "
       << (manifest.licence.empty() ? "*not stated*" : manifest.licence)
       << ".\n\nSplit by patient. SHA-256 of the data: `"
       << manifest.json.at("trained").at("data_sha256").get<std::string>()
       << "`.\n\nIt learned from the order of slices alone. Its scale is that of the published "
          "model laid through the lowest and the highest slice with lung, as Thorax measures them "
          "in the studies trained on; every other landmark is where a straight line puts it, so "
          "what is said of parts outside the chest is no better than that.\n\n## How well it "
          "does\n\nThe mean share of slices that score above the one 20 mm below; and by how much "
          "the lungs' ends miss their place, in points of the scale "
          "of 100 from the pelvis to the eyes. The validation split chose the epoch; each study's "
          "numbers are in the run's body_parts.csv.\n\n| split | studies | in order | lungs' ends "
          "|\n| --- | --- | --- | --- |\n";
  for (const auto& [split, of_split] : sums) {
    const double in_order = mean(of_split.in_order), error = mean(of_split.errors);
    card << "| " << learn::to_string(split) << " | " << of_split.studies << " | "
         << number(in_order) << " | " << number(error) << " |\n";
    json& metrics = manifest.json["metrics"][learn::to_string(split)];
    metrics = {{"studies", of_split.studies}};
    if (std::isfinite(in_order)) metrics["in_order"] = in_order;
    if (std::isfinite(error)) metrics["lung_ends"] = error;
  }
  manifest.files.push_back(weights::describe_file(model / quality::kBodyPartSettings));
  weights::write_manifest(model, manifest);
  write_file(model / "CARD.md", card.str());
}

}  // namespace

std::unique_ptr<VolumeRecipe> body_part_recipe(const learn::Options& training) {
  return std::make_unique<BodyPartRecipe>(training);
}

}  // namespace thorax::pipeline
