#include "measure/heart_texts.h"

#include <cmath>
#include <string>

namespace thorax::measure {
namespace {

constexpr const char* kAgatston = "Agatston et al., J Am Coll Cardiol 15:827, 1990";
constexpr double kAgatstonHu = 130;
constexpr double kThickSlice = 3;  // mm, of the score's definition

}  // namespace

Measurement HeartTexts::ratio(double value) const {
  Measurement m;
  m.id = "heart.ctr";
  m.name = {"Cardiothoracic ratio", "Кардиоторакальный индекс"};
  m.value = value;
  m.unit = "1";
  m.decimals = 2;
  m.method = {
      "Largest transverse extent of the heart above the dome of the diaphragm, with up to 6 mm "
      "of epicardial fat, over the largest distance between the outer edges of the lungs, on "
      "axial slices",
      "Наибольший поперечный размер сердца выше купола диафрагмы (с эпикардиальным жиром до "
      "6 мм), делённый на наибольшее расстояние между наружными краями лёгких на аксиальных "
      "срезах"};
  m.source = "Gollub et al., J Comput Assist Tomogr 36:56, 2012";
  m.normal = NormalRange{std::nullopt, 0.5, "Gollub et al., J Comput Assist Tomogr 36:56, 2012"};
  m.reliability = Reliability::limited;
  m.caveat = {"Measured without ECG gating; fat pads beside the heart may widen it.",
              "Измерено без ЭКГ-синхронизации; кардиодиафрагмальный жир может завышать ширину."};
  return m;
}

Measurement HeartTexts::volume(double ml) const {
  Measurement m;
  m.id = "heart.volume";
  m.name = {"Heart volume", "Объём сердца"};
  m.value = ml;
  m.unit = "mL";
  m.decimals = 0;
  m.method = {
      "Soft tissue between the lungs from 25 mm below the carina to the diaphragm, opened by 8 "
      "mm, with up to 6 mm of epicardial fat",
      "Мягкие ткани между лёгкими от уровня 25 мм ниже бифуркации трахеи до диафрагмы с "
      "эпикардиальным жиром до 6 мм"};
  m.reliability = Reliability::weak;
  m.caveat = {"The border to the liver is estimated, and the upper chambers are left out.",
              "Граница с печенью приблизительна, верхние отделы предсердий не учтены."};
  return m;
}

Measurement HeartTexts::effusion(double ml) const {
  Measurement m;
  m.id = "pericardial_effusion.volume";
  m.name = {"Pericardial effusion", "Перикардиальный выпот"};
  m.value = ml;
  m.unit = "mL";
  m.decimals = 0;
  m.method = {
      "Layer of water-like density (up to 30 HU) between heart and lung, on mean density profiles "
      "along rays from the heart's centre, less 1.7 mm of pericardium and pleura; continued where "
      "the heart does not face the lung; 0 unless it covers more than a third of what faces the "
      "lung",
      "Слой плотностью воды (до 30 HU) между сердцем и лёгким по усреднённым профилям плотности "
      "вдоль лучей из центра сердца за вычетом 1,7 мм (перикард и плевра); там, где сердце не "
      "прилежит к лёгкому, слой продолжен; 0, если он покрывает не более трети поверхности, "
      "обращённой к лёгким"};
  m.source = "Adler et al., Eur Heart J 36:2921, 2015";
  m.normal = NormalRange{std::nullopt, 50.0, "Adler et al., Eur Heart J 36:2921, 2015"};
  m.reliability = Reliability::weak;
  m.caveat = {
      "Blood-dense and loculated effusions are missed, and so are layers thinner than 1 mm (less "
      "than about 40 mL around the whole heart) or, on muscle without fat, than 5 mm (about 180 "
      "mL); on the diaphragm and at the great vessels the layer is estimated.",
      "Плотный (кровь) и осумкованный выпот не виден, как и слой тоньше 1 мм (менее примерно 40 мл "
      "вокруг всего сердца), а на миокарде без эпикардиального жира — тоньше 5 мм (около 180 мл); "
      "у диафрагмы и крупных сосудов толщина слоя оценена приблизительно."};
  return m;
}

void HeartTexts::qualify_calcium(Measurement& m, double threshold_hu) const {
  m.source = kAgatston;
  m.reliability = Reliability::limited;
  m.caveat = {
      "Ungated scan: a score like Agatston's, not a coronary calcium score for risk tables.",
      "Исследование без ЭКГ-синхронизации: индекс подобен шкале Агатстона, но не пригоден "
      "для таблиц риска."};
  const std::string hu = std::to_string(static_cast<int>(std::lround(threshold_hu)));
  if (threshold_hu > kAgatstonHu) {
    m.reliability = Reliability::weak;
    m.caveat.en += " Noise: counted only from " + hu + " HU on.";
    m.caveat.ru += " Шум: учтены только участки от " + hu + " HU.";
  }
  if (context_.slice_thickness_mm > kThickSlice) {
    m.caveat.en += " Slices thicker than 3 mm blur small plaques.";
    m.caveat.ru += " Срезы толще 3 мм смазывают мелкие бляшки.";
  }
}

Measurement HeartTexts::coronary_calcium(double agatston, double threshold_hu) const {
  Measurement m;
  m.id = "coronary_calcium.agatston";
  m.name = {"Coronary calcium (ungated)", "Коронарный кальций (без синхронизации)"};
  m.value = agatston;
  m.unit = "1";
  m.decimals = 0;
  m.method = {
      "Agatston-like sum over areas of 130 HU and 1 mm² and more in the heart, scaled by slice "
      "distance / 3 mm; valves and annulus cannot be told from arteries",
      "Сумма по Агатстону участков от 130 HU и 1 мм² в области сердца с поправкой на шаг "
      "срезов / 3 мм; клапаны и фиброзное кольцо не отделены от артерий"};
  m.normal = NormalRange{std::nullopt, 10.0, "Rumberger et al., Mayo Clin Proc 74:243, 1999"};
  qualify_calcium(m, threshold_hu);
  return m;
}

Measurement HeartTexts::aortic_calcium(double agatston, double threshold_hu) const {
  Measurement m;
  m.id = "aorta.calcium.agatston";
  m.name = {"Aortic calcium (ungated)", "Кальций аорты (без синхронизации)"};
  m.value = agatston;
  m.unit = "1";
  m.decimals = 0;
  m.method = {
      "Agatston-like sum over areas of 130 HU and 1 mm² and more in and 3 mm around the "
      "ascending and descending thoracic aorta and the arch",
      "Сумма по Агатстону участков от 130 HU и 1 мм² в восходящей и нисходящей аорте, дуге и "
      "до 3 мм вокруг них"};
  qualify_calcium(m, threshold_hu);
  m.caveat.en += " Calcified nodes beside the arch may be counted.";
  m.caveat.ru += " Обызвествлённые лимфоузлы у дуги аорты могут быть учтены.";
  return m;
}

Measurement HeartTexts::ascending_diameter(double mm) const {
  Measurement m;
  m.id = "aorta.ascending.diameter";
  m.name = {"Ascending aorta diameter", "Диаметр восходящей аорты"};
  m.value = mm;
  m.unit = "mm";
  m.decimals = 0;
  m.method = {
      "Median diameter of the circles that fit its outline best, on the axial slices from the "
      "carina to 35 mm below it where that outline is clear",
      "Медиана диаметров окружностей, лучше всего совпадающих с контуром аорты, на аксиальных "
      "срезах от бифуркации трахеи до 35 мм ниже, где контур чёткий"};
  m.source = "Erbel et al., Eur Heart J 35:2873, 2014";
  m.normal = NormalRange{std::nullopt, 40.0, "Erbel et al., Eur Heart J 35:2873, 2014"};
  m.reliability = Reliability::limited;
  m.caveat = {"Steps of 2 mm; measured without ECG gating.",
              "Точность 2 мм; без ЭКГ-синхронизации."};
  return m;
}

}  // namespace thorax::measure
