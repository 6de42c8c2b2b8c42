// What findings and organs are called in coded terms.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dicom/dataset.h"
#include "report/overlay.h"

namespace thorax::report {

/// The scheme of what has no code of a standard; its codes are Thorax's own ids.
inline constexpr const char* kOwnScheme = "99THORAX";

/// An organ of the anatomy that is outlined on every CT.
enum class Organ { left_lung, right_lung, airways, heart, aorta, spine };

/// What a segment is: PS3.3 C.8.20.4, with the codes of PS3.16 CID 7150, 7151, 7159 and 6104.
struct SegmentMeaning {
  std::string label;  ///< in English, as code meanings are
  dicom::Code category, type;
  std::optional<dicom::Code> side;    ///< left or right
  std::optional<dicom::Code> region;  ///< in which organ
  std::string colour;                 ///< "#rrggbb"; empty: none is recommended
};

SegmentMeaning meaning_of(Mark mark);
SegmentMeaning meaning_of(Organ organ);
/// An organ that a network outlines, by the name its model gives it.
SegmentMeaning meaning_of_organ(const std::string& name);

/// A finding of the catalogue; of the own scheme where the standards have none that says the same.
dicom::Code finding_code(const std::string& finding_id, const std::string& name);

dicom::Code own_code(const std::string& id, const std::string& meaning);
dicom::Code unit_code(const std::string& ucum);

/// CIELab of a colour as PS3.3 C.10.7.1.1 writes it: L* 0..100, a* and b* -128..127, each over the
/// whole range of 16 bits. sRGB's white point D65 is brought to D50 (Bradford), which PCS-Values
/// refer to.
std::array<std::uint16_t, 3> cielab(const std::string& colour);

}  // namespace thorax::report
