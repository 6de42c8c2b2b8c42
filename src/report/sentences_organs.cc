#include "report/sentences_organs.h"

#include <algorithm>
#include <array>

#include "report/batch.h"
#include "report/finding_words.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

/// Builds a paragraph sentence by sentence, in both languages at once.
class Paragraph {
 public:
  void say(const Text& sentence) {
    if (sentence.en.empty()) return;
    body_.en += (body_.en.empty() ? "" : " ") + sentence.en;
    body_.ru += (body_.ru.empty() ? "" : " ") + sentence.ru;
  }
  bool empty() const { return body_.en.empty(); }
  const Text& body() const { return body_; }

 private:
  Text body_;
};

/// Measurements that belong to an organ, in the order they are spoken of.
constexpr std::array<std::pair<Organ, const char*>, 14> kSpoken{{
    {Organ::lungs, "lung.mean_hu"},
    {Organ::lungs, "emphysema.laa950.percent"},
    {Organ::lungs, "emphysema.perc15.hu"},
    {Organ::lungs, "ground_glass.percent"},
    {Organ::lungs, "consolidation.percent"},
    {Organ::lungs, "airways.trachea.diameter"},
    {Organ::pleura, "pleural_effusion.total.volume"},
    {Organ::pleura, "pneumothorax.total.volume"},
    {Organ::heart, "heart.ctr"},
    {Organ::heart, "pericardial_effusion.volume"},
    {Organ::heart, "coronary_calcium.agatston"},
    {Organ::heart, "aorta.calcium.agatston"},
    {Organ::heart, "aorta.ascending.diameter"},
    {Organ::bones, "spine.trabecular_hu"},
}};

std::string measured(const Measurement& m, Language language) {
  const bool ru = language == Language::ru;
  std::string out =
      lower_first(m.name.in(language)) + ' ' + quantity(m.value, m.decimals, m.unit, language);
  std::vector<std::string> remarks;
  if (m.normal && against(*m.normal, m.value) != 0)
    remarks.push_back((ru ? "норма " : "normal ") +
                      range_text(*m.normal, m.decimals, m.unit, language));
  if (m.reliability == Reliability::weak)
    remarks.push_back((ru ? "надёжность " : "reliability ") +
                      reliability_text(m.reliability).in(language));
  return remarks.empty() ? out : out + " (" + joined(remarks, "; ") + ')';
}

Text volumes(const Measurements& all) {
  const Measurement* total = all.find("lung.total.volume");
  const Measurement* right = all.find("lung.right.volume");
  const Measurement* left = all.find("lung.left.volume");
  if (!total) return {};
  const auto in = [](const Measurement* m, Language language) {
    return quantity(m->value, m->decimals, m->unit, language);
  };
  Text out{"Lung volume " + in(total, Language::en), "Объём лёгких " + in(total, Language::ru)};
  if (right && left) {
    out.en += " (right " + in(right, Language::en) + ", left " + in(left, Language::en) + ')';
    out.ru += " (правое " + in(right, Language::ru) + ", левое " + in(left, Language::ru) + ')';
  }
  return {out.en + '.', out.ru + '.'};
}

/// What the evidence of a positive finding already tells is not told twice.
bool told_by(const std::vector<const findings::Finding*>& found, const std::string& id) {
  return std::any_of(found.begin(), found.end(), [&](const findings::Finding* finding) {
    return std::any_of(finding->evidence.begin(), finding->evidence.end(),
                       [&](const auto& e) { return e.measurement_id == id; });
  });
}

Text measurements_sentence(const Measurements& all, Organ organ,
                           const std::vector<const findings::Finding*>& found) {
  std::vector<std::string> en, ru;
  for (const auto& [where, id] : kSpoken) {
    const Measurement* m = where == organ && !told_by(found, id) ? all.find(id) : nullptr;
    if (!m) continue;
    en.push_back(measured(*m, Language::en));
    ru.push_back(measured(*m, Language::ru));
  }
  if (en.empty()) return {};
  return {capitalised(joined(en, ", ")) + '.', capitalised(joined(ru, ", ")) + '.'};
}

constexpr std::size_t kPlaces = 3;

