#include "learn/options.h"

#include "learn/picture_options.h"
#include "learn/study_options.h"

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
  settings.add("run.mirrored", run.mirrored,
               {"A model for pictures answers with the mean for a picture and its mirror image",
                "Ответ модели для снимков — среднее по снимку и его зеркальному отражению"});
  settings.add_choice("run.weights", run.weights,
                      {"How the model's file holds matrices and kernels; int8 is half the size",
                       "Как файл модели хранит матрицы и ядра; int8 вдвое меньше"},
                      {{"fp16", std::string("fp16")}, {"int8", std::string("int8")}});
  settings.add("run.goal", run.goal,
               {"Goal of a head's thresholds: youden, f1, sensitivity>=0.95, specificity>=0.95",
                "Цель порогов головы: youden, f1, sensitivity>=0.95, specificity>=0.95"});
  settings.add("run.evaluation", run.evaluation,
               {"Judge a model on pictures also on changed ones and on other kinds, and its heat "
                "maps; without it there is no evaluation.md",
                "Оценить модель для снимков и на изменённых снимках, и на посторонних, и её "
                "тепловые карты; без этого нет evaluation.md"});
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
  settings.add("data.unlabelled", data.unlabelled,
               {"More folders and archives of pictures, separated by commas, that are learned from "
                "without labels (recipe views)",
                "Другие папки и архивы снимков через запятую, на которых сеть учится без меток "
                "(рецепт views)"});
  settings.add("data.cache", data.cache,
               {"File of the decoded pictures; empty: in the folder of the run",
                "Файл декодированных снимков; пусто: в папке обучения"});
  settings.add("data.size", data.size, {"Pixels a side", "Сторона снимка, пикселей"}, 8, 1024);
  settings.add_choice(
      "data.frame", data.frame,
      {"What is shown of a picture: the whole, or its chest alone, found in every picture and "
       "brought to the same place and size, so that how a clinic frames its pictures counts for "
       "nothing (recipe pictures)",
       "Что показывать: снимок целиком или только грудную клетку, найденную на каждом снимке и "
       "приведённую к одному месту и размеру, чтобы кадрирование ничего не значило (рецепт "
       "pictures)"},
      {{"whole", std::string("whole")}, {"chest", std::string("chest")}});
  settings.add("data.validation", data.validation,
               {"Share of the patients for validation", "Доля пациентов для валидации"}, 0, 0.9);
  settings.add("data.test", data.test,
               {"Share of the patients kept for the test", "Доля пациентов для проверки"}, 0, 0.9);
  settings.add("data.seed", data.seed, {"Seed of the split", "Начальное число разбиения"}, 0,
               std::uint64_t{1} << 62);
  settings.add("data.balance", data.balance,
               {"Show the classes equally often", "Показывать классы одинаково часто"});
  settings.add(
      "data.groups", data.groups,
      {"CSV with path and group of pictures, such as the machine that made them; empty: no "
       "groups (recipe pictures)",
       "CSV со столбцами path и group — группами снимков, например по аппаратам; пусто: "
       "групп нет (рецепт pictures)"});
  settings.add("data.group_balance", data.group_balance,
               {"How evenly the groups of a class are shown: 1 equally often, 0 as often as they "
                "come",
                "Насколько ровно показывать группы внутри класса: 1 — одинаково часто, 0 — как они "
                "встречаются"},
               0, 1);
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
  settings.add("data.external", data.external,
               {"Folder or archive of another source's pictures of the same classes: how good the "
                "answers are there is measured",
                "Папка или архив снимков другого источника с теми же классами: измеряется, "
                "насколько верны ответы на них"});
  settings.add("data.external_manifest", data.external_manifest,
               {"CSV with their path, class and patient_id; empty: the folders are the classes",
                "CSV с их path, class и patient_id; пусто — классами служат папки"});
}

