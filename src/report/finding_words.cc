#include "report/finding_words.h"

#include <array>

#include "report/phrases.h"

namespace thorax::report {
namespace {

struct Row {
  const char* id;
  Organ organ;
  const char* of_ru;
};

constexpr std::array<Row, 23> kRows{{
    {"Medical material", Organ::other, "медицинских материалов"},
    {"Arterial wall calcification", Organ::heart, "кальцификации стенки аорты"},
    {"Cardiomegaly", Organ::heart, "кардиомегалии"},
    {"Pericardial effusion", Organ::heart, "перикардиального выпота"},
    {"Coronary artery wall calcification", Organ::heart, "кальцификации коронарных артерий"},
    {"Hiatal hernia", Organ::mediastinum, "грыжи пищеводного отверстия диафрагмы"},
    {"Lymphadenopathy", Organ::mediastinum, "лимфаденопатии"},
    {"Emphysema", Organ::lungs, "эмфиземы"},
    {"Atelectasis", Organ::lungs, "ателектаза"},
    {"Lung nodule", Organ::lungs, "подозрительных лёгочных очагов"},
    {"Lung opacity", Organ::lungs, "затемнений"},
    {"Pulmonary fibrotic sequela", Organ::lungs, "фиброзных изменений"},
    {"Pleural effusion", Organ::pleura, "плеврального выпота"},
    {"Mosaic attenuation pattern", Organ::lungs, "мозаичной плотности"},
    {"Peribronchial thickening", Organ::lungs, "утолщения стенок бронхов"},
    {"Consolidation", Organ::lungs, "консолидации"},
    {"Bronchiectasis", Organ::lungs, "бронхоэктазов"},
    {"Interlobular septal thickening", Organ::lungs, "утолщения междольковых перегородок"},
    {"COVID-19", Organ::lungs, "COVID-19"},
    {"Cancer", Organ::lungs, "злокачественного новообразования"},
    {"Pneumothorax", Organ::pleura, "пневмоторакса"},
    {"PNEUMONIA", Organ::lungs, "пневмонии"},
    {"Pneumonia", Organ::lungs, "пневмонии"},
}};

}  // namespace

FindingWords finding_words(const std::string& finding_id) {
  for (const Row& row : kRows)
    if (finding_id == row.id) return {row.organ, row.of_ru};
  return {};
}

Text organ_name(Organ organ) {
  switch (organ) {
    case Organ::lungs:
      return {"Lungs", "Лёгкие"};
    case Organ::pleura:
      return {"Pleura", "Плевра"};
    case Organ::heart:
      return {"Heart and vessels", "Сердце и сосуды"};
    case Organ::mediastinum:
      return {"Mediastinum", "Средостение"};
    case Organ::bones:
      return {"Bones", "Кости"};
    case Organ::other:
      break;
  }
  return {"Other", "Прочее"};
}

std::string spoken_name(const findings::Finding& finding, Language language) {
  const std::string& name = finding.name.in(language);
  return lower_first(name.substr(0, name.find(" (")));
}

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : separator) + word;
  return out;
}

std::string enumerated(const std::vector<std::string>& words, const std::string& last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
  return out;
}

Text no_signs_of(const std::vector<const findings::Finding*>& findings) {
  std::vector<std::string> en, of_ru, list_ru;
  for (const findings::Finding* finding : findings) {
    en.push_back(spoken_name(*finding, Language::en));
    const std::string of = finding_words(finding->id).of_ru;
    (of.empty() ? list_ru : of_ru).push_back(of.empty() ? spoken_name(*finding, Language::ru) : of);
  }
  Text out;
  if (!en.empty()) out.en = "No signs of " + enumerated(en, " or ") + ".";
  if (!of_ru.empty()) out.ru = "Признаков " + enumerated(of_ru, " и ") + " не выявлено.";
  if (!list_ru.empty())
    out.ru += (out.ru.empty() ? "" : " ") + std::string("Не выявлено: ") +
              enumerated(list_ru, ", ") + ".";
  return out;
}

Text below_cutoff(const std::vector<const findings::Finding*>& findings) {
  if (findings.empty()) return {};
  std::vector<std::string> en, ru;
  for (const findings::Finding* finding : findings) {
    en.push_back(spoken_name(*finding, Language::en));
    ru.push_back(spoken_name(*finding, Language::ru));
  }
  return {"Seen, but below the cut-off: " + enumerated(en, ", ") + '.',
          "Видно, но ниже порога: " + enumerated(ru, ", ") + '.'};
}

}  // namespace thorax::report
