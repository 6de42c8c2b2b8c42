// What learned networks say, beside the measurements.
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

std::string probability(double value) {
  return in_both(both([&](Language l) { return number(value, 2, l); }));
}

std::string said_of_study(const findings::NetworkOpinion& opinion) {
  if (!opinion.probability) return {};
  return "<p>" +
         in_both("Probability of any pathology, as the network says it: ",
                 "Вероятность любой патологии по оценке сети: ") +
         "<strong class=\"num\">" + probability(*opinion.probability) + "</strong>" +
         (opinion.decides
              ? in_both(". The study's verdict is this network's.",
                        ". Заключение по исследованию даёт эта сеть.")
              : in_both(". It does not change the verdict.", ". На заключение не влияет.")) +
         "</p>";
}

std::string said_of_series(const findings::NetworkOpinion& opinion) {
  if (!opinion.series) return {};
  const findings::SeriesScore& series = *opinion.series;
  const auto shown = [](double value) {
    return both([&](Language l) { return number(value, 2, l); });
  };
  const Text first = shown(series.first), low = shown(series.band.low),
             high = shown(series.band.high), threshold = shown(opinion.threshold);
  const std::string slabs = std::to_string(series.slabs);
  Text text{
      "From " + slabs + " slabs of slices: " + first.en + "; pathology above " + threshold.en + ".",
      "По участкам из соседних срезов (" + slabs + "): " + first.ru + "; патология — выше " +
          threshold.ru + "."};
  const bool inside = series.first > series.band.low && series.first < series.band.high;
  const Text band{low.en + "–" + high.en, low.ru + "–" + high.ru};
  if (!series.second_model.empty()) {
    const Text second = shown(series.second);
    text.en += " Inside the uncertain band " + band.en + ", so the network " + series.second_model +
               " was asked about the whole volume: " + second.en + "; the mean of both counts.";
    text.ru += " Это внутри зоны неопределённости " + band.ru + ", поэтому запрошено мнение сети " +
               series.second_model + " по всему объёму: " + second.ru +
               "; учитывается среднее двух оценок.";
  } else if (inside) {
    text.en +=
        " Inside the uncertain band " + band.en + "; no network for a second opinion is installed.";
    text.ru += " Это внутри зоны неопределённости " + band.ru +
               "; сеть для второго мнения не установлена.";
  }
  return "<p>" + in_both(text) + "</p>";
}

std::string said_of_novelty(const findings::NetworkOpinion& opinion) {
  if (!opinion.novelty) return {};
  const findings::Novelty& novelty = *opinion.novelty;
  return "<p>" + in_both(both([&](Language l) {
           const bool ru = l == Language::ru;
           return (ru ? "Непохожесть на обучающие снимки: "
                      : "Distance from its training pictures: ") +
                  number(novelty.distance, 2, l) +
                  (ru ? " (у обучающих — около 1; порог " : " (about 1 for these; limit ") +
                  number(novelty.limit, 2, l) + (ru ? ", его превышают " : ", passed by ") +
                  quantity(100 * novelty.false_alarm_rate, 0, "%", l) +
                  (ru ? " подобных им снимков). " : " of pictures like them). ") +
                  (!novelty.outside() ? ""
                   : ru ? "Снимок непохож на те, что известны сети."
                        : "The network does not know such pictures.");
         })) +
         "</p>";
}

std::string finding_rows(const findings::NetworkOpinion& opinion) {
  std::string rows;
  for (const findings::NetworkFinding& finding : opinion.findings)
    rows += "<tr><th scope=\"row\">" + in_both(finding.name) + "</th><td class=\"num\">" +
            probability(finding.probability) + "</td><td class=\"num\">" +
            probability(finding.threshold) + "</td><td>" +
            (finding.positive ? in_both("above", "выше порога") : "") + "</td></tr>";
  return rows;
}

std::string organ_table(const OrganVolumes& organs) {
  std::string rows;
  for (const OrganVolumes::Organ& organ : organs.organs)
    rows += "<tr><th scope=\"row\">" + escaped(organ.name) + "</th><td class=\"num\">" +
            std::to_string(organ.label) + "</td><td class=\"num\">" +
            in_both(both([&](Language l) { return number(organ.volume_ml, 1, l); })) + "</td></tr>";
  return "<h3>" + escaped(organs.model) + "</h3><p>" +
         in_both("Organs as this network outlines them; its labels are in organs.nii.gz.",
                 "Органы, как их выделяет эта сеть; её метки — в файле organs.nii.gz.") +
         "</p>" +
         wide_table("<tr><th scope=\"col\">" + in_both("Organ", "Орган") +
                    "</th><th scope=\"col\" class=\"num\">" + in_both("Label", "Метка") +
                    "</th><th scope=\"col\" class=\"num\">" + in_both("Volume, mL", "Объём, мл") +
                    "</th></tr>" + rows);
}

std::string draft_block(const ReportDraft& draft) {
  return "<h3>" + in_both("Report draft by a network", "Черновик описания, созданный сетью") +
         "</h3><p class=\"muted\">" +
         in_both("Written by the network " + draft.model + "; not checked, part of no verdict.",
                 "Написано сетью " + draft.model + "; не проверено, в заключении не учитывается.") +
         "</p><blockquote>" + escaped(draft.text) + "</blockquote>";
}

}  // namespace

std::string body_part_prose(const StudyResult& result) {
  if (!result.body_part) return {};
  const BodyPartRow& row = *result.body_part;
  std::string out =
      "<p>" + in_both("The network ", "Сеть ") + "<strong>" + escaped(row.model) + "</strong>";
  if (row.part == "NONE")
    out += in_both(" recognises no part of the body.", " не распознала область тела.");
  else
    out += in_both(" takes the scan for ", " относит исследование к области ") + "<strong>" +
           escaped(row.part) + "</strong>.";
  if (row.chest_slices) {
    const std::string range = std::to_string((*row.chest_slices)[0] + 1) + "–" +
                              std::to_string((*row.chest_slices)[1] + 1);
    out += in_both(" It sees the chest (Th12 to Th1) in slices " + range + " from the feet.",
                   " Грудная клетка (Th12–Th1): срезы " + range + ", считая от ног.");
  }
  out += row.agrees ? in_both(" That agrees with the picture.", " Это согласуется с изображением.")
                    : in_both(" That differs from the picture, which decides: see the warnings.",
                              " Это расходится с изображением, по которому принято решение: см. "
                              "предупреждения.");
  return out + "</p>";
}

std::string network_tables(const StudyResult& result) {
  std::string out;
  for (const findings::NetworkOpinion& opinion : result.networks) {
    out += "<h3>" + escaped(opinion.model) + "</h3>" + said_of_study(opinion) +
           said_of_series(opinion) + said_of_novelty(opinion);
    if (opinion.findings.empty()) continue;
    out +=
        wide_table("<tr><th scope=\"col\">" + in_both("Finding", "Находка") +
                   "</th><th scope=\"col\" class=\"num\">" + in_both("Probability", "Вероятность") +
                   "</th><th scope=\"col\" class=\"num\">" + in_both("Threshold", "Порог") +
                   "</th><th scope=\"col\"></th></tr>" + finding_rows(opinion));
  }
  if (result.organs) out += organ_table(*result.organs);
  if (result.draft) out += draft_block(*result.draft);
  if (out.empty()) return out;
  return "<p class=\"muted\">" +
         in_both("Numbers as the networks give them: not calibrated unless a model's card says so.",
                 "Числа приведены так, как их выдают сети: не калиброваны, если иное не указано в "
                 "карточке модели.") +
         "</p>" + out;
}

}  // namespace thorax::report
