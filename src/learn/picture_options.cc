#include "learn/picture_options.h"

namespace thorax::learn {

void add_augment(Settings& settings, AugmentOptions& augment) {
  const auto add = [&](const char* key, double& value, Text doc, double high) {
    settings.add(std::string("augment.") + key, value, std::move(doc), 0, high);
  };
  add("flip", augment.flip, {"Probability of a mirror image", "Вероятность отражения"}, 1);
  add("rotate", augment.rotate, {"Degrees of rotation", "Поворот, градусы"}, 180);
  add("zoom", augment.zoom, {"Change of size", "Изменение масштаба"}, 0.9);
  add("shift", augment.shift, {"Shift, share of the side", "Сдвиг, доля стороны"}, 0.9);
  add("aspect", augment.aspect,
      {"Logarithm by which height grows and width shrinks",
       "Логарифм растяжения по высоте и сжатия по ширине"},
      0.9);
  add("shear", augment.shear, {"Shear", "Скос"}, 0.9);
  settings.add("augment.cut", augment.cut,
               {"JSON: shares cut off the top and the bottom, the left and the right of a class's "
                "pictures at most, {\"NORMAL\": {\"rows\": 0.1, \"columns\": 0.05}}",
                "JSON: какие доли самое большее срезать сверху и снизу, слева и справа у снимков "
                "класса, {\"NORMAL\": {\"rows\": 0.1, \"columns\": 0.05}}"});
  add("border", augment.border, {"Width of a frame", "Ширина рамки"}, 0.4);
  add("erase", augment.erase, {"Side of a hidden rectangle", "Сторона закрытого участка"}, 0.9);
  add("gamma", augment.gamma, {"Logarithm of gamma", "Логарифм гаммы"}, 2);
  add("contrast", augment.contrast, {"Change of contrast", "Изменение контраста"}, 0.9);
  add("brightness", augment.brightness, {"Change of brightness", "Изменение яркости"}, 0.9);
  add("curve", augment.curve,
      {"Logarithm of the slopes of a random curve of grey levels",
       "Логарифм наклонов случайной кривой яркости"},
      3);
  add("equalise", augment.equalise,
      {"Share of histogram equalisation", "Доля выравнивания гистограммы"}, 1);
  add("flatten", augment.flatten,
      {"Share of large differences in brightness that is taken away",
       "Доля убираемых крупных перепадов яркости"},
      1);
  add("detail", augment.detail,
      {"Local contrast: logarithm of the factor by which what differs from its surroundings is "
       "strengthened or weakened",
       "Местный контраст: логарифм множителя, которым усиливается или ослабляется отличие от "
       "окружения"},
      2);
  add("shading", augment.shading, {"Slope of brightness", "Перепад яркости"}, 0.9);
  add("blur", augment.blur, {"Blur, pixels", "Размытие, пикселей"}, 10);
  add("sharpen", augment.sharpen, {"Sharpening", "Повышение резкости"}, 5);
  settings.add("augment.downscale", augment.downscale,
               {"Smallest size on the way through another resolution",
                "Наименьший масштаб при прохождении через другое разрешение"},
               0.1, 1);
  add("noise", augment.noise, {"Noise, share of the range", "Шум, доля диапазона"}, 0.5);
  settings.add("augment.jpeg", augment.jpeg,
               {"Lowest quality of JPEG quantisation", "Наименьшее качество сжатия JPEG"}, 1, 100);
  add("probability", augment.probability,
      {"Probability of each of the changes", "Вероятность каждого из изменений"}, 1);
}

}  // namespace thorax::learn