void add_embeddings(Settings& settings, DataOptions& data) {
  settings.add("data.embeddings", data.embeddings,
               {"File of `thorax embed`: a head on these embeddings is trained",
                "Файл команды `thorax embed`: обучается голова на этих эмбеддингах"});
  settings.add("data.table", data.table,
               {"CSV or XLSX with labels, a study a row",
                "CSV или XLSX с метками, по строке на исследование"});
  settings.add("data.id_column", data.id_column,
               {"Its column with the ids that the embeddings have",
                "Её столбец с идентификаторами, как в файле эмбеддингов"});
  settings.add("data.patient_column", data.patient_column,
               {"Its column with the patients; without one each study is a patient",
                "Её столбец с пациентами; без него каждое исследование — отдельный пациент"});
  settings.add("data.weight_column", data.weight_column,
               {"Its column with how often a study is shown, in proportion; without one 1",
                "Её столбец с относительной частотой показа исследования; без него 1"});
  settings.add("data.label_columns", data.label_columns,
               {"Its columns with labels, separated by commas; empty: all others",
                "Её столбцы с метками через запятую; пусто: все остальные"});
  settings.add_choice("data.target", data.target,
                      {"Meaning of the labels: one column of class names; pathology if any column "
                       "is 1; each column a question of its own",
                       "Смысл меток: один столбец с именами классов; патология, если хотя бы в "
                       "одном столбце 1; каждый столбец — отдельный вопрос"},
                      {{"class", std::string("class")},
                       {"any", std::string("any")},
                       {"each", std::string("each")}});
  settings.add("data.classes", data.classes,
               {"Class names, separated by commas, the normal one first; empty: sorted",
                "Имена классов через запятую, первым — норма; пусто: по алфавиту"});
}

void add_network(Settings& settings, NetworkOptions& network) {
  settings.add(
      "network.id", network.id,
      {"Network, as `thorax model networks` lists it", "Сеть из списка `thorax model networks`"});
  settings.add("network.config", network.config,
               {"Its configuration as JSON; classes, channels and size are filled in",
                "Её настройки в JSON; классы, каналы и размер подставляются"});
  settings.add("network.start", network.start,
               {"Weights to start from: safetensors, a model's folder, or the configuration "
                "(.yaml) of a model to be trained first; of several, separated by commas, the "
                "mean; empty: random ones",
                "Исходные веса: safetensors, папка модели либо файл настроек (.yaml) модели, "
                "которую сначала обучить; нескольких, через запятую, — среднее; пусто — "
                "случайные"});
  settings.add("network.start_without", network.start_without,
               {"Keys that begin so, separated by commas, are not read from there and begin at "
                "random: fc. (resnet), classifier. (vit), head. (dinov2) of other classes",
                "Ключи с такими началами, через запятую, оттуда не берутся, их веса случайны: fc. "
                "(resnet), classifier. (vit), head. (dinov2) для других классов"});
  settings.add("network.start_below", network.start_below,
               {"What the keys of that file stand below in the network, such as bart.; all other "
                "weights begin at random",
                "Под каким началом ключи этого файла стоят в сети, например bart.; остальные веса "
                "— случайные"});
  settings.add("network.backbone", network.backbone,
               {"Folder of the model whose patch embeddings are read (recipe reports)",
                "Папка модели, чьи эмбеддинги фрагментов читаются (рецепт reports)"});
}

using Names = std::vector<std::pair<std::string, std::string>>;

void add_schedule(Settings& settings, TrainingOptions& training) {
  settings.add_choice("training.schedule", training.schedule,
                      {"Course of the learning rate", "Ход скорости обучения"},
                      Names{{"cosine", "cosine"},
                            {"linear", "linear"},
                            {"one_cycle", "one_cycle"},
                            {"cyclic", "cyclic"},
                            {"constant", "constant"}});
  settings.add("training.base_rate", training.base_rate,
               {"Lowest rate of the cyclic schedule", "Наименьшая скорость циклического хода"}, 0,
               10);
  settings.add("training.warm_up_steps", training.warm_up_steps,
               {"Steps of the warm-up instead of epochs; the rise of one_cycle and of each cycle",
                "Шаги разогрева вместо эпох; подъём в one_cycle и в каждом цикле"},
               0, 10'000'000);
}

