#include <algorithm>

#include "measure/nodules.h"

namespace thorax::measure {

void add_nodule_measurements(const std::vector<Nodule>& nodules, const CtContext& context,
                             Measurements& values) {
  double count = 0, largest = 0;
  for (const Nodule& n : nodules)
    if (n.score >= kSuspiciousNodule) {
      ++count;
      largest = std::max(largest, n.diameter_mm);
    }
  constexpr double kThinMm = 2.5, kThickMm = 5;
  Reliability reliability = Reliability::limited;
  Text caveat{
      "Candidates are found by shape and density, without training: vessel crossings are "
      "taken for nodules at times, and nodules at the hilum and ground glass on a vessel are "
      "missed.",
      "Кандидаты найдены по форме и плотности, без обучения: пересечения сосудов иногда "
      "принимаются за очаги, а очаги в корне лёгкого и матовое стекло вокруг "
      "сосуда могут быть пропущены."};
  if (context.slice_thickness_mm > kThinMm) {
    if (context.slice_thickness_mm >= kThickMm) reliability = Reliability::weak;
    caveat.en += " The slices are too thick for nodules smaller than two of them.";
    caveat.ru += " Срезы слишком толстые для очагов размером менее двух срезов.";
  }
  const char* source =
      "Bankier et al., Radiology 285:584, 2017; MacMahon et al., Radiology 284:228, 2017";
  values.add(
      {.id = "nodule.suspicious.count",
       .name = {"Suspicious nodules", "Подозрительные очаги"},
       .value = count,
       .unit = "1",
       .decimals = 0,
       .method = {"Round dense spots in the lungs cut free of vessels, with a rank score of "
                  "0.2 and more",
                  "Округлые уплотнения в лёгких, отделённые от сосудов, с ранговой оценкой "
                  "0,2 и более"},
       .source = "Li, Sone, Doi, Med Phys 30:2040, 2003; Kuhnigk et al., IEEE TMI 25:417, 2006",
       .normal = std::nullopt,
       .reliability = reliability,
       .caveat = caveat});
  values.add(
      {.id = "nodule.suspicious.diameter",
       .name = {"Largest suspicious nodule", "Наибольший подозрительный очаг"},
       .value = largest,
       .unit = "mm",
       .decimals = 1,
       .method = {"Mean of the long axis and the short axis perpendicular to it, on the axial "
                  "slice with the longest one; 0 when there is no suspicious nodule",
                  "Среднее длинной и перпендикулярной ей короткой оси на аксиальном срезе с "
                  "наибольшей длинной осью; 0, если подозрительных очагов нет"},
       .source = source,
       .normal = NormalRange{std::nullopt, 6.0, "MacMahon et al., Radiology 284:228, 2017"},
       .reliability = reliability,
       .caveat = caveat});
}

}  // namespace thorax::measure
