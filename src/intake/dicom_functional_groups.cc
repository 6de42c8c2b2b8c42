// Functional groups of enhanced multi-frame objects, PS3.3 C.7.6.16.
#include "intake/dicom_header.h"

namespace thorax::intake {
namespace {

constexpr DicomTag kShared = 0x52009229, kPerFrame = 0x52009230;
constexpr DicomTag kPlanePosition = 0x00209113, kPlaneOrientation = 0x00209116;
constexpr DicomTag kPixelMeasures = 0x00289110, kPixelValueTransformation = 0x00289145;
constexpr DicomTag kCtImageFrameType = 0x00189329, kFrameVoiLut = 0x00289132;

void read_frame(const DicomItem& group, Instance::Frame& frame) {
  if (const auto item = group.first_item(kPlanePosition))
    frame.position = item->vector<3>(0x00200032);
  if (const auto item = group.first_item(kPlaneOrientation))
    frame.orientation = item->vector<6>(0x00200037);
  if (const auto item = group.first_item(kPixelValueTransformation)) {
    frame.rescale_slope = item->number(0x00281053);
    frame.rescale_intercept = item->number(0x00281052);
  }
}

/// Attributes that the series model expects once an instance.
void read_common(const DicomItem& group, Instance& instance) {
  if (const auto item = group.first_item(kPixelMeasures)) {
    if (!instance.pixel_spacing) instance.pixel_spacing = item->vector<2>(0x00280030);
    if (!instance.slice_thickness) instance.slice_thickness = item->number(0x00180050);
    if (!instance.spacing_between_slices)
      instance.spacing_between_slices = item->number(0x00180088);
  }
  if (const auto item = group.first_item(kCtImageFrameType); item && instance.image_type.empty())
    instance.image_type = item->texts(0x00089007);
  if (const auto item = group.first_item(kFrameVoiLut); item && instance.window_center.empty()) {
    instance.window_center = item->numbers(0x00281050, Vr::text);
    instance.window_width = item->numbers(0x00281051, Vr::text);
  }
}

template <class T>
void fill(std::optional<T>& value, const std::optional<T>& fallback) {
  if (!value) value = fallback;
}

}  // namespace

std::vector<Instance::Frame> read_functional_groups(const DicomItem& item, Instance& instance) {
  const std::vector<DicomItem> groups = item.items(kPerFrame);
  const std::optional<DicomItem> shared = item.first_item(kShared);
  if (groups.empty() && !shared) return {};
  Instance::Frame common;
  if (shared) {
    read_frame(*shared, common);
    read_common(*shared, instance);
  }
  if (!groups.empty()) read_common(groups.front(), instance);
  std::vector<Instance::Frame> frames(static_cast<std::size_t>(instance.frames));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i < groups.size()) read_frame(groups[i], frames[i]);
    fill(frames[i].position, common.position);
    fill(frames[i].orientation, common.orientation);
    fill(frames[i].rescale_slope, common.rescale_slope);
    fill(frames[i].rescale_intercept, common.rescale_intercept);
  }
  fill(instance.position, frames.front().position);
  fill(instance.orientation, frames.front().orientation);
  fill(instance.rescale_slope, frames.front().rescale_slope);
  fill(instance.rescale_intercept, frames.front().rescale_intercept);
  return frames;
}

}  // namespace thorax::intake
