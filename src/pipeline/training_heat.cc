#include "pipeline/training_heat.h"

#include <algorithm>
#include <cstdio>

#include "engine/runner.h"
#include "learn/random.h"
#include "pipeline/heat_check.h"
#include "pipeline/model_input.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAtATime = 16;
// What random numbers are drawn for.
constexpr std::uint64_t kHeat = 8;

/// Log-odds of the last class against the likeliest of the others.
double lead(const std::vector<float>& logits) {
  return static_cast<double>(logits.back()) -
         static_cast<double>(*std::max_element(logits.begin(), logits.end() - 1));
}

/// How many pictures are looked at, so that the check stays a matter of minutes.
std::size_t pictures_of(std::uint64_t parameters) {
  constexpr std::uint64_t kMost = 100, kFewest = 5, kPicturesTimesParameters = 1'200'000'000;
  return std::clamp(kPicturesTimesParameters / std::max<std::uint64_t>(parameters, 1), kFewest,
                    kMost);
}

std::vector<std::size_t> called(const std::vector<Prediction>& predictions,
                                const learn::PictureSet& set,
                                const std::vector<learn::Split>& splits, std::uint64_t seed,
                                std::size_t most) {
  const int positive = static_cast<int>(set.classes.size()) - 1;
  std::vector<std::size_t> places;
  for (const Prediction& one : predictions)
    if (one.shift == 0 && splits[one.picture] == learn::Split::test &&
        set.labels[one.picture] == positive && lead(one.logits) > 0)
      places.push_back(one.picture);
  learn::Random{seed, kHeat}.shuffle(places);
  places.resize(std::min(places.size(), most));
  return places;
}

prepare::NetworkInput input_of(const learn::PictureSet& set, std::size_t place,
                               const prepare::RadiographOptions& radiograph) {
  const weights::Tensor picture = picture_inputs(set, std::span(&place, 1), radiograph);
  prepare::NetworkInput input = prepare::make_input(picture.shape);
  std::ranges::copy(picture.to_float(), input.values.get());
  return input;
}

}  // namespace

std::string check_heat_maps(const fs::path& model, const learn::PictureSet& set,
                            const std::vector<learn::Split>& splits,
                            const std::vector<Prediction>& predictions,
                            const learn::Options& training, const Progress& progress) {
  engine::RunOptions wanted;
  wanted.threads = training.training.threads;
  const std::unique_ptr<engine::Runner> runner = engine::load(model, wanted);
  const std::uint64_t parameters = runner->describe().parameters;
  const std::vector<std::size_t> places =
      called(predictions, set, splits, training.training.seed, pictures_of(parameters));
  if (places.empty()) return {};
  const auto output = find_output(runner->describe(), "logits");
  if (!output) return {};
  const Answers answers = [&](const std::vector<prepare::NetworkInput>& inputs) {
    std::vector<double> leads;
    for (const std::vector<float>& row : run_batch_of(*runner, *output, inputs))
      leads.push_back(lead(row));
    return leads;
  };
  OcclusionOptions options = occlusion_of(parameters);
  options.batch = kAtATime;
  weights::Manifest manifest = weights::load_manifest(model);
  const prepare::RadiographOptions radiograph = radiograph_options(manifest, set.size);
  double hot = 0, elsewhere = 0, right = 0;
  const auto count = static_cast<double>(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    progress.report("heat maps", static_cast<double>(i) / count);
    const prepare::NetworkInput input = input_of(set, places[i], radiograph);
    const double whole = answers({input}).front();
    const OcclusionMap map = occlusion_map(input, whole, answers, options);
    const HeatCheck check = check_heat(input, map, whole, answers);
    hot += check.hot / count;
    elsewhere += check.elsewhere / count;
    right += check.hot > check.elsewhere ? 1 / count : 0;
  }
  manifest.json["heat_map"] = {{"pictures", places.size()},
                               {"fall_hot", hot},
                               {"fall_elsewhere", elsewhere},
                               {"hot_falls_more", right}};
  weights::write_manifest(model, manifest);
  char text[400];
  std::snprintf(text, sizeof text,
                "\n## Heat maps\n\n%zu test pictures called %s. Without the hottest 15 %% of the "
                "picture the log-odds fall by %.3f, without as much of the same shape elsewhere by "
                "%.3f; they fall more without the hottest part in %.1f %% of the pictures.\n",
                places.size(), set.classes.back().c_str(), hot, elsewhere, 100 * right);
  return text;
}

}  // namespace thorax::pipeline
