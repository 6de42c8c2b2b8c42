#include "pipeline/training_novelty.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "engine/runner.h"
#include "evaluate/conformal.h"
#include "evaluate/ranking.h"
#include "learn/listed.h"
#include "pipeline/model_input.h"
#include "pipeline/model_novelty.h"
#include "pipeline/trained_model.h"
#include "pipeline/training_pictures.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::Split;
using nlohmann::json;

std::vector<double> distances(const ModelNovelty& novelty,
                              const std::vector<std::vector<float>>& rows) {
  std::vector<double> all;
  for (const std::vector<float>& row : rows) all.push_back(novelty.of(row).distance);
  std::ranges::sort(all);
  return all;
}

double share_beyond(const std::vector<double>& sorted, double limit) {
  const auto first = std::ranges::upper_bound(sorted, limit);
  return static_cast<double>(sorted.end() - first) / static_cast<double>(sorted.size());
}

double auroc(const std::vector<double>& others, const std::vector<double>& own) {
  std::vector<double> scores = others;
  scores.insert(scores.end(), own.begin(), own.end());
  std::vector<std::uint8_t> labels(others.size(), 1);
  labels.resize(scores.size(), 0);
  return evaluate::Ranking(scores, labels).auroc();
}

std::vector<std::size_t> places_of(const std::vector<Split>& splits, Split wanted) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < splits.size(); ++i)
    if (splits[i] == wanted) places.push_back(i);
  return places;
}

ModelNovelty fit(const std::vector<std::vector<float>>& training,
                 const std::vector<std::vector<float>>& validation, double false_alarms) {
  std::vector<float> values;
  for (const std::vector<float>& row : training)
    values.insert(values.end(), row.begin(), row.end());
  ModelNovelty novelty;
  novelty.cloud = evaluate::fit_cloud(values, training.front().size());
  novelty.false_alarm_rate = false_alarms;
  novelty.limit = evaluate::conformal_limit(distances(novelty, validation), false_alarms);
  return novelty;
}

std::string row_of(const std::string& name, const json& measured) {
  char text[200];
  std::snprintf(text, sizeof text, "| %s | %zu | %.4f | ", name.c_str(),
                measured.at("pictures").get<std::size_t>(), measured.at("beyond").get<double>());
  std::string row = text;
  if (measured.contains("auroc")) {
    std::snprintf(text, sizeof text, "%.4f", measured.at("auroc").get<double>());
    row += text;
  }
  return row + " |\n";
}

}  // namespace

std::string add_novelty(const fs::path& model, const learn::PictureSet& set,
                        const std::vector<Split>& splits, const learn::Options& training,
                        const intake::Limits& limits, const Progress& progress) {
  engine::RunOptions wanted;
  wanted.threads = training.training.threads;
  const std::unique_ptr<engine::Runner> runner = engine::load(model, wanted);
  const auto output = find_output(runner->describe(), ModelNovelty::kFeatures);
  const std::vector<std::size_t> test = places_of(splits, Split::test);
  if (!output || training.data.false_alarms <= 0) return {};
  weights::Manifest manifest = weights::load_manifest(model);
  const prepare::RadiographOptions radiograph = radiograph_options(manifest, set.size);
  const auto features = [&](const learn::PictureSet& pictures,
                            const std::vector<std::size_t>& places) {
    return rows_of(*runner, *output, pictures, places, radiograph);
  };
  progress.report("features", 0);
  const ModelNovelty novelty =
      fit(features(set, places_of(splits, Split::train)),
          features(set, places_of(splits, Split::validation)), training.data.false_alarms);
  if (!std::isfinite(novelty.limit)) return {};  // too few pictures for the promise
  novelty.save(model, manifest);
  char limit[160];
  std::snprintf(limit, sizeof limit,
                "\n## Pictures of other kinds\n\nBeyond the distance %.4f, which %.0f %% of the "
                "validation pictures pass:\n\n",
                novelty.limit, 100 * novelty.false_alarm_rate);
  std::string text = limit;
  text +=
      "| pictures | number | beyond the limit | AUROC against test |\n| --- | --- | --- | --- |\n";
  std::vector<double> own;
  json measured = json::object();
  if (!test.empty()) {
    own = distances(novelty, features(set, test));
    measured["test"] = {{"pictures", own.size()}, {"beyond", share_beyond(own, novelty.limit)}};
    text += row_of("test", measured["test"]);
  }
  for (const std::string& source : learn::listed(training.data.others)) {
    const learn::PictureSet others =
        unlabelled_pictures(source, training.data.size, limits, progress);
    std::vector<std::size_t> places(others.count());
    std::iota(places.begin(), places.end(), 0);
    const std::vector<double> far = distances(novelty, features(others, places));
    const std::string name = fs::path(source).filename().string();
    measured[name] = {{"pictures", far.size()}, {"beyond", share_beyond(far, novelty.limit)}};
    if (!own.empty()) measured[name]["auroc"] = auroc(far, own);
    text += row_of(name, measured[name]);
  }
  manifest.json["novelty"]["measured"] = measured;
  weights::write_manifest(model, manifest);
  return text;
}

}  // namespace thorax::pipeline
