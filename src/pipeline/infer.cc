#include "pipeline/infer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/error.h"

namespace thorax::pipeline {
namespace {

constexpr const char* kTask = "xray-classification";

ModelOutput logits_of(const LearnedModel& model) {
  const weights::Manifest& manifest = model.manifest;
  const auto found = find_output(model.runner->describe(), "logits");
  // An ONNX file does not say what it is for; its user does by asking.
  const bool classifies = manifest.task == kTask || manifest.task == "onnx";
  if (!found || !classifies)
    throw Error("bad_option"_code, {{"option", "--model"},
                                    {"value", manifest.name + " (" + manifest.task + ")"},
                                    {"hint", kTask}});
  return *found;
}

void decide(const CaseRow& row, const weights::Manifest& model, PictureAnswer& answer) {
  const std::vector<float>& logits = row.values;
  if (logits.size() < 2) {
    answer.picture.failure =
        Notice{"bad_tensors"_code, {{"detail", model.name + ": at least two classes are needed"}}};
    return;
  }
  const auto best = std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<double>(logit) - static_cast<double>(*best));
  answer.confidence = 1 / sum;
  const auto index = static_cast<std::size_t>(best - logits.begin());
  answer.prediction =
      model.labels.size() == logits.size() ? model.labels[index] : std::to_string(index);
  answer.logits = logits;
}

}  // namespace

std::vector<PictureAnswer> infer_pictures(const std::vector<Input>& inputs,
                                          const LearnedModel& model, const Options& options,
                                          const Progress& progress) {
  std::vector<PictureAnswer> answers;
  for (CaseRow& row : run_cases(inputs, model, logits_of(model), options, Gate::warn, progress)) {
    PictureAnswer& answer = answers.emplace_back();
    answer.picture = std::move(row.found);
    if (!answer.picture.failure) decide(row, model.manifest, answer);
  }
  return answers;
}

nlohmann::ordered_json answer_json(const PictureAnswer& answer, const std::string& mode) {
  std::array<char, 16> confidence{};
  std::snprintf(confidence.data(), confidence.size(), "%.4f", answer.confidence);
  return {{"filename", answer.picture.filename},
          {"mode", mode},
          {"prediction", answer.prediction},
          {"confidence", confidence.data()}};
}

}  // namespace thorax::pipeline
