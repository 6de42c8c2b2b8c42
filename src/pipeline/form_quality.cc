#include "pipeline/form_quality.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "evaluate/calibration.h"
#include "evaluate/ranking.h"

namespace thorax::pipeline {
namespace {

using Row = std::vector<double>;

/// Probabilities of every picture; empty for those that could not be answered.
std::vector<Row> answers_of(const LearnedModel& model, const std::vector<Input>& inputs,
                            double temperature, const Options& options, const Progress& progress,
                            std::vector<std::string>& ids) {
  const auto output = find_output(model.runner->describe(), "logits");
  if (!output || model.manifest.labels.size() < 2)
    throw Error("bad_option"_code, {{"option", "--pictures"},
                                    {"value", model.manifest.name},
                                    {"hint", "xray-classification"}});
  std::vector<Row> rows;
  ids.clear();
  for (const CaseRow& row : run_cases(inputs, model, *output, options, Gate::off, progress)) {
    ids.push_back(row.found.id);
    const bool answered = row.values.size() == model.manifest.labels.size();
    rows.push_back(answered
                       ? evaluate::softmax(Row(row.values.begin(), row.values.end()), temperature)
                       : Row{});
  }
  return rows;
}

std::size_t likeliest(const Row& row) {
  return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
}

FormQuality::Scores scores_of(const std::vector<const Row*>& rows,
                              const std::vector<std::size_t>& truth) {
  FormQuality::Scores scores;
  Row last;
  std::vector<std::uint8_t> holds;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores.accuracy += likeliest(*rows[i]) == truth[i] ? 1 : 0;
    last.push_back(rows[i]->back());
    holds.push_back(truth[i] + 1 == rows[i]->size() ? 1 : 0);
  }
  scores.accuracy /= static_cast<double>(rows.size());
  scores.auroc = evaluate::Ranking(last, holds).auroc();
  return scores;
}

}  // namespace

FormQuality compare_forms(const LearnedModel& model, const LearnedModel& form,
                          const std::vector<Input>& inputs, const PictureLabels& labels,
                          const Options& options, const Progress& progress) {
  const double temperature =
      model.manifest.json.value("/calibration/temperature"_json_pointer, 1.0);
  std::vector<std::string> ids;
  const std::vector<Row> own =
      answers_of(model, inputs, temperature, options, progress.part(0, 0.5), ids);
  const std::vector<Row> other =
      answers_of(form, inputs, temperature, options, progress.part(0.5, 1), ids);
  const std::vector<std::string>& classes = model.manifest.labels;

  FormQuality quality;
  std::vector<const Row*> own_labelled, other_labelled;
  std::vector<std::size_t> truth;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i].empty() || other[i].size() != own[i].size()) {
      ++quality.unread;
      continue;
    }
    ++quality.pictures;
    quality.same += likeliest(own[i]) == likeliest(other[i]) ? 1 : 0;
    for (std::size_t k = 0; k < own[i].size(); ++k) {
      const double apart = std::abs(own[i][k] - other[i][k]);
      quality.largest = std::max(quality.largest, apart);
      quality.mean += apart / static_cast<double>(own[i].size());
    }
    const std::optional<Labelled> known = labels.of(ids[i]);
    if (!known) continue;
    const auto found = std::ranges::find(classes, known->label);
    if (found == classes.end()) continue;
    truth.push_back(static_cast<std::size_t>(found - classes.begin()));
    own_labelled.push_back(&own[i]);
    other_labelled.push_back(&other[i]);
  }
  if (quality.pictures == 0)
    throw Error("bad_option"_code, {{"option", "--pictures"},
                                    {"value", inputs.empty() ? "" : inputs.front().shown},
                                    {"hint", "JPEG | PNG | DICOM"}});
  quality.same /= static_cast<double>(quality.pictures);
  quality.mean /= static_cast<double>(quality.pictures);
  quality.labelled = truth.size();
  if (!truth.empty()) {
    quality.model = scores_of(own_labelled, truth);
    quality.form = scores_of(other_labelled, truth);
  }
  return quality;
}

void write_quality(const std::filesystem::path& folder, const FormQuality& quality,
                   const std::string& source) {
  weights::Manifest manifest = weights::load_manifest(folder);
  nlohmann::json& kept = manifest.json["exported"]["quality"];
  kept = {{"source", source},
          {"pictures", quality.pictures},
          {"unread", quality.unread},
          {"same_class", quality.same},
          {"mean_difference", quality.mean},
          {"largest_difference", quality.largest}};
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(),
                "\nOn %zu pictures of %s, answered by both forms: the same class in %.2f %%; "
                "calibrated probabilities differ by %.1e on average, at most by %.1e.\n",
                quality.pictures, source.c_str(), 100 * quality.same, quality.mean,
                quality.largest);
  std::string chapter = text.data();
  if (quality.model && quality.form) {
    chapter += "\n| form | pictures with a label | accuracy | AUROC |\n| --- | --- | --- | --- |\n";
    const auto add = [&](const char* name, const char* key, const FormQuality::Scores& scores) {
      std::snprintf(text.data(), text.size(), "| %s | %zu | %.4f | %.4f |\n", name,
                    quality.labelled, scores.accuracy, scores.auroc);
      chapter += text.data();
      kept[key] = {{"accuracy", scores.accuracy}};
      if (std::isfinite(scores.auroc)) kept[key]["auroc"] = scores.auroc;
    };
    add("the model itself", "model", *quality.model);
    add("this form", "form", *quality.form);
  }
  weights::write_manifest(folder, manifest);
  std::ofstream card(folder / "CARD.md", std::ios::app | std::ios::binary);
  card << chapter;
  if (!card.flush())
    throw Error("cannot_write"_code,
                {{"path", (folder / "CARD.md").string()}, {"detail", std::strerror(errno)}});
}

}  // namespace thorax::pipeline