std::string positive(const findings::Finding& finding, Language language) {
  const bool ru = language == Language::ru;
  std::vector<std::string> evidence;
  for (const findings::Evidence& e : finding.evidence)
    evidence.push_back(evidence_phrase(finding, e, language) + (ru ? " (порог " : " (cut-off ") +
                       quantity(e.cutoff, e.decimals, e.unit, language) + ')');
  std::string out = capitalised(spoken_name(finding, language));
  if (!evidence.empty()) out += ": " + joined(evidence, "; ");
  std::vector<std::string> places;
  for (const Place& place : finding.places)
    if (const std::string& name = place.where.in(language);
        places.size() < kPlaces && !name.empty() &&
        std::find(places.begin(), places.end(), name) == places.end())
      places.push_back(name);
  if (!places.empty()) out += (ru ? ". Локализация: " : ". Location: ") + joined(places, "; ");
  return out + '.';
}

/// "2 suspicious nodules: 1) 9 mm solid nodule, … 2) …"; lesions without a diameter are areas,
/// which their finding speaks of, and candidates below the threshold are for the table.
Text nodules_sentence(const std::vector<LesionRow>& lesions) {
  constexpr std::size_t kListed = 5;
  std::vector<const LesionRow*> nodules;
  for (const LesionRow& lesion : lesions)
    if (lesion.diameter_mm > 0 && lesion.suspicious) nodules.push_back(&lesion);
  if (nodules.empty()) return {};
  const auto n = static_cast<long>(nodules.size());
  Text out{
      std::to_string(n) + ' ' + plural_en(n, "suspicious nodule", "suspicious nodules") + ": ",
      std::to_string(n) + ' ' +
          plural_ru(n, "подозрительный очаг", "подозрительных очага", "подозрительных очагов") +
          ": "};
  for (std::size_t i = 0; i < std::min(kListed, nodules.size()); ++i) {
    const std::string lead = (i ? "; " : "") + std::to_string(i + 1) + ") ";
    out.en += lead + lower_first(nodules[i]->description.en);
    out.ru += lead + lower_first(nodules[i]->description.ru);
  }
  if (nodules.size() > kListed) {
    out.en += "; the rest are in the table";
    out.ru += "; остальные в таблице";
  }
  return {out.en + '.', out.ru + '.'};
}

struct Negatives {
  std::vector<const findings::Finding*> absent;
  std::vector<const findings::Finding*> small;  ///< something was seen, but not enough of it
};

Negatives negatives(const findings::Decision& decision, Organ organ) {
  Negatives out;
  // A set that leaves the verdict open rules nothing out.
  const bool open =
      decision.verdict.set && decision.verdict.kind == findings::VerdictKind::uncertain;
  for (const findings::Finding& finding : decision.findings)
    if (!open && finding.analysed && !finding.positive && finding_words(finding.id).organ == organ)
      (finding.places.empty() ? out.absent : out.small).push_back(&finding);
  return out;
}

}  // namespace

std::vector<ReportParagraph> organ_paragraphs(const StudyResult& result) {
  std::vector<ReportParagraph> paragraphs;
  const std::vector<const findings::Finding*> found = positive_findings(result);
  for (const Organ organ : {Organ::lungs, Organ::pleura, Organ::heart, Organ::mediastinum,
                            Organ::bones, Organ::other}) {
    Paragraph paragraph;
    if (organ == Organ::lungs) paragraph.say(volumes(result.measurements));
    paragraph.say(measurements_sentence(result.measurements, organ, found));
    for (const findings::Finding* finding : found)
      if (finding_words(finding->id).organ == organ)
        paragraph.say({positive(*finding, Language::en), positive(*finding, Language::ru)});
    if (organ == Organ::lungs) paragraph.say(nodules_sentence(result.lesions));
    if (result.decision) {
      const Negatives negative = negatives(*result.decision, organ);
      paragraph.say(below_cutoff(negative.small));
      paragraph.say(no_signs_of(negative.absent));
    }
    if (!paragraph.empty()) paragraphs.push_back({organ_name(organ), paragraph.body()});
  }
  return paragraphs;
}

}  // namespace thorax::report
