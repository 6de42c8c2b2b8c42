#include "pipeline/ct_body_part.h"

#include <algorithm>

#include "pipeline/installed.h"
#include "prepare/body_part_slices.h"
#include "quality/body_part_reference.h"

namespace thorax::pipeline {
namespace {

constexpr const char* kTask = "ct-body-part";
constexpr double kSliceDistance = 5;  // mm: half of what the scores are smoothed with
constexpr std::int64_t kSlicesAtATime = 16;

}  // namespace

CtBodyPart::CtBodyPart(LearnedModel network, quality::BodyPartReference reference)
    : network_(std::move(network)), reference_(std::move(reference)) {}

CtBodyPart CtBodyPart::load(const ModelOptions& options) {
  auto chosen = choose_network(options, options.ct_body_part, kTask);
  if (!chosen) return {};
  auto reference = quality::read_body_part_reference(chosen->folder / quality::kBodyPartSettings);
  return {load_network(std::move(*chosen), options), std::move(reference)};
}

std::uint64_t CtBodyPart::working_bytes() const {
  return pipeline::working_bytes(network_, kSlicesAtATime);
}

report::Provenance::Model CtBodyPart::model() const {
  return {network_.manifest.name, network_.manifest.version, network_.manifest.sha256};
}

std::optional<quality::BodyPartOpinion> CtBodyPart::look(const volume::CtVolume& hu,
                                                         const Progress& progress) const {
  if (empty()) return {};
  const double spacing = hu.grid().spacing.z;
  const double distance = network_.manifest.json.value("slice_distance_mm", kSliceDistance);
  prepare::BodyPartSliceOptions options;
  options.step = std::max(1, static_cast<int>(distance / spacing));
  options.size =
      static_cast<int>(network_.runner->describe().function({}).inputs.at(0).shape.at(2));
  const prepare::NetworkInput slices = prepare::prepare_body_part_slices(hu, options);
  const std::int64_t count = slices.shape[0], area = slices.shape[2] * slices.shape[3];
  std::vector<double> scores;
  for (std::int64_t first = 0; first < count; first += kSlicesAtATime) {
    progress.report("body-part", static_cast<double>(first) / static_cast<double>(count));
    engine::Tensor batch;
    batch.shape = {std::min(kSlicesAtATime, count - first), 1, slices.shape[2], slices.shape[3]};
    batch.strides = weights::row_major_strides(batch.shape);
    batch.data = reinterpret_cast<const std::byte*>(slices.values.get() + first * area);
    batch.owner = slices.values;
    for (const float score : network_.runner->run({batch}).at(0).to_float())
      scores.push_back(score);
  }
  return quality::body_part_opinion(network_.manifest.name, scores, spacing, options.step,
                                    reference_);
}

report::BodyPartRow body_part_row(const quality::BodyPartOpinion& opinion, bool agrees) {
  report::BodyPartRow row;
  row.model = opinion.model;
  row.part = opinion.part;
  row.agrees = agrees;
  if (opinion.chest) row.chest_slices = {{opinion.chest->first, opinion.chest->last}};
  row.slice_step = opinion.step;
  row.scores = opinion.scores.cleaned;
  return row;
}

}  // namespace thorax::pipeline
