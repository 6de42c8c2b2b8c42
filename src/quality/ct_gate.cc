#include <cmath>
#include <string>

#include "intake/series_class.h"
#include "intake/series_words.h"
#include "quality/gate.h"

namespace thorax::quality {
namespace {

std::string whole(double value) {
  return std::to_string(std::lround(value));
}

std::optional<Notice> check_modality(const std::string& modality) {
  if (modality.empty() || modality == "CT") return std::nullopt;
  const Code code = intake::is_radiograph_modality(modality) ? "radiograph_given_as_ct"_code
                                                             : "wrong_modality"_code;
  return Notice{code, {{"modality", modality}}};
}

std::optional<Notice> check_slices(const intake::LoadedVolume& ct, const Limits& limits) {
  const int slices = ct.geometry.slices > 0 ? ct.geometry.slices : ct.hu.shape().z;
  if (slices >= limits.min_slices) return std::nullopt;
  return Notice{
      "too_few_slices"_code,
      {{"count", std::to_string(slices)}, {"minimum", std::to_string(limits.min_slices)}}};
}

/// A chest in Hounsfield units has air (lungs at least) and soft tissue near water.
std::optional<Notice> check_values(const LungSurvey& survey, const Limits& limits) {
  std::size_t air = 0, tissue = 0, all = 0;
  for (std::size_t i = 0; i < survey.hu.size(); ++i) {
    if (!survey.outside.empty() && survey.outside[i]) continue;
    ++all;
    air += survey.hu[i] < -500;
    tissue += survey.hu[i] > -150 && survey.hu[i] < 150;
  }
  const double least = limits.min_hu_share * static_cast<double>(all);
  if (static_cast<double>(air) >= least && static_cast<double>(tissue) >= least && all > 0)
    return std::nullopt;
  const auto percent = [&](std::size_t n) {
    return whole(all ? 100.0 * static_cast<double>(n) / static_cast<double>(all) : 0.0);
  };
  return Notice{"not_hounsfield"_code, {{"air", percent(air)}, {"tissue", percent(tissue)}}};
}

std::optional<Notice> check_lungs(const LungSurvey& survey, const Limits& limits) {
  const bool lungs =
      survey.total_ml() >= limits.min_lung_ml && survey.section_share >= limits.min_section_share &&
      survey.mean_hu <= limits.max_mean_lung_hu && survey.mean_hu >= limits.min_mean_lung_hu;
  if (!lungs)
    return Notice{
        "not_a_chest_ct"_code,
        {{"ml", whole(survey.total_ml())}, {"percent", whole(100 * survey.section_share)}}};
  if (survey.coverage < limits.min_coverage)
    return Notice{
        "lungs_partly_covered"_code,
        {{"percent", whole(100 * survey.coverage)}, {"minimum", whole(100 * limits.min_coverage)}}};
  return std::nullopt;
}

std::vector<Notice> reservations(const LungSurvey& survey, const intake::BodyHint& hint,
                                 const Limits& limits) {
  std::vector<Notice> reasons;
  if (survey.cut_at_top)
    reasons.push_back({"lungs_cut_at_top"_code, {{"percent", whole(100 * survey.coverage)}}});
  if (survey.cut_at_bottom)
    reasons.push_back({"lungs_cut_at_bottom"_code, {{"percent", whole(100 * survey.coverage)}}});
  if (survey.left_ml < limits.min_side_ml) reasons.push_back({"left_lung_airless"_code, {}});
  if (survey.right_ml < limits.min_side_ml) reasons.push_back({"right_lung_airless"_code, {}});
  if (hint.chest.empty() && !hint.elsewhere.empty())
    reasons.push_back({"header_names_other_region"_code, {{"word", hint.elsewhere}}});
  return reasons;
}

}  // namespace

GateResult check_chest_ct(const intake::SeriesHeader& header, const intake::LoadedVolume& ct,
                          const Limits& limits) {
  GateResult result;
  result.refusal = check_modality(header.modality);
  if (!result.refusal) result.refusal = check_slices(ct, limits);
  if (result.refusal) return result;
  result.lungs = survey_lungs(ct);
  result.refusal = check_values(result.lungs, limits);
  if (!result.refusal) result.refusal = check_lungs(result.lungs, limits);
  if (result.refusal) return result;
  result.chest = true;
  result.reasons = reservations(result.lungs, intake::body_hint(header), limits);
  return result;
}

}  // namespace thorax::quality
