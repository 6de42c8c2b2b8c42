#include "quality/trust.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace thorax::quality {
namespace {

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

/// Adds the notice of the severest limit that `value` passes.
void compare(TrustVerdict& verdict, double value, double usable, Code usable_code, double unfit,
             Code unfit_code) {
  const auto args = [&](double limit) {
    return std::map<std::string, std::string>{{"value", shown(value)}, {"limit", shown(limit)}};
  };
  if (value > unfit)
    verdict.reasons.insert(verdict.reasons.begin(), Notice{unfit_code, args(unfit)});
  else if (value > usable)
    verdict.reasons.push_back({usable_code, args(usable)});
}

void compare(TrustVerdict& verdict, double value, double usable, Code usable_code) {
  compare(verdict, value, usable, usable_code, HUGE_VAL, usable_code);
}

void conclude(TrustVerdict& verdict) {
  verdict.trust = verdict.reasons.empty() ? Trust::good : Trust::usable;
  for (const Notice& reason : verdict.reasons)
    if (reason.severity() == Severity::error) verdict.trust = Trust::unfit;
}

}  // namespace

TrustVerdict judge_ct(const GateResult& gate, const intake::GeometryReport& geometry,
                      const QualityReport& quality, const Limits& limits) {
  TrustVerdict verdict;
  if (gate.refusal) verdict.reasons.push_back(*gate.refusal);
  verdict.reasons.insert(verdict.reasons.end(), gate.reasons.begin(), gate.reasons.end());
  compare(verdict, geometry.missing_percent, limits.usable_missing_percent, "trust_missing"_code,
          limits.unfit_missing_percent, "unfit_missing"_code);
  compare(verdict, geometry.spacing_mm, limits.usable_spacing_mm, "trust_spacing"_code,
          limits.unfit_spacing_mm, "unfit_spacing"_code);
  compare(verdict, std::max(geometry.tilt_degrees, geometry.obliquity_degrees),
          limits.usable_tilt_degrees, "trust_tilt"_code);
  compare(verdict, quality.values.value("quality.noise.soft_tissue").value_or(0),
          limits.usable_noise_hu, "trust_noise"_code, limits.unfit_noise_hu, "unfit_noise"_code);
  compare(verdict, quality.values.value("quality.fov.body_cut").value_or(0),
          limits.usable_body_cut_percent, "trust_body_cut"_code);
  compare(verdict, quality.values.value("quality.fov.lung_cut").value_or(0),
          limits.usable_lung_cut_cm2, "trust_lung_cut"_code);
  compare(verdict, quality.values.value("quality.metal").value_or(0), limits.usable_metal_ml,
          "trust_metal"_code);
  conclude(verdict);
  return verdict;
}

TrustVerdict judge_xray(const GateResult& gate) {
  TrustVerdict verdict;
  if (gate.refusal) verdict.reasons.push_back(*gate.refusal);
  verdict.reasons.insert(verdict.reasons.end(), gate.reasons.begin(), gate.reasons.end());
  conclude(verdict);
  return verdict;
}

}  // namespace thorax::quality
