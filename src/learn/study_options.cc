#include "learn/study_options.h"

namespace thorax::learn {

void add_studies(Settings& settings, DataOptions& data) {
  using Names = std::vector<std::pair<std::string, std::string>>;
  settings.add_choice(
      "data.recipe", data.recipe,
      {"What is learned from: pictures; embeddings; CT studies as slabs of slices, whole volumes, "
       "volumes with outlines, volumes with reports, slices in their order, patch embeddings with "
       "findings and reports; pictures without labels, two views of each",
       "На чём учить: снимки; эмбеддинги; КТ как пакеты срезов, целые объёмы, объёмы с разметкой, "
       "объёмы с описаниями, срезы по порядку, эмбеддинги фрагментов с находками и описаниями; "
       "снимки без меток, по два варианта каждого"},
      Names{{"auto", "auto"},
            {"pictures", "pictures"},
            {"embeddings", "embeddings"},
            {"slabs", "slabs"},
            {"volumes", "volumes"},
            {"segmentation", "segmentation"},
            {"pairs", "pairs"},
            {"body_parts", "body_parts"},
            {"reports", "reports"},
            {"views", "views"}});
  settings.add("data.path_column", data.path_column,
               {"Column of the table with the CT, a path below data.source",
                "Столбец таблицы с КТ: путь внутри data.source"});
  settings.add("data.mask_column", data.mask_column,
               {"Its column with the outlines (NIfTI), a path below data.source",
                "Её столбец с разметкой (NIfTI): путь внутри data.source"});
  settings.add("data.text_column", data.text_column,
               {"Its column with the report", "Её столбец с описанием"});
  settings.add("data.series", data.series,
               {"How slabs are made, JSON as `series` of a model's manifest",
                "Как строятся пакеты срезов: JSON, как `series` в описании модели"});
  settings.add("data.preparation", data.preparation,
               {"How volumes are prepared, JSON as `preprocessing` of a model's manifest",
                "Как готовятся объёмы: JSON, как `preprocessing` в описании модели"});
  settings.add("data.sliding", data.sliding,
               {"How windows slide, JSON as `sliding` of a model's manifest",
                "Как движутся окна: JSON, как `sliding` в описании модели"});
  settings.add("data.slabs", data.slabs,
               {"Slabs of a study an epoch", "Пакетов срезов из исследования за эпоху"}, 1, 4096);
  settings.add("data.vocabulary", data.vocabulary,
               {"File vocab.txt of the text encoder; for reports vocab.json, merges.txt beside it",
                "Файл vocab.txt текстового кодировщика; для reports vocab.json, рядом merges.txt"});
  settings.add("data.words", data.words,
               {"Tokens that are read of a report", "Сколько токенов описания читается"}, 2, 4096);
}

void add_crop(Settings& settings, CropOptions& crop) {
  settings.add("crop.count", crop.count,
               {"Crops of a study a step", "Фрагментов исследования за шаг"}, 1, 1024);
  const auto share = [&](const char* key, double& value, Text doc) {
    settings.add(std::string("crop.") + key, value, std::move(doc), 0, 1);
  };
  share("positive", crop.positive,
        {"Share of crops around an outlined voxel", "Доля фрагментов вокруг размеченного вокселя"});
  share("flip", crop.flip,
        {"Probability of a mirror image, each axis", "Вероятность отражения по каждой оси"});
  share("turn", crop.turn,
        {"Probability of quarter turns in the axial plane",
         "Вероятность поворота на четверти в аксиальной плоскости"});
  share("affine", crop.affine,
        {"Probability of rotation, shift and zoom", "Вероятность поворота, сдвига и масштаба"});
  settings.add("crop.rotate", crop.rotate,
               {"Largest rotation, radians, each axis", "Наибольший поворот по оси, радианы"}, 0,
               3.2);
  settings.add("crop.shift", crop.shift,
               {"Largest shift, voxels, each axis", "Наибольший сдвиг по оси, вокселей"}, 0, 1000);
  share("zoom", crop.zoom, {"Largest change of size", "Наибольшее изменение масштаба"});
  share("noise", crop.noise, {"Probability of noise", "Вероятность шума"});
  share("noise_deviation", crop.noise_deviation,
        {"Its standard deviation, share of the window", "Его стандартное отклонение, доля окна"});
  share("level", crop.level,
        {"Probability of a change of brightness", "Вероятность изменения яркости"});
  share("level_shift", crop.level_shift,
        {"Largest such change, share of the window", "Наибольшее такое изменение, доля окна"});
  share("gamma", crop.gamma, {"Probability of another gamma", "Вероятность другой гаммы"});
  settings.add("crop.gamma_low", crop.gamma_low, {"Lowest gamma", "Наименьшая гамма"}, 0.1, 10);
  settings.add("crop.gamma_high", crop.gamma_high, {"Highest gamma", "Наибольшая гамма"}, 0.1, 10);
  share("holes", crop.holes, {"Probability of holes", "Вероятность пропусков"});
  settings.add("crop.hole_count", crop.hole_count, {"Holes", "Число пропусков"}, 0, 1000);
  settings.add("crop.hole_size", crop.hole_size,
               {"Side of a hole, voxels", "Сторона пропуска, вокселей"}, 1, 1000);
}

void add_slices(Settings& settings, SliceOptions& slices) {
  settings.add("slices.count", slices.count,
               {"Slices of a study whose order is learned together",
                "Сколько срезов исследования сравнивается вместе"},
               2, 64);
  settings.add("slices.nearest", slices.nearest,
               {"Smallest distance between them, mm", "Наименьшее расстояние между ними, мм"}, 0.1,
               1000);
  settings.add("slices.farthest", slices.farthest,
               {"Largest distance between them, mm", "Наибольшее расстояние между ними, мм"}, 0.1,
               1000);
  settings.add("slices.shown", slices.shown,
               {"Such sets of a study an epoch", "Таких наборов из исследования за эпоху"}, 1,
               4096);
  settings.add("slices.even", slices.even,
               {"Weight of the loss that wants equal steps between them",
                "Вес потерь, требующих равных шагов между ними"},
               0, 100);
}

}  // namespace thorax::learn
