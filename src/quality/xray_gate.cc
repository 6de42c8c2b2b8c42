#include <algorithm>
#include <cmath>
#include <string>

#include "intake/series_choice.h"
#include "quality/gate.h"
#include "quality/xray_picture.h"
#include "quality/xray_signs.h"

namespace thorax::quality {
namespace {

std::string percent(double share) {
  return std::to_string(std::lround(100 * share));
}

std::optional<Notice> check_header(const intake::SeriesHeader& header,
                                   const intake::BodyHint& hint) {
  if (!header.modality.empty() && !intake::is_radiograph_modality(header.modality)) {
    const Code code =
        header.modality == "CT" ? "ct_given_as_radiograph"_code : "wrong_modality"_code;
    return Notice{code, {{"modality", header.modality}}};
  }
  if (intake::is_lateral_view(header)) return Notice{"only_lateral_view"_code, {}};
  // The picture of another region can look like a chest from afar, so here the header decides.
  if (hint.chest.empty() && !hint.elsewhere.empty())
    return Notice{"not_a_chest"_code, {{"why", hint.elsewhere}}};
  return std::nullopt;
}

std::optional<Notice> check_picture(const volume::Image& image, const XrayLimits& limits) {
  const int shorter = std::min(image.height, image.width);
  if (shorter < limits.min_side_px)
    return Notice{"picture_too_small"_code,
                  {{"height", std::to_string(image.height)},
                   {"width", std::to_string(image.width)},
                   {"minimum", std::to_string(limits.min_side_px)}}};
  const double aspect = static_cast<double>(image.width) / image.height;
  if (aspect < limits.min_aspect || aspect > limits.max_aspect)
    return Notice{
        "picture_shape"_code,
        {{"height", std::to_string(image.height)}, {"width", std::to_string(image.width)}}};
  const PictureRange range = picture_range(image);
  if (range.high - range.low < limits.min_contrast * std::max(1.0, std::abs(range.high)))
    return Notice{"picture_blank"_code, {}};
  if (range.colour > limits.max_colour)
    return Notice{"picture_colour"_code, {{"percent", percent(range.colour)}}};
  return std::nullopt;
}

bool looks_like_chest(const ChestSigns& signs, const XrayLimits& limits) {
  const std::vector<SignCheck> checks = check_signs(signs, limits);
  return std::all_of(checks.begin(), checks.end(), [](const SignCheck& c) { return c.holds(); });
}

/// A chest that would be recognised clearly if it were turned, and more so than as it is.
bool rather(const Thumb& turned, const ChestSigns& as_it_is, const XrayLimits& limits) {
  const ChestSigns signs = chest_signs(turned);
  return looks_like_chest(signs, limits) && signs.pattern >= limits.sure_pattern &&
         signs.pattern > as_it_is.pattern + limits.turned_margin;
}

/// What a picture seems to be that is not the upright positive of a chest. A mirror image cannot be
/// told: hearts lie on the right side too.
std::optional<Notice> turned(const Thumb& thumb, const ChestSigns& signs,
                             const XrayLimits& limits) {
  if (rather(negative(thumb), signs, limits)) return Notice{"picture_negative"_code, {}};
  if (rather(upside_down(thumb), signs, limits)) return Notice{"picture_upside_down"_code, {}};
  const Thumb quarter = quarter_turned(thumb);
  if (rather(quarter, signs, limits) || rather(upside_down(quarter), signs, limits))
    return Notice{"picture_sideways"_code, {}};
  return std::nullopt;
}

}  // namespace

GateResult check_chest_xray(const intake::SeriesHeader& header, const volume::Image& image,
                            const XrayLimits& limits) {
  GateResult result;
  const intake::BodyHint hint = intake::body_hint(header);
  result.refusal = check_header(header, hint);
  if (!result.refusal) result.refusal = check_picture(image, limits);
  if (result.refusal) return result;
  const Thumb thumb = make_thumb(image);
  const ChestSigns signs = chest_signs(thumb);
  const bool chest = looks_like_chest(signs, limits);
  result.signs = check_signs(signs, limits);
  result.refusal = turned(thumb, signs, limits);
  if (!result.refusal && !chest && hint.chest.empty())
    result.refusal = Notice{"not_a_chest_xray"_code, {}};
  if (result.refusal) return result;
  result.chest = true;
  if (!chest || signs.likeness < limits.clear_likeness)
    result.reasons.push_back({"lungs_unclear"_code, {}});
  return result;
}

}  // namespace thorax::quality
