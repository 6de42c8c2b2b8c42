#include "sample_result.h"

#include <cmath>

namespace thorax::report {
namespace {

Measurement measured(std::string id, Text name, double value, std::string unit, int decimals,
                     std::optional<NormalRange> normal = {},
                     Reliability reliability = Reliability::good, Text caveat = {}) {
  Measurement m;
  m.id = std::move(id);
  m.name = std::move(name);
  m.value = value;
  m.unit = std::move(unit);
  m.decimals = decimals;
  m.method = {"Voxels counted inside the lung mask.", "Подсчёт вокселей внутри маски лёгких."};
  m.source = "Example et al. 2020";
  m.normal = std::move(normal);
  m.reliability = reliability;
  m.caveat = std::move(caveat);
  return m;
}

findings::Finding found(std::string id, Text name, double score, int rank,
                        std::vector<findings::Evidence> evidence, std::vector<Place> places) {
  findings::Finding f;
  f.id = std::move(id);
  f.name = std::move(name);
  f.analysed = true;
  f.score = score;
  f.positive = score > f.threshold;
  f.severity_rank = rank;
  f.evidence = std::move(evidence);
  f.places = std::move(places);
  return f;
}

findings::Finding skipped(std::string id, Text name, int rank, Text why) {
  findings::Finding f;
  f.id = std::move(id);
  f.name = std::move(name);
  f.severity_rank = rank;
  f.not_analysed_why = std::move(why);
  return f;
}

Measurements sample_measurements() {
  Measurements all;
  all.add(measured("lung.total.volume", {"Lung volume", "Объём лёгких"}, 5240.4, "mL", 0,
                   NormalRange{3500, 7500, "Example et al. 2020"}));
  all.add(
      measured("lung.left.volume", {"Left lung volume", "Объём левого лёгкого"}, 2410.2, "mL", 0));
  all.add(measured("lung.right.volume", {"Right lung volume", "Объём правого лёгкого"}, 2830.2,
                   "mL", 0));
  all.add(measured("emphysema.laa950.percent",
                   {"Low attenuation below -950 HU", "Низкая плотность ниже -950 HU"}, 11.24, "%",
                   1, NormalRange{std::nullopt, 6, "Example et al. 2020"}));
  all.add(measured("emphysema.perc15.hu", {"15th percentile", "15-й процентиль плотности"}, -942,
                   "[hnsf'U]", 0));
  all.add(measured("heart.ctr", {"Cardiothoracic ratio", "Кардиоторакальный индекс"}, 0.47, "1", 2,
                   NormalRange{std::nullopt, 0.5, "Danzer 1919"}, Reliability::limited,
                   {"The heart is not gated.", "Без ЭКГ-синхронизации."}));
  all.add(measured("pleural_effusion.total.volume", {"Pleural effusion", "Плевральный выпот"}, 84.6,
                   "mL", 0, NormalRange{std::nullopt, 15, "Example et al. 2020"}));
  return all;
}

findings::Decision sample_decision() {
  const Place nodule{{61.2, -20.5, -151.0},
                     {9.4, 8.8, 10.0},
                     {75, 215, 322},
                     {"left lung, upper third", "левое лёгкое, верхняя треть"}};
  const Place fluid{{-60, 60, -260},
                    {60, 30, 40},
                    {32, 329, 150},
                    {"right pleural cavity", "правая плевральная полость"}};
  findings::Decision d;
  d.findings = {
      found("Cardiomegaly", {"Cardiomegaly", "Кардиомегалия"}, 0.21, 6,
            {{"heart.ctr",
              {"Cardiothoracic ratio", "Кардиоторакальный индекс"},
              0.47,
              0.5,
              "1",
              2,
              0.21,
              "Danzer 1919"}},
            {}),
      found("Emphysema", {"Emphysema", "Эмфизема"}, 0.83, 8,
            {{"emphysema.laa950.percent",
              {"Low attenuation below -950 HU", "Низкая плотность ниже -950 HU"},
              11.24,
              6,
              "%",
              1,
              0.83,
              "Example et al. 2020"}},
            {}),
      found("Lung nodule", {"Lung nodule", "Очаг в лёгком"}, 0.91, 11,
            {{"nodule.suspicious.diameter",
              {"Largest nodule", "Наибольший очаг"},
              9.1,
              6,
              "mm",
              1,
              0.91,
              "MacMahon et al. 2017 (Fleischner Society)"}},
            {nodule}),
      found("Pleural effusion", {"Pleural effusion", "Плевральный выпот"}, 0.78, 4,
            {{"pleural_effusion.total.volume",
              {"Pleural effusion", "Плевральный выпот"},
              84.6,
              50,
              "mL",
              0,
              0.78,
              "Example et al. 2020"}},
            {fluid}),
      skipped("Hiatal hernia", {"Hiatal hernia", "Грыжа пищеводного отверстия диафрагмы"}, 19,
              {"No measurement of it exists yet.", "Пока не измеряется."}),
  };
  d.verdict.kind = findings::VerdictKind::pathology;
  d.verdict.probability = 0.9731;
  d.verdict.most_dangerous = "Pleural effusion";
  return d;
}

}  // namespace

StudyResult sample_result() {
  StudyResult r;
  r.path = "studies/sample.zip";
  r.study_uid = "1.2.826.0.1.3680043.8.498.1";
  r.series_uid = "1.2.826.0.1.3680043.8.498.2";
  r.study_date = "20261120";
  r.kind = "ct";
  r.patient_name = "Ivanova^Anna";
  r.patient_id = "H-12345";
  r.patient_sex = "F";
  r.patient_age = 61;
  r.trust = Trust::usable;
  r.trust_reasons = {{"nothing_to_read"_code, {{"path", "part.dcm"}, {"found", "*.dcm (1)"}}}};
  r.notices = {{"no_such_input"_code, {{"path", "slice 12"}}}};
  r.series = {{r.series_uid, "THORAX 1.25 B70", "CT", "taken", 133, 2.5, "STANDARD", {}},
              {"1.2.3",
               "Topogram",
               "CT",
               "set_aside",
               2,
               std::nullopt,
               "",
               {{"nothing_to_read"_code, {{"path", "scout"}}}}}};
  r.files_set_aside = {{"DICOM/README.TXT", {"nothing_to_read"_code, {{"path", "README.TXT"}}}}};
  r.quality.add(measured("quality.noise", {"Image noise", "Шум изображения"}, 18.3, "[hnsf'U]", 1));
  r.measurements = sample_measurements();
  r.decision = sample_decision();
  r.networks = {{.model = "clip-head",
                 .probability = 0.62,
                 .findings = {{"Emphysema", {"Emphysema", "Эмфизема"}, 0.81, 0.5, true, 8},
                              {"Hiatal hernia",
                               {"Hiatal hernia", "Грыжа пищеводного отверстия диафрагмы"},
                               0.12,
                               0.61,
                               false,
                               19}},
                 .most_dangerous = "Emphysema"},
                {.model = "slabs",
                 .probability = 0.61,
                 .threshold = 0.5,
                 .series = findings::SeriesScore{.slabs = 53,
                                                 .first = 0.52,
                                                 .band = {0.45, 0.55},
                                                 .second_model = "whole",
                                                 .second = 0.7}}};
  r.organs = OrganVolumes{"organs", {{1, "Spleen", 183.25}, {6, "Aorta", 310}}};
  r.draft = ReportDraft{"writer", "The lungs are <clear>."};
  r.body_part = BodyPartRow{.model = "regression",
                            .part = "CHEST-ABDOMEN",
                            .agrees = true,
                            .chest_slices = {{40, 133}},
                            .slice_step = 2,
                            .scores = {41.5, std::nan(""), 43.25}};
  r.lesions = {{"Lung nodule",
                r.decision->findings[2].places[0],
                {"9 mm solid nodule, left lung, upper third",
                 "солидный очаг 9 мм, левое лёгкое, верхняя треть"},
                9.1,
                395.2,
                31.5,
                0.91}};
  Histogram histogram{-1024, 4, {}};
  for (int i = 0; i < 306; ++i) {
    const double hu = -1024 + 4 * i + 2;
    histogram.counts.push_back(
        std::round(90000 * std::exp(-0.5 * std::pow((hu + 880) / 55, 2)) + 300));
  }
  r.lung_histogram = histogram;
  r.provenance = {"0.2.0",
                  std::string(64, 'a'),
                  {{"ct-quantitative", "1.0", std::string(64, 'b')}},
                  {{"findings.band_low", "0.40"}},
                  {{"read", 1.25}, {"lungs", 2.5}},
                  4.125};
  return r;
}

StudyResult refused_result() {
  StudyResult r;
  r.path = "studies/head.zip";
  r.study_uid = "1.2.3.4";
  r.kind = "ct";
  r.failure = Notice{"not_a_chest"_code, {{"why", "head CT"}}};
  r.series = {{"1.2.3.4.5",
               "HEAD 5mm",
               "CT",
               "set_aside",
               40,
               5.0,
               "H30s",
               {{"not_a_chest"_code, {{"why", "head CT"}}}}}};
  r.provenance.program_version = "0.2.0";
  return r;
}

StudyResult hostile_result() {
  const std::string evil =
      "<script>alert(\"x\")</script>&'\x01\xff\xfe</style><img src=x onerror=1>";
  StudyResult r = sample_result();
  r.path = r.patient_name = r.patient_id = r.patient_sex = r.study_uid = r.series_uid =
      r.study_date = r.kind = evil;
  for (SeriesRow& row : r.series) row.uid = row.description = row.modality = row.kernel = evil;
  for (FileRow& row : r.files_set_aside) row = {evil, {"nothing_to_read"_code, {{"path", evil}}}};
  r.notices = {{"no_such_input"_code, {{"path", evil}}}};
  r.trust_reasons = r.notices;
  r.provenance.settings = {{evil, evil}};
  return r;
}

}  // namespace thorax::report
