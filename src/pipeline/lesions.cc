#include "pipeline/lesions.h"

#include "measure/nodules.h"
#include "report/phrases.h"

namespace thorax::pipeline {
namespace {

using measure::FindingLabel;

constexpr const char* kNoduleId = "Lung nodule";
/// So many of the best-ranked candidates are listed even when none is suspicious.
constexpr std::size_t kListedCandidates = 10;
/// From this diameter on a nodule is called a mass (Hansell et al., Fleischner Society glossary,
/// Radiology 2008;246:697).
constexpr double kMassMm = 30;

bool suspicious(const measure::Nodule& nodule) {
  return nodule.score >= measure::kSuspiciousNodule;
}

Text number(double value, int decimals) {
  return report::both([&](Language language) { return report::number(value, decimals, language); });
}

Text name(FindingLabel label) {
  switch (label) {
    case FindingLabel::kEmphysema:
      return {"emphysema", "эмфизема"};
    case FindingLabel::kGroundGlass:
      return {"ground-glass opacity", "матовое стекло"};
    case FindingLabel::kConsolidation:
      return {"consolidation", "консолидация"};
    case FindingLabel::kPleuralEffusion:
      return {"pleural effusion", "плевральный выпот"};
    case FindingLabel::kPericardialEffusion:
      return {"pericardial effusion", "перикардиальный выпот"};
    case FindingLabel::kPneumothorax:
      return {"pneumothorax", "пневмоторакс"};
    case FindingLabel::kNodule:
      return {"nodule", "очаг"};
    case FindingLabel::kCoronaryCalcification:
      return {"coronary calcification", "кальцификация коронарных артерий"};
    case FindingLabel::kAorticCalcification:
      return {"aortic calcification", "кальцификация аорты"};
    case FindingLabel::kNoFinding:
      break;
  }
  return {};
}

Text name(measure::NoduleType type, bool mass) {
  if (mass) return {"mass", "образование"};
  switch (type) {
    case measure::NoduleType::solid:
      return {"solid nodule", "солидный очаг"};
    case measure::NoduleType::part_solid:
      return {"part-solid nodule", "частично солидный очаг"};
    case measure::NoduleType::ground_glass:
      break;
  }
  return {"ground-glass nodule", "очаг по типу матового стекла"};
}

void append(Text& text, const Text& more) {
  if (more.en.empty()) return;
  text.en += ", " + more.en;
  text.ru += ", " + more.ru;
}

Text describe(const measure::Nodule& nodule) {
  const Text size = number(nodule.diameter_mm, 0);
  const Text type = name(nodule.type, nodule.diameter_mm > kMassMm);
  Text text{size.en + " mm " + type.en, type.ru + " " + size.ru + " мм"};
  if (nodule.calcified) append(text, {"calcified", "обызвествлённый"});
  append(text, nodule.place.where);
  if (nodule.touches_wall) append(text, {"touches the pleura", "прилежит к плевре"});
  if (nodule.touches_vessel) append(text, {"touches a vessel", "прилежит к сосуду"});
  return text;
}

Text describe(const measure::Region& region) {
  constexpr double kSmallMl = 1;
  const bool small = region.volume_ml < kSmallMl;
  const Text volume = small ? number(region.volume_ml * 1000, 0)
                            : number(region.volume_ml, region.volume_ml < 10 ? 1 : 0);
  Text text = name(region.label);
  append(text, {volume.en + (small ? " mm³" : " mL"), volume.ru + (small ? " мм³" : " мл")});
  append(text, region.place.where);
  return text;
}

}  // namespace

std::vector<std::string> finding_ids(FindingLabel label) {
  switch (label) {
    case FindingLabel::kEmphysema:
      return {"Emphysema"};
    case FindingLabel::kGroundGlass:
      return {"Lung opacity"};
    case FindingLabel::kConsolidation:
      return {"Consolidation", "Lung opacity"};
    case FindingLabel::kPleuralEffusion:
      return {"Pleural effusion"};
    case FindingLabel::kPericardialEffusion:
      return {"Pericardial effusion"};
    case FindingLabel::kPneumothorax:
      return {"Pneumothorax"};
    case FindingLabel::kNodule:
      return {kNoduleId};
    case FindingLabel::kCoronaryCalcification:
      return {"Coronary artery wall calcification"};
    case FindingLabel::kAorticCalcification:
      return {"Arterial wall calcification"};
    case FindingLabel::kNoFinding:
      break;
  }
  return {};
}

std::map<std::string, std::vector<Place>> finding_places(const measure::CtMeasurements& measured) {
  std::map<std::string, std::vector<Place>> places;
  for (const measure::Nodule& nodule : measured.nodules)
    if (suspicious(nodule)) places[kNoduleId].push_back(nodule.place);
  for (const measure::Region& region : measured.regions)
    for (const std::string& id : finding_ids(region.label)) places[id].push_back(region.place);
  return places;
}

std::vector<report::LesionRow> lesion_rows(const measure::CtMeasurements& measured) {
  std::vector<report::LesionRow> rows;
  for (const measure::Nodule& nodule : measured.nodules) {
    if (!suspicious(nodule) && rows.size() >= kListedCandidates) break;  // they come ranked
    rows.push_back({kNoduleId, nodule.place, describe(nodule), nodule.diameter_mm,
                    nodule.volume_mm3, nodule.mean_hu, nodule.score, suspicious(nodule)});
  }
  for (const measure::Region& region : measured.regions)
    rows.push_back({finding_ids(region.label).front(), region.place, describe(region), 0,
                    region.volume_ml * 1000, region.mean_hu, 0});
  return rows;
}

}  // namespace thorax::pipeline