void add_loss(Settings& settings, TrainingOptions& training) {
  settings.add_choice(
      "training.loss", training.loss,
      {"Loss; bce where each class is a question of its own; dice (with cross entropy) for "
       "outlines; contrastive for volumes with reports and for pictures without labels; order for "
       "slices of the body; report for findings and reports together",
       "Функция потерь; bce, если каждый класс — отдельный вопрос; dice (с перекрёстной "
       "энтропией) для разметки; contrastive для объёмов с описаниями и для снимков без меток; "
       "order для срезов тела; report для находок вместе с описаниями"},
      Names{{"cross_entropy", "cross_entropy"},
            {"focal", "focal"},
            {"bce", "bce"},
            {"dice", "dice"},
            {"contrastive", "contrastive"},
            {"order", "order"},
            {"report", "report"}});
  settings.add("training.temperature", training.temperature,
               {"By what similarities of pictures and their views are divided (recipe views)",
                "На что делятся сходства снимков и их вариантов (рецепт views)"},
               0.01, 10);
  settings.add("training.gamma", training.gamma,
               {"Exponent of the focal loss", "Показатель фокальной функции потерь"}, 0, 20);
  settings.add("training.alpha", training.alpha,
               {"Weight of class 0 in the focal loss, of the others 1 less it; -1: none",
                "Вес класса 0 в фокальной функции потерь, остальных — 1 минус он; -1: нет"},
               -1, 1);
  settings.add("training.positive_weight", training.positive_weight,
               {"Weight of positives in bce: balanced, or a number a class separated by commas",
                "Вес положительных в bce: balanced или число на класс через запятую"});
}

void add_teachers(Settings& settings, TrainingOptions& training) {
  settings.add("training.teachers", training.teachers,
               {"Folders of trained models whose answers are learned too, separated by commas, or "
                "configurations (.yaml) of models to be trained first",
                "Папки обученных моделей через запятую, ответам которых сеть учится тоже, или "
                "файлы настроек (.yaml) моделей, которые сначала обучить"});
  settings.add("training.teaching", training.teaching,
               {"Their share of the loss", "Их доля в функции потерь"}, 0, 1);
  settings.add("training.softness", training.softness,
               {"By what logits are divided before answers are compared",
                "На что делятся логиты перед сравнением ответов"},
               0.1, 100);
}

