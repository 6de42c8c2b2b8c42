#include "pipeline/options.h"

#include "base/error.h"

namespace thorax::pipeline {

void add_settings(Settings& settings, Options& options) {
  settings.add_choice("language", options.language,
                      {"Language of messages and reports", "Язык сообщений и отчётов"},
                      {{"en", Language::en}, {"ru", Language::ru}});

  VerdictOptions& verdict = options.verdict;
  settings.add("verdict.band_low", verdict.band_low,
               {"A probability of pathology above this and below band_high is \"uncertain\"",
                "Вероятность патологии выше этой и ниже band_high считается неопределённой"},
               0.0, 1.0);
  settings.add("verdict.band_high", verdict.band_high,
               {"Upper end of the uncertain band", "Верхняя граница неопределённой зоны"}, 0.0,
               1.0);
  settings.add("verdict.miss_rate", verdict.miss_rate,
               {"Share of cases of a class that a model for radiographs may miss; the smaller, the "
                "more often it answers \"uncertain\"",
                "Доля случаев класса, которую модель для рентгенограмм может пропустить; чем она "
                "меньше, тем чаще ответ «неопределённо»"},
               0.001, 0.5);

  ModelOptions& models = options.models;
  settings.add("models.folder", models.folder,
               {"Folder of model folders, searched before $THORAX_MODELS, your own models and "
                "those beside the program",
                "Папка с моделями, просматривается раньше $THORAX_MODELS, ваших моделей и папки "
                "рядом с программой"});
  settings.add("models.ct", models.ct,
               {"Name of the model that judges chest CT", "Имя модели для КТ грудной клетки"});
  settings.add(
      "models.ct_network", models.ct_network,
      {"Network for findings on chest CT: a model's name, none, or auto for the first installed of "
       "each kind",
       "Сеть для находок на КТ грудной клетки: имя модели, none или auto — первая установленная "
       "каждого вида"});
  settings.add("models.ct_segmentation", models.ct_segmentation,
               {"Network that outlines organs on CT: a model's name, none, or auto for the first "
                "installed",
                "Сеть, выделяющая органы на КТ: имя модели, none или auto — первая установленная"});
  settings.add(
      "models.ct_body_part", models.ct_body_part,
      {"Network of body parts beside the chest gate: a model's name, none, or auto for the "
       "first installed",
       "Сеть областей тела при проверке «грудная ли это клетка»: имя модели, none или "
       "auto — первая установленная"});
  settings.add("models.xray", models.xray,
               {"Learned network for radiographs: a model's name, none, or auto for the first "
                "installed that knows what is normal",
                "Нейросеть для рентгенограмм: имя модели, none или auto — первая установленная, "
                "у которой есть класс нормы"});
  settings.add("models.heat_map", models.heat_map,
               {"Show which parts of a radiograph speak for pathology",
                "Показывать, какие части рентгенограммы говорят о патологии"});
  settings.add("models.engine", models.engine,
               {"Engine that runs networks, torch or onnx; empty: as each model says",
                "Движок для нейросетей, torch или onnx; пусто: как указано в модели"});
  settings.add("models.device", models.device,
               {"Device of networks, cpu or cuda:0; empty: a GPU where there is one",
                "Устройство для нейросетей, cpu или cuda:0; пусто: GPU, если он есть"});
  settings.add("models.precision", models.precision,
               {"Precision of networks, fp32 or bf16; empty: as each model says",
                "Точность нейросетей, fp32 или bf16; пусто: как указано в модели"});
  settings.add("models.threads", models.threads,
               {"Threads of a network; 0: one a core", "Потоки для нейросети; 0: по числу ядер"}, 0,
               1024);

  OutputOptions& output = options.output;
  settings.add("output.html", output.html,
               {"Write the HTML page of every study",
                "Создавать страницу HTML для каждого "
                "исследования"});
  settings.add("output.xlsx", output.xlsx, {"Write the XLSX table", "Создавать таблицу XLSX"});
  settings.add("output.pictures", output.pictures,
               {"Write the pictures of the page as PNG files too",
                "Сохранять изображения страницы также отдельными файлами PNG"});
  settings.add("output.masks", output.masks,
               {"Write anatomy and findings as NIfTI label volumes",
                "Сохранять маски анатомии и находок в формате NIfTI"});
  settings.add("output.dicom", output.dicom,
               {"Write the masks as a DICOM Segmentation and the report as a DICOM structured "
                "report; they name the patient as the study does",
                "Сохранять маски как DICOM Segmentation, а отчёт как структурированный отчёт "
                "DICOM; данные пациента в них те же, что в исследовании"});
  settings.add("output.identify", output.identify,
               {"Show the patient's ID in the report",
                "Показывать идентификатор пациента в "
                "отчёте"});

  BatchOptions& batch = options.batch;
  settings.add("batch.jobs", batch.jobs,
               {"Studies read at a time; 0: as many as cores and memory allow",
                "Сколько исследований обрабатывать одновременно; 0: по числу ядер и объёму памяти"},
               0, 256);
  settings.add("batch.threads", batch.threads,
               {"Threads in all; 0: one a core", "Потоков всего; 0: по числу ядер"}, 0, 1024);
  settings.add_bytes("batch.memory", batch.memory_bytes,
                     {"Memory that studies at work may take together; 0: what is available",
                      "Память на все одновременные исследования; 0: вся доступная"});

  intake::add_settings(settings, options.intake);
}

void check(const Options& options) {
  if (options.verdict.band_low > options.verdict.band_high)
    throw Error("bad_option"_code, {{"option", "verdict.band_low"},
                                    {"value", std::to_string(options.verdict.band_low)},
                                    {"hint", "verdict.band_low <= verdict.band_high"}});
}

}  // namespace thorax::pipeline
