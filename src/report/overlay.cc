#include "report/overlay.h"

#include <algorithm>
#include <array>

namespace thorax::report {
namespace {

const std::array<MarkStyle, 9>& styles() {
  static const std::array<MarkStyle, 9> all{{
      {{"E", "#66c7ff", {"emphysema", "эмфизема"}}, true, {"Emphysema"}, "lung"},
      {{"G", "#f0e442", {"ground glass", "матовое стекло"}}, false, {"Lung opacity"}, "lung"},
      {{"C", "#ff9f1c", {"consolidation", "консолидация"}},
       false,
       {"Consolidation", "Lung opacity"},
       "lung"},
      {{"PL", "#2ee6a6", {"pleural effusion", "плевральный выпот"}},
       false,
       {"Pleural effusion"},
       "mediastinum"},
      {{"PC", "#b79bff", {"pericardial effusion", "перикардиальный выпот"}},
       false,
       {"Pericardial effusion"},
       "mediastinum"},
      {{"PX", "#ff8f70", {"pneumothorax", "пневмоторакс"}}, false, {"Pneumothorax"}, "lung"},
      {{"N", "#ff5ce1", {"nodule", "очаг"}}, false, {"Lung nodule"}, "lung"},
      {{"CC", "#ff6b6b", {"coronary calcification", "кальцификация коронарных артерий"}},
       false,
       {"Coronary artery wall calcification"},
       "mediastinum"},
      {{"AC", "#d9d9d9", {"aortic calcification", "кальцификация аорты"}},
       false,
       {"Arterial wall calcification"},
       "mediastinum"},
  }};
  return all;
}

const MarkStyle* style_of(const std::string& finding_id) {
  for (const MarkStyle& s : styles())
    if (std::find(s.findings.begin(), s.findings.end(), finding_id) != s.findings.end()) return &s;
  return nullptr;
}

}  // namespace

const MarkStyle& style(Mark mark) {
  return styles().at(static_cast<std::size_t>(mark));
}

LegendItem lesion_legend(const std::string& finding_id) {
  const MarkStyle* found = style_of(finding_id);
  return found ? found->legend : LegendItem{"X", "#ffffff", {finding_id, finding_id}};
}

std::string best_window(const std::string& finding_id) {
  if (const MarkStyle* found = style_of(finding_id)) return found->window;
  return finding_id == "Cardiomegaly" || finding_id == "Hiatal hernia" ||
                 finding_id == "Lymphadenopathy"
             ? "mediastinum"
             : "lung";
}

}  // namespace thorax::report
