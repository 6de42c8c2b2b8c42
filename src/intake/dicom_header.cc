#include "intake/dicom_header.h"

#include <array>
#include <charconv>
#include <string_view>

#include "base/error.h"

namespace thorax::intake {
namespace {

struct ObjectKind {
  std::string_view sop_class;  ///< prefix of the SOP class UID
  std::string_view name;
};

/// Storage classes that carry no image to read, though some of them have PixelData (PS3.4 B.5).
constexpr std::array<ObjectKind, 12> kNotImages = {{
    {"1.2.840.10008.1.3.10", "media directory"},
    {"1.2.840.10008.5.1.4.1.1.9.", "waveform"},
    {"1.2.840.10008.5.1.4.1.1.11.", "presentation state"},
    {"1.2.840.10008.5.1.4.1.1.66", "segmentation, registration or raw data"},
    {"1.2.840.10008.5.1.4.1.1.67", "real world value mapping"},
    {"1.2.840.10008.5.1.4.1.1.88.", "structured report"},
    {"1.2.840.10008.5.1.4.1.1.104.", "encapsulated document"},
    {"1.2.840.10008.5.1.4.1.1.481.", "radiotherapy object"},
    {"1.2.840.10008.5.1.4.1.1.30", "parametric map"},
    {"1.2.840.10008.5.1.4.1.1.200.", "CT protocol"},
    {"1.2.840.10008.5.1.4.34.", "radiotherapy object"},
    {"1.2.840.10008.5.1.4.45.", "template"},
}};
constexpr std::string_view kRtImage = "1.2.840.10008.5.1.4.1.1.481.1";

std::string_view object_kind(const std::string& sop_class) {
  if (sop_class == kRtImage) return {};
  for (const ObjectKind& kind : kNotImages)
    if (sop_class.starts_with(kind.sop_class)) return kind.name;
  return {};
}

/// PatientAge "045Y" (PS3.5 6.2 AS), or the years between PatientBirthDate and StudyDate. Devices
/// that leave the unit out ("62") mean years: without it an adult would pass for of unknown age.
std::optional<double> read_age(const DicomItem& item) {
  const std::string age = item.text(0x00101010);
  int value = 0;
  const char* const end = age.data() + age.size();
  if (!age.empty() && age.size() <= 3 && std::from_chars(age.data(), end, value).ptr == end)
    return value;
  if (age.size() >= 2 && std::from_chars(age.data(), age.data() + age.size() - 1, value).ptr ==
                             age.data() + age.size() - 1) {
    switch (age.back()) {
      case 'Y':
        return value;
      case 'M':
        return value / 12.0;
      case 'W':
        return value / 52.1775;
      case 'D':
        return value / 365.2425;
      default:
        break;
    }
  }
  const auto days = [&](DicomTag tag) -> std::optional<double> {
    const std::string date = item.text(tag);
    int number = 0;
    if (date.size() != 8 ||
        std::from_chars(date.data(), date.data() + 8, number).ptr != date.data() + 8)
      return std::nullopt;
    const int year = number / 10000, month = number / 100 % 100, day = number % 100;
    return year * 365.2425 + month * 30.44 + day;
  };
  const std::optional<double> birth = days(0x00100030), study = days(0x00080020);
  if (!birth || !study || *study < *birth) return std::nullopt;
  return (*study - *birth) / 365.2425;
}

void read_series(const DicomItem& item, const std::string& charset, FileHeader& header) {
  header.patient = {item.utf8(0x00100020, charset), item.utf8(0x00100010, charset),
                    item.text(0x00100040), read_age(item), item.text(0x00100030)};
  header.study_date = item.text(0x00080020);
  header.study_time = item.text(0x00080030);
  header.study_id = item.utf8(0x00200010, charset);
  header.accession_number = item.utf8(0x00080050, charset);
  header.referring_physician = item.utf8(0x00080090, charset);
  SeriesHeader& s = header.series;
  s.study_instance_uid = item.text(0x0020000D);
  s.series_instance_uid = item.text(0x0020000E);
  s.modality = item.text(0x00080060);
  s.body_part = item.text(0x00180015);
  s.protocol = item.utf8(0x00181030, charset);
  s.study_description = item.utf8(0x00081030, charset);
  s.series_description = item.utf8(0x0008103E, charset);
  s.manufacturer = item.utf8(0x00080070, charset);
  s.model_name = item.utf8(0x00081090, charset);
  s.kernel = item.text(0x00181210);
  s.contrast_agent = item.utf8(0x00180010, charset);
  s.view_position = item.text(0x00185101);
  s.laterality = item.text(0x00200060);
  if (s.laterality.empty()) s.laterality = item.text(0x00200062);
  s.series_number = item.integer(0x00200011);
  s.kvp = item.number(0x00180060);
}

void read_instance(const DicomItem& item, const DicomScan& scan, Instance& i) {
  i.sop_instance_uid = item.text(0x00080018);
  i.sop_class_uid = item.text(0x00080016);
  if (i.sop_class_uid.empty()) i.sop_class_uid = scan.media_sop_class_uid;
  i.transfer_syntax_uid = scan.transfer_syntax_uid;
  i.modality = item.text(0x00080060);
  i.image_type = item.texts(0x00080008);
  i.frame_of_reference_uid = item.text(0x00200052);
  i.instance_number = item.integer(0x00200013);
  i.acquisition_number = item.integer(0x00200012);
  i.temporal_position = item.integer(0x00200100);
  i.position = item.vector<3>(0x00200032);
  i.orientation = item.vector<6>(0x00200037);
  i.pixel_spacing = item.vector<2>(0x00280030);
  // Projection images have the spacing at the detector instead.
  if (!i.pixel_spacing) i.pixel_spacing = item.vector<2>(0x00181164);
  i.slice_thickness = item.number(0x00180050);
  i.spacing_between_slices = item.number(0x00180088);
  i.gantry_tilt = item.number(0x00181120);
  i.slice_location = item.number(0x00201041);
  i.rescale_slope = item.number(0x00281053);
  i.rescale_intercept = item.number(0x00281052);
  i.window_center = item.numbers(0x00281050, Vr::text);
  i.window_width = item.numbers(0x00281051, Vr::text);
  if (i.window_center.size() > 16) i.window_center.resize(16);
  if (i.window_width.size() > 16) i.window_width.resize(16);
  i.photometric = item.text(0x00280004);
  i.rows = item.integer(0x00280010, Vr::us).value_or(0);
  i.columns = item.integer(0x00280011, Vr::us).value_or(0);
  i.frames = std::max(1, item.integer(0x00280008).value_or(1));
  i.samples = item.integer(0x00280002, Vr::us).value_or(1);
  i.bits_allocated = item.integer(0x00280100, Vr::us).value_or(0);
  i.bits_stored = item.integer(0x00280101, Vr::us).value_or(i.bits_allocated);
  i.is_signed = item.integer(0x00280103, Vr::us).value_or(0) == 1;
  i.pixel_padding = item.integer(0x00280120, i.is_signed ? Vr::ss : Vr::us);
  i.has_pixels = scan.pixels.has_value();
}

void check_size(const Instance& i, const std::string& shown, const Limits& limits) {
  const auto pixels = static_cast<std::uint64_t>(i.rows) * static_cast<std::uint64_t>(i.columns);
  if (i.rows > limits.max_side || i.columns > limits.max_side || pixels > limits.max_image_pixels)
    throw Error("image_too_large"_code, {{"path", shown},
                                         {"rows", std::to_string(i.rows)},
                                         {"columns", std::to_string(i.columns)}});
  if (i.frames > limits.max_frames)
    throw Error("too_many_frames"_code, {{"path", shown},
                                         {"frames", std::to_string(i.frames)},
                                         {"limit", std::to_string(limits.max_frames)}});
}

}  // namespace

std::variant<FileHeader, Notice> read_dicom_header(const DicomScan& scan, const std::string& shown,
                                                   const Limits& limits) {
  const DicomItem item(scan, limits);
  FileHeader header;
  read_instance(item, scan, header.instance);
  Instance& instance = header.instance;
  const auto refuse = [&](Code code, std::string_view what) {
    return Notice{code, {{"path", shown}, {"what", std::string(what)}}};
  };
  if (instance.sop_class_uid == "1.2.840.10008.1.3.10") return refuse("media_index"_code, "");
  const std::string_view kind = object_kind(instance.sop_class_uid);
  if (!kind.empty()) return refuse("not_an_image_object"_code, kind);
  if (!instance.has_pixels || instance.rows <= 0 || instance.columns <= 0)
    return refuse("not_an_image_object"_code,
                  instance.modality.empty() ? "no pixels" : instance.modality + ", no pixels");
  check_size(instance, shown, limits);
  std::string charset = item.text(0x00080005);
  const std::vector<std::string> sets = item.texts(0x00080005);
  for (std::size_t k = 1; k < sets.size(); ++k) charset += "\\" + sets[k];
  read_series(item, charset, header);
  instance.per_frame = read_functional_groups(item, instance);
  return header;
}

}  // namespace thorax::intake
