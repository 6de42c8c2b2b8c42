#include "learn/options.h"

namespace thorax::learn {
namespace {

void add_run(Settings& settings, RunOptions& run) {
  settings.add("run.folder", run.folder,
               {"Folder of the run: checkpoints, losses, the model",
                "Папка обучения: контрольные точки, потери, модель"});
  settings.add("run.name", run.name, {"Name of the model", "Имя модели"});
  settings.add("run.version", run.version, {"Version of the model", "Версия модели"});
  settings.add("run.licence", run.licence, {"Licence of the weights", "Лицензия весов"});
  settings.add(
      "run.keep_last", run.keep_last,
      {"Keep the last epoch's averaged weights instead of those with the lowest validation "
       "loss",
       "Оставить усреднённые веса последней эпохи, а не с наименьшими потерями валидации"});
  settings.add("run.manifest", run.manifest,
               {"JSON that the model's manifest holds besides: names of the classes, sources",
                "JSON, добавляемый в описание модели: названия классов, источники"});
}

void add_data(Settings& settings, DataOptions& data) {
  settings.add("data.source", data.source,
               {"Folder or archive of pictures", "Папка или архив со снимками"});
  settings.add("data.manifest", data.manifest,
               {"CSV with path, class and patient_id; empty: the folders are the classes",
                "CSV со столбцами path, class и patient_id; пусто: классы — имена папок"});
  settings.add("data.patient", data.patient,
               {"Regular expression on file names, its first group is the patient",
                "Регулярное выражение для имён файлов, первая группа — пациент"});
  settings.add("data.cache", data.cache,
               {"File of the decoded pictures; empty: in the folder of the run",
                "Файл декодированных снимков; пусто: в папке обучения"});
  settings.add("data.size", data.size, {"Pixels a side", "Сторона снимка, пикселей"}, 8, 1024);
  settings.add("data.validation", data.validation,
               {"Share of the patients for validation", "Доля пациентов для валидации"}, 0, 0.9);
  settings.add("data.test", data.test,
               {"Share of the patients kept for the test", "Доля пациентов для проверки"}, 0, 0.9);
  settings.add("data.balance", data.balance,
               {"Show the classes equally often", "Показывать классы одинаково часто"});
  settings.add("data.false_alarms", data.false_alarms,
               {"Share of pictures like these that the model may call unlike them; 0: it does not "
                "learn to tell",
                "Доля подобных снимков, которые модель вправе счесть непохожими; 0 — не учить её "
                "этому"},
               0, 0.5);
  settings.add("data.others", data.others,
               {"Pictures of other kinds, separated by commas: how many of them the model finds "
                "unlike is measured",
                "Снимки другого рода через запятую: измеряется, сколько из них модель считает "
                "непохожими"});
}

void add_network(Settings& settings, NetworkOptions& network) {
  settings.add(
      "network.id", network.id,
      {"Network, as `thorax model networks` lists it", "Сеть из списка `thorax model networks`"});
  settings.add("network.config", network.config,
               {"Its configuration as JSON; classes, channels and size are filled in",
                "Её настройки в JSON; классы, каналы и размер подставляются"});
  settings.add("network.start", network.start,
               {"Weights to start from, safetensors; empty: random ones",
                "Исходные веса, safetensors; пусто — случайные"});
}

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

void add_training(Settings& settings, TrainingOptions& training) {
  settings.add("training.epochs", training.epochs,
               {"Passes over the pictures", "Проходы по снимкам"}, 1, 100'000);
  settings.add("training.batch", training.batch, {"Pictures a step", "Снимков за шаг"}, 1, 4096);
  settings.add("training.rate", training.rate,
               {"Highest learning rate", "Наибольшая скорость обучения"}, 0, 10);
  settings.add("training.weight_decay", training.weight_decay,
               {"Weight decay (AdamW)", "Затухание весов (AdamW)"}, 0, 10);
  settings.add(
      "training.warm_up", training.warm_up,
      {"Epochs of linear warm-up; a cosine follows", "Эпохи линейного разогрева; далее косинус"}, 0,
      1000);
  settings.add("training.smoothing", training.smoothing, {"Label smoothing", "Сглаживание меток"},
               0, 0.9);
  settings.add("training.average", training.average,
               {"Moving average of the weights, a step; 0 for none",
                "Скользящее среднее весов за шаг; 0 — без него"},
               0, 0.99999);
  settings.add(
      "training.clip", training.clip,
      {"Largest norm of the gradients; 0 for any", "Наибольшая норма градиентов; 0 — любая"}, 0,
      1e6);
  settings.add_choice("training.precision", training.precision,
                      {"Precision of the network's products", "Точность произведений в сети"},
                      {{"fp32", std::string("fp32")}, {"bf16", std::string("bf16")}});
  settings.add("training.seed", training.seed, {"Seed of everything random", "Начальное число"}, 0,
               std::uint64_t{1} << 62);
  settings.add("training.threads", training.threads,
               {"Threads; 0: one a core", "Потоки; 0 — по числу ядер"}, 0, 1024);
  settings.add("training.parts", training.parts,
               {"Parts of a batch that learn side by side; the result depends on it",
                "Части пакета, обучаемые параллельно; от этого зависит результат"},
               1, 64);
  settings.add("training.checkpoint_seconds", training.checkpoint_seconds,
               {"Seconds between checkpoints", "Секунды между контрольными точками"}, 0, 86'400);
}

}  // namespace

void add_settings(Settings& settings, Options& options) {
  add_run(settings, options.run);
  add_data(settings, options.data);
  add_network(settings, options.network);
  add_augment(settings, options.augment);
  add_training(settings, options.training);
}

}  // namespace thorax::learn