void add_stopping(Settings& settings, TrainingOptions& training) {
  settings.add_choice(
      "training.watch", training.watch,
      {"By what of the validation the best epoch is known",
       "По какому показателю валидации выбирается лучшая эпоха"},
      Names{{"loss", "loss"}, {"accuracy", "accuracy"}, {"f1", "f1"}, {"auroc", "auroc"}});
  settings.add("training.patience", training.patience,
               {"Epochs without a better one before training ends; 0: it does not",
                "Эпохи без улучшения до остановки; 0 — не останавливать"},
               0, 100'000);
  settings.add(
      "training.min_delta", training.min_delta,
      {"By how much a better epoch is better", "На сколько лучшая эпоха должна быть лучше"}, 0, 10);
}

void add_training(Settings& settings, TrainingOptions& training) {
  settings.add("training.epochs", training.epochs,
               {"Passes over the pictures", "Проходы по снимкам"}, 1, 100'000);
  settings.add("training.first_epochs", training.first_epochs,
               {"First passes over smaller pictures, which take less time",
                "Первые проходы по уменьшенным снимкам: они быстрее"},
               0, 100'000);
  settings.add(
      "training.first_size", training.first_size,
      {"Pixels a side of those smaller pictures", "Сторона таких уменьшенных снимков, пикселей"}, 8,
      1024);
  settings.add("training.batch", training.batch, {"Pictures a batch", "Снимков в пакете"}, 1,
               65'536);
  settings.add("training.accumulate", training.accumulate,
               {"Batches whose gradients make one step; memory for one is enough",
                "Пакеты, градиенты которых складываются в один шаг; памяти нужно на один"},
               1, 4096);
  settings.add("training.rate", training.rate,
               {"Highest learning rate", "Наибольшая скорость обучения"}, 0, 10);
  settings.add("training.weight_decay", training.weight_decay,
               {"Weight decay (AdamW)", "Затухание весов (AdamW)"}, 0, 10);
  settings.add(
      "training.warm_up", training.warm_up,
      {"Epochs of linear warm-up; a cosine follows", "Эпохи линейного разогрева; далее косинус"}, 0,
      1000);
  add_schedule(settings, training);
  add_loss(settings, training);
  add_teachers(settings, training);
  add_stopping(settings, training);
  settings.add("training.smoothing", training.smoothing, {"Label smoothing", "Сглаживание меток"},
               0, 0.9);
  settings.add("training.mix", training.mix,
               {"Show pictures mixed in pairs: alpha of mix-up's beta distribution; 0: do not",
                "Показывать снимки смешанными попарно: alpha бета-распределения mix-up; 0 — нет"},
               0, 4);
  settings.add("training.mix_style", training.mix_style,
               {"Exchange contrast and sharpness between pictures inside a ResNet while it learns "
                "(MixStyle)",
                "Обменивать контраст и резкость между снимками внутри ResNet при обучении "
                "(MixStyle)"});
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
  settings.add("training.text", training.text,
               {"Weight of the text's loss, and of coverage, beside that of findings (report)",
                "Вес потерь текста и покрытия рядом с потерями находок (report)"},
               0, 1000);
  settings.add("training.slow_keys", training.slow_keys,
               {"Weights whose keys begin so learn more slowly; empty: none",
                "Веса, чьи ключи начинаются так, учатся медленнее; пусто: нет таких"});
  settings.add("training.slow_rate", training.slow_rate,
               {"Their share of the rate", "Их доля скорости обучения"}, 0, 1);
  settings.add("training.parts", training.parts,
               {"Parts of a batch that learn side by side; the result depends on it",
                "Части пакета, обучаемые параллельно; от этого зависит результат"},
               1, 64);
  settings.add("training.checkpoint_seconds", training.checkpoint_seconds,
               {"Seconds between checkpoints", "Секунды между контрольными точками"}, 0, 86'400);
  settings.add("training.processes", training.processes,
               {"Processes that learn together; each takes batches of its own",
                "Процессы, обучающие вместе; у каждого свои пакеты"},
               1, 4096);
  settings.add("training.process", training.process,
               {"Which of them this is", "Номер этого процесса"}, 0, 4095);
  settings.add(
      "training.meeting", training.meeting,
      {"Where they meet: HOST:PORT at which process 0 listens, or a new file that all reach",
       "Где они встречаются: ХОСТ:ПОРТ, который слушает процесс 0, или новый общий файл"});
}

void add_tracking(Settings& settings, TrackingOptions& tracking) {
  settings.add("tracking.tensorboard", tracking.tensorboard,
               {"Write TensorBoard's event file into the folder of the run",
                "Записывать файл событий TensorBoard в папку обучения"});
  settings.add("tracking.mlflow", tracking.mlflow,
               {"Folder of MLflow's file store (mlruns); empty: none",
                "Папка файлового хранилища MLflow (mlruns); пусто: не вести"});
  settings.add("tracking.address", tracking.address,
               {"Address of an MLflow tracking server, http://HOST:PORT; empty: none",
                "Адрес сервера MLflow, http://ХОСТ:ПОРТ; пусто: не отправлять"});
  settings.add("tracking.experiment", tracking.experiment,
               {"Name of the experiment in MLflow", "Имя эксперимента в MLflow"});
}

void add_search(Settings& settings, SearchOptions& search) {
  settings.add("search.trials", search.trials,
               {"Trials of `thorax tune`", "Число проб команды `thorax tune`"}, 1, 100'000);
  settings.add("search.seed", search.seed, {"Seed of the search", "Начальное число поиска"}, 0,
               std::uint64_t{1} << 62);
  settings.add("search.prune", search.prune,
               {"Give trials up whose best is below the median of the others",
                "Прекращать пробы, лучший результат которых ниже медианы остальных"});
  settings.add("search.warm_up", search.warm_up,
               {"Epochs before a trial may be given up", "Эпохи до возможного прекращения пробы"},
               1, 100'000);
  settings.add("search.parameters", search.parameters,
               {"What is searched: settings with {low, high, scale: log, type: integer} or "
                "{choices: […]}",
                "Что подбирается: параметры с {low, high, scale: log, type: integer} или "
                "{choices: […]}"});
}

}  // namespace

void add_settings(Settings& settings, Options& options) {
  add_run(settings, options.run);
  add_data(settings, options.data);
  add_studies(settings, options.data);
  add_embeddings(settings, options.data);
  add_network(settings, options.network);
  add_augment(settings, options.augment);
  add_crop(settings, options.crop);
  add_slices(settings, options.slices);
  add_training(settings, options.training);
  add_tracking(settings, options.tracking);
  add_search(settings, options.search);
}

}  // namespace thorax::learn
