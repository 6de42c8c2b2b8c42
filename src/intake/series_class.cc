#include "intake/series_class.h"

#include "intake/series_words.h"

namespace thorax::intake {
namespace {

bool has_value(const Instance& instance, std::initializer_list<std::string_view> words) {
  for (const std::string& value : instance.image_type)
    for (const std::string_view word : words)
      if (contains_word(value, word)) return true;
  return false;
}

bool says(const SeriesHeader& header, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words)
    if (contains_word(header.series_description, word)) return true;
  return false;
}

bool is_dose_screen(const SeriesHeader& header, const Instance& instance) {
  return has_value(instance, {"dose"}) || says(header, {"dose", "patient protocol", "доза"});
}

bool is_secondary_capture(const Instance& instance) {
  constexpr std::string_view kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
  return instance.sop_class_uid.starts_with(kSecondaryCapture) || instance.samples > 1 ||
         has_value(instance, {"screen save"});
}

bool is_projection(const SeriesHeader& header, const Instance& instance) {
  return has_value(instance, {"mip", "minip", "min ip", "max ip", "vrt", "projection image",
                              "volumerendering", "mean ip", "avg ip"}) ||
         says(header, {"mip", "minip", "vrt"});
}

bool is_derived(const Instance& instance) {
  return has_value(instance, {"derived", "secondary", "mpr", "csa mpr", "csamanipulated",
                              "reformatted", "cpr", "multi planar"});
}

}  // namespace

bool is_radiograph_modality(const std::string& modality) {
  return modality == "CR" || modality == "DX" || modality == "RG" || modality == "DR";
}

ImageClass classify(const SeriesHeader& header, const Instance& instance) {
  if (!instance.has_pixels) return ImageClass::no_pixels;
  const std::string& modality = instance.modality.empty() ? header.modality : instance.modality;
  if (is_radiograph_modality(modality)) return ImageClass::radiograph;
  if (modality.empty() && instance.sop_class_uid.empty() && instance.frames == 1 &&
      !instance.position)
    return ImageClass::radiograph;  // a picture file; its content is judged by the X-ray gate
  if (is_dose_screen(header, instance)) return ImageClass::dose_screen;
  if (is_secondary_capture(instance)) return ImageClass::secondary_capture;
  if (!modality.empty() && modality != "CT") return ImageClass::other_modality;
  if (has_value(instance, {"localizer", "scout", "topogram"}) ||
      says(header, {"scout", "topogram", "localizer", "surview", "scanogram", "топограмма"}))
    return ImageClass::localizer;
  if (is_projection(header, instance)) return ImageClass::projection;
  return is_derived(instance) ? ImageClass::derived : ImageClass::original;
}

}  // namespace thorax::intake
