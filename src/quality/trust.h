// One word on whether a study can be relied on, and why.
#pragma once

#include "quality/gate.h"
#include "quality/quality.h"

namespace thorax::quality {

enum class Trust { good, usable, unfit };

struct TrustVerdict {
  Trust trust = Trust::good;
  std::vector<Notice> reasons;  ///< warnings for usable, errors first for unfit; empty for good
};

/// Joins the gate, the geometry and the quality of a CT. Unfit: the gate refused, or more missing
/// slices, wider spacing or more noise than the unfit limits. Usable: a reservation of the gate, or
/// a usable limit passed.
TrustVerdict judge_ct(const GateResult& gate, const intake::GeometryReport& geometry,
                      const QualityReport& quality, const Limits& limits = {});

/// The same for a radiograph, which has no geometry to judge.
TrustVerdict judge_xray(const GateResult& gate);

}  // namespace thorax::quality
