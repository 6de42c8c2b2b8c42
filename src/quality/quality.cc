#include "quality/quality.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "intake/series_words.h"
#include "quality/body_content.h"
#include "quality/noise.h"

namespace thorax::quality {
namespace {

/// Noise that stays alike over less than this comes from a sharp kernel.
constexpr double kSharpCorrelationMm = 0.70;

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

Measurement measured(const char* id, Text name, double value, const char* unit, int decimals,
                     Text method) {
  Measurement m;
  m.id = id;
  m.name = std::move(name);
  m.value = value;
  m.unit = unit;
  m.decimals = decimals;
  m.method = std::move(method);
  return m;
}

void weaken(Measurement& m, Text caveat) {
  m.reliability = Reliability::weak;
  m.caveat = std::move(caveat);
}

void add_slices(const intake::Series& series, const intake::GeometryReport& geometry,
                QualityReport& report) {
  report.values.add(measured(
      "quality.slice.spacing", {"Slice spacing", "Шаг срезов"}, geometry.spacing_mm, "mm", 2,
      {"Most frequent distance of neighbouring slices, from their positions.",
       "Самое частое расстояние между соседними срезами по их положениям."}));
  if (!geometry.missing_positions.empty())
    report.values.add(measured("quality.slice.missing", {"Missing slices", "Пропущенные срезы"},
                               geometry.missing_percent, "%", 1,
                               {"Share of the expected slices that are absent, from positions.",
                                "Доля отсутствующих срезов среди ожидаемых, по положениям."}));
  const auto thickness =
      series.instances.empty() ? std::nullopt : series.instances.front().slice_thickness;
  if (thickness.value_or(0) <= 0) return;
  report.values.add(measured("quality.slice.thickness", {"Slice thickness", "Толщина среза"},
                             *thickness, "mm", 2,
                             {"SliceThickness of the header.", "SliceThickness из заголовка."}));
  if (geometry.spacing_mm > 1.5 * *thickness)
    report.notices.push_back(
        {"slices_have_gaps"_code,
         {{"spacing", shown(geometry.spacing_mm)}, {"thickness", shown(*thickness)}}});
}

void add_kernel(const intake::SeriesHeader& header, double correlation_mm, QualityReport& report) {
  Measurement m = measured(
      "quality.kernel.correlation", {"Noise correlation length", "Длина корреляции шума"},
      correlation_mm, "mm", 2,
      {"Distance over which noise in soft tissue loses its likeness; short for sharp kernels.",
       "Расстояние, на котором шум в мягких тканях теряет сходство; у жёстких фильтров оно мало."});
  m.reliability = Reliability::limited;
  m.caveat = {"Depends on pixel size and dose as well.",
              "Зависит также от размера пикселя и дозы."};
  report.values.add(std::move(m));
  const intake::KernelClass named = intake::kernel_class(header.kernel);
  const bool sharp = named == intake::KernelClass::unknown ? correlation_mm < kSharpCorrelationMm
                                                           : named == intake::KernelClass::sharp;
  if (sharp)
    report.notices.push_back(
        {"kernel_sharp"_code, {{"kernel", header.kernel.empty() ? "?" : header.kernel}}});
}

void add_noise(const intake::Series& series, const intake::LoadedVolume& ct,
               const LungSurvey& lungs, QualityReport& report) {
  const NoiseReport noise = measure_noise(ct, lungs);
  if (noise.soft_tissue_hu) {
    Measurement m =
        measured("quality.noise.soft_tissue", {"Noise in soft tissue", "Шум в мягких тканях"},
                 *noise.soft_tissue_hu, "[hnsf'U]", 1,
                 {"Most frequent standard deviation of 6 mm squares of soft tissue.",
                  "Самое частое стандартное отклонение в квадратах 6 мм мягких тканей."});
    m.source = "Christianson et al., AJR 2015;205:W93";
    report.values.add(std::move(m));
  }
  if (noise.air_hu) {
    Measurement m = measured("quality.noise.air", {"Noise in air", "Шум в воздухе"}, *noise.air_hu,
                             "[hnsf'U]", 1,
                             {"Median standard deviation of 6 mm squares of air around the body.",
                              "Медиана стандартного отклонения в квадратах 6 мм воздуха вокруг "
                              "тела."});
    m.reliability = Reliability::limited;
    m.caveat = {"Squares that touch the lowest storable value are left out.",
                "Квадраты, достигающие минимального хранимого значения, исключены."};
    report.values.add(std::move(m));
  }
  if (noise.correlation_mm) add_kernel(series.header, *noise.correlation_mm, report);
}

void add_coverage(const intake::LoadedVolume& ct, const LungSurvey& lungs, QualityReport& report) {
  const volume::Grid& grid = ct.hu.grid();
  report.values.add(measured("quality.fov.width", {"Field of view", "Поле обзора"},
                             grid.shape.x * grid.spacing.x, "mm", 0,
                             {"Width of the axial picture.", "Ширина аксиального изображения."}));
  report.values.add(
      measured("quality.fov.body_cut",
               {"Body outline cut by the field of view", "Контур тела за пределами поля обзора"},
               lungs.body_cut_percent, "%", 1,
               {"Share of the outline of the body on the border of the field of view, "
                "at the height of the lungs, on a 4 mm grid.",
                "Доля контура тела на границе поля обзора на уровне лёгких, сетка "
                "4 мм."}));
  report.values.add(measured(
      "quality.fov.lung_cut",
      {"Lung surface cut by the field of view", "Поверхность лёгких, срезанная полем обзора"},
      lungs.lung_cut_cm2, "cm2", 1,
      {"Lung on the lateral border of the field of view, on a 4 mm grid.",
       "Лёгочная ткань на боковой границе поля обзора, сетка 4 мм."}));
  Measurement coverage = measured(
      "quality.lungs.coverage", {"Lungs covered", "Охват лёгких"}, 100 * lungs.coverage, "%", 0,
      {"100 % when the lungs fade out at both ends of the scan; else their height in the scan "
       "against 0.72 of the body's width.",
       "100 %, если лёгкие заканчиваются внутри сканирования с обеих сторон; иначе их видимая "
       "высота относительно 0,72 ширины тела."});
  if (lungs.cut_at_top || lungs.cut_at_bottom)
    weaken(coverage, {"The whole height is estimated from the width of the body.",
                      "Полная высота оценена по ширине тела."});
  report.values.add(std::move(coverage));
  report.values.add(measured(
      "quality.lungs.height", {"Height of the lungs", "Высота лёгких"}, lungs.height_mm, "mm", 0,
      {"From the lowest to the highest section with more than 6 cm2 of lung.",
       "От нижнего до верхнего сечения, где лёгких больше 6 см²."}));
}

void add_content(const intake::LoadedVolume& ct, const LungSurvey& lungs, const Limits& limits,
                 QualityReport& report) {
  const double dense_ml = metal_ml(ct, lungs, limits.metal_hu);
  if (dense_ml > limits.dense_ml)
    report.notices.push_back({"dense_material"_code, {{"ml", shown(dense_ml)}}});
  report.values.add(measured(
      "quality.metal", {"Metal or undiluted contrast agent", "Металл или неразведённый контраст"},
      dense_ml, "mL", 2,
      {"Voxels above 2500 HU inside the body.", "Воксели плотнее 2500 HU внутри тела."}));
  if (const auto hu = heart_hu(lungs)) {
    Measurement m =
        measured("quality.contrast.heart", {"Density of the heart", "Плотность области сердца"},
                 *hu, "[hnsf'U]", 0,
                 {"75th percentile of soft tissue between the lungs at a quarter to a "
                  "half of their height.",
                  "75-й процентиль мягких тканей между лёгкими на уровне от четверти до "
                  "половины их высоты."});
    m.reliability = Reliability::limited;
    m.caveat = {"Tells contrast from no contrast, not its phase.",
                "Показывает наличие контраста, но не фазу."};
    report.values.add(std::move(m));
    if (*hu > limits.contrast_hu)
      report.notices.push_back({"contrast_seen"_code, {{"hu", shown(*hu)}}});
  }
  if (const auto steps = slice_steps(ct, lungs)) {
    Measurement m =
        measured("quality.motion.displaced_slices",
                 {"Slices out of line", "Срезы не на своём месте"}, steps->displaced, "1", 0,
                 {"Slices that differ more from the mean of their neighbours than those "
                  "from each other.",
                  "Срезы, отличающиеся от среднего соседних сильнее, чем те между "
                  "собой."});
    weaken(m, {"A hint of motion or table steps only; blur inside a slice is not seen.",
               "Лишь намёк на движение или сбой стола; размытие внутри среза не видно."});
    report.values.add(std::move(m));
    if (20 * steps->displaced > steps->slices)
      report.notices.push_back(
          {"motion_suspected"_code,
           {{"count", std::to_string(steps->displaced)}, {"of", std::to_string(steps->slices)}}});
  }
}

}  // namespace

QualityReport measure_quality(const intake::Series& series, const intake::LoadedVolume& ct,
                              const LungSurvey& lungs, const Limits& limits) {
  QualityReport report;
  add_slices(series, ct.geometry, report);
  add_noise(series, ct, lungs, report);
  add_coverage(ct, lungs, report);
  add_content(ct, lungs, limits, report);
  return report;
}

}  // namespace thorax::quality
