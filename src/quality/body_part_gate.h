// Body Part Regression beside the chest gate: what the network says is stated, and a disagreement
// becomes a notice. The picture decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quality/body_part_scores.h"
#include "quality/gate.h"

namespace thorax::quality {

/// First and last slice of a region, counted from 0 at the feet.
struct SliceRange {
  int first = 0, last = 0;
};

/// What a network says of where a scan lies.
struct BodyPartOpinion {
  std::string model;                ///< name of the model folder
  std::string part;                 ///< body_part_examined: "CHEST", "CHEST-ABDOMEN", "NONE" …
  std::optional<SliceRange> chest;  ///< from Th12 to Th1, unless nothing is recognised
  double slice_mm = 0;              ///< of the volume
  int step = 1;                     ///< the network saw every step-th slice
  BodyPartScores scores;            ///< of those

  bool sees_chest() const { return part.find("CHEST") != std::string::npos; }
};

/// `raw`: the network's scores of slices 0, step, 2 step … of a volume whose slices lie `slice_mm`
/// apart, from the feet. Throws what body_part_scores throws.
BodyPartOpinion body_part_opinion(const std::string& model, std::span<const double> raw,
                                  double slice_mm, int step, const BodyPartReference& reference);

/// What is to be said where the network and the gate differ: another part or none in a chest, a
/// chest in what the gate refused, and in either a spacing that does not fit the body or slices
/// from the head to the feet. None where they agree.
std::vector<Notice> compare(const GateResult& gate, const BodyPartOpinion& opinion);

}  // namespace thorax::quality
