#include "report/dicom_codes.h"

#include <algorithm>
#include <cmath>

namespace thorax::report {
namespace {

using dicom::Code;

Code anatomical() {
  return {"123037004", "SCT", "Anatomical Structure"};
}
Code abnormal() {
  return {"49755003", "SCT", "Morphologically Abnormal Structure"};
}
Code lung() {
  return {"39607008", "SCT", "Lung"};
}
Code aorta() {
  return {"15825003", "SCT", "Aorta"};
}
Code left() {
  return {"7771000", "SCT", "Left"};
}
Code right() {
  return {"24028007", "SCT", "Right"};
}
Code emphysema() {
  return {"87433001", "SCT", "Pulmonary emphysema"};
}
Code consolidation() {
  return {"95436008", "SCT", "Lung consolidation"};
}
Code pleural_effusion() {
  return {"60046008", "SCT", "Pleural effusion"};
}
Code pericardial_effusion() {
  return {"373945007", "SCT", "Pericardial effusion"};
}
Code pneumothorax() {
  return {"36118008", "SCT", "Pneumothorax"};
}
Code nodule() {
  return {"27925004", "SCT", "Nodule"};
}
Code calcification() {
  return {"18115005", "SCT", "Pathologic calcification, calcified structure"};
}

SegmentMeaning finding(std::string label, Code type, std::optional<Code> region) {
  return {std::move(label), abnormal(), std::move(type), {}, std::move(region), {}};
}

SegmentMeaning bare_meaning(Mark mark) {
  switch (mark) {
    case Mark::emphysema:
      return finding("Emphysema", emphysema(), lung());
    case Mark::ground_glass:
      return finding("Ground glass opacity", {"112120", "DCM", "Ground glass opacity"}, lung());
    case Mark::consolidation:
      return finding("Consolidation", consolidation(), lung());
    case Mark::pleural_effusion:
      return finding("Pleural effusion", pleural_effusion(), {});
    case Mark::pericardial_effusion:
      return finding("Pericardial effusion", pericardial_effusion(), {});
    case Mark::pneumothorax:
      return finding("Pneumothorax", pneumothorax(), {});
    case Mark::nodule:
      return finding("Nodule candidates", nodule(), lung());
    case Mark::coronary_calcification:
      return finding("Coronary calcification", calcification(),
                     Code{"41801008", "SCT", "Coronary artery"});
    case Mark::aortic_calcification:
      break;
  }
  return finding("Aortic calcification", calcification(), aorta());
}

double linear(double value) {
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double cube_root_part(double value) {
  constexpr double kLow = 216.0 / 24389, kSlope = 24389.0 / 27;
  return value > kLow ? std::cbrt(value) : (kSlope * value + 16) / 116;
}

std::uint16_t over_16_bits(double value, double low, double high) {
  return static_cast<std::uint16_t>(
      std::lround(std::clamp((value - low) / (high - low), 0.0, 1.0) * 65535));
}

}  // namespace

SegmentMeaning meaning_of(Mark mark) {
  SegmentMeaning meaning = bare_meaning(mark);
  meaning.colour = style(mark).legend.colour;
  return meaning;
}

SegmentMeaning meaning_of(Organ organ) {
  switch (organ) {
    case Organ::left_lung:
      return {"Left lung", anatomical(), lung(), left(), {}, {}};
    case Organ::right_lung:
      return {"Right lung", anatomical(), lung(), right(), {}, {}};
    case Organ::airways:
      return {"Trachea and main bronchi",
              anatomical(),
              {"110726009", "SCT", "Trachea and bronchus"},
              {},
              {},
              {}};
    case Organ::heart:
      return {"Heart", anatomical(), {"80891009", "SCT", "Heart"}, {}, {}, {}};
    case Organ::aorta:
      return {"Aorta", anatomical(), aorta(), {}, {}, {}};
    case Organ::spine:
      break;
  }
  return {"Vertebral bodies", anatomical(), {"421060004", "SCT", "Spine"}, {}, {}, {}};
}

SegmentMeaning meaning_of_organ(const std::string& name) {
  return {name, anatomical(), own_code(name, name), {}, {}, {}};
}

Code finding_code(const std::string& finding_id, const std::string& name) {
  if (finding_id == "Emphysema") return emphysema();
  if (finding_id == "Consolidation") return consolidation();
  if (finding_id == "Pleural effusion") return pleural_effusion();
  if (finding_id == "Pericardial effusion") return pericardial_effusion();
  if (finding_id == "Pneumothorax") return pneumothorax();
  if (finding_id == "Lung nodule") return nodule();
  if (finding_id == "Atelectasis") return {"46621007", "SCT", "Atelectasis"};
  if (finding_id == "Pneumonia") return {"233604007", "SCT", "Pneumonia"};
  return own_code(finding_id, name);
}

Code own_code(const std::string& id, const std::string& meaning) {
  return {id, kOwnScheme, meaning};
}

Code unit_code(const std::string& ucum) {
  if (ucum == "1") return {"1", "UCUM", "no units"};
  if (ucum == "[hnsf'U]") return {ucum, "UCUM", "Hounsfield unit"};
  return {ucum, "UCUM", ucum};
}

std::array<std::uint16_t, 3> cielab(const std::string& colour) {
  const auto part = [&](std::size_t at) {
    return linear(std::stoi(colour.substr(at, 2), nullptr, 16) / 255.0);
  };
  const double r = part(1), g = part(3), b = part(5);
  // sRGB to XYZ of D50 (IEC 61966-2-1 with the Bradford matrix), relative to its white point.
  const double x = (0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.96422;
  const double y = 0.2225045 * r + 0.7168786 * g + 0.0606169 * b;
  const double z = (0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.82521;
  const double fx = cube_root_part(x), fy = cube_root_part(y), fz = cube_root_part(z);
  return {over_16_bits(116 * fy - 16, 0, 100), over_16_bits(500 * (fx - fy), -128, 127),
          over_16_bits(200 * (fy - fz), -128, 127)};
}

}  // namespace thorax::report
