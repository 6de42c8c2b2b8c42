// thorax model …: what models there are, and new ones from downloaded files.
#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "engine/import.h"
#include "engine/self_test.h"
#include "engine/torch_plugin.h"
#include "weights/store.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using weights::FoundModel;
using weights::ModelPlace;

struct Arguments {
  std::vector<std::string> words;  ///< NAME, FILE…, then settings
  std::string models, licence, precision = "fp32", engine, token_file;
  std::vector<std::string> labels;
  std::vector<double> thresholds;
  std::string embedding;
  std::vector<std::string> entries;
  bool decides = false;
  bool as_json = false;
};

std::vector<ModelPlace> places(const Program& program) {
  return weights::model_places(program.options.models.folder);
}

Text place_text(ModelPlace::Kind kind) {
  switch (kind) {
    case ModelPlace::Kind::given:
      return {"given", "указана"};
    case ModelPlace::Kind::user:
      return {"yours", "ваша"};
    case ModelPlace::Kind::shipped:
      break;
  }
  return {"shipped", "в поставке"};
}

json manifest_json(const FoundModel& model) {
  std::ifstream file(model.folder / "model.json");
  json manifest = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (manifest.is_discarded() || !manifest.is_object())
    throw Error("bad_model"_code,
                {{"path", (model.folder / "model.json").string()}, {"detail", "JSON"}});
  return manifest;
}

void list(Program& program, bool as_json) {
  const Terminal terminal(stdout);
  json all = json::array();
  for (const FoundModel& model : weights::list_models(places(program))) {
    const json manifest = manifest_json(model);
    const std::string network = manifest.value("network", manifest.value("kind", ""));
    if (as_json) {
      all.push_back({{"name", model.name},
                     {"version", manifest.value("version", "")},
                     {"network", network},
                     {"task", manifest.value("task", "")},
                     {"licence", manifest.value("licence", "")},
                     {"folder", model.folder.string()}});
      continue;
    }
    std::cout << terminal.bold(fit(model.name, 24)) << ' ' << fit(manifest.value("version", ""), 8)
              << ' ' << fit(network, 16) << ' ' << fit(program.say(place_text(model.place)), 10)
              << ' ' << manifest.value("task", "") << '\n';
  }
  if (as_json) std::cout << all.dump(2) << '\n';
}

void line(const Program& program, const Text& name, const std::string& value) {
  std::cout << fit(program.say(name), 16) << ' ' << value << '\n';
}

std::string tensor_text(const weights::TensorInfo& tensor) {
  std::string text = tensor.name + " " + std::string(to_string(tensor.type)) + "[";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    text +=
        (i ? "," : "") + (tensor.shape[i] < 0 ? std::string("N") : std::to_string(tensor.shape[i]));
  return text + "]";
}

void info(Program& program, const std::string& name, bool as_json) {
  const FoundModel model = weights::find_model(places(program), name);
  const json manifest = manifest_json(model);
  if (as_json) {
    std::cout << manifest.dump(2) << '\n';
    return;
  }
  line(program, {"Name", "Название"}, name + " " + manifest.value("version", ""));
  line(program, {"Folder", "Папка"}, model.folder.string());
  line(program, {"Task", "Задача"}, manifest.value("task", ""));
  line(program, {"Licence", "Лицензия"}, manifest.value("licence", ""));
  if (manifest.value("kind", "") != "network") return;
  engine::RunOptions options;
  const auto runner = engine::load(model.folder, options);
  const engine::Description& description = runner->describe();
  line(program, {"Network", "Сеть"}, manifest.value("network", ""));
  line(program, {"Parameters", "Параметров"}, std::to_string(description.parameters));
  line(program, {"Engine", "Движок"},
       description.engine + " (" + description.runtime + "), " + description.device + ", " +
           description.precision);
  for (const engine::FunctionInfo& function : description.functions) {
    std::string text = function.name + ":";
    for (const auto& tensor : function.inputs) text += " " + tensor_text(tensor);
    text += " →";
    for (const auto& tensor : function.outputs) text += " " + tensor_text(tensor);
    line(program, {"Function", "Функция"}, text);
  }
}

void verify(Program& program, const std::string& name, const std::string& engine_name) {
  const FoundModel model = weights::find_model(places(program), name);
  const weights::Manifest manifest = weights::load_manifest(model.folder);
  const std::vector<std::string> altered = weights::altered_files(model.folder, manifest);
  if (!altered.empty())
    throw Error("model_altered"_code, {{"name", name}, {"detail", altered.front()}});
  engine::RunOptions options;
  options.engine = engine_name;
  const auto runner = engine::load(model.folder, options);
  engine::check_self_test(*runner, manifest, engine::self_test_bound(runner->describe().precision));
  std::cout << Terminal(stdout).green("✓ ") << name << ": "
            << program.say(
                   {"files intact, self-test passed", "файлы не изменены, самопроверка пройдена"})
            << '\n';
}

void remove(Program& program, const std::string& name) {
  const FoundModel model = weights::find_model(places(program), name);
  if (model.place == ModelPlace::Kind::shipped)
    throw Error(
        "bad_option"_code,
        {{"option", "NAME"},
         {"value", name},
         {"hint", program.say({"It ships with Thorax.", "Эта модель входит в поставку."})}});
  fs::remove_all(model.folder);
  std::cout << program.say({"removed: ", "удалена: "}) << model.folder.string() << '\n';
}

void card(Program& program, const std::string& name) {
  const FoundModel model = weights::find_model(places(program), name);
  std::cout << read_file(model.folder / "CARD.md");
}

void import(Program& program, const Arguments& arguments) {
  engine::ImportRequest request;
  request.name = arguments.words.at(0);
  for (std::size_t i = 1; i < arguments.words.size(); ++i)
    if (arguments.words[i].find("://") == std::string::npos)
      request.files.emplace_back(arguments.words[i]);
    else
      request.remote = arguments.words[i];
  request.token_file = arguments.token_file;
  request.licence = arguments.licence;
  request.labels = arguments.labels;
  request.precision = arguments.precision;
  request.thresholds = arguments.thresholds;
  request.embedding = arguments.embedding;
  request.decides = arguments.decides;
  for (const std::string& entry : arguments.entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos)
      throw Error("bad_option"_code,
                  {{"option", "--manifest"}, {"value", entry}, {"hint", "PATH=VALUE"}});
    const std::string text = entry.substr(equals + 1);
    const json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    request.entries[entry.substr(0, equals)] = value.is_discarded() ? json(text) : value;
  }
  request.into = program.options.models.folder.empty() ? weights::user_models()
                                                       : fs::path(program.options.models.folder);
  if (request.into.empty())
    throw Error("bad_option"_code, {{"option", "--models"}, {"value", ""}, {"hint", "$HOME"}});
  const Interrupt interrupt;
  WorkLine work(program.options.language, request.name);
  const weights::Manifest manifest =
      engine::import_model(request, Progress(&work, &interrupt.flag()));
  work.clear();
  std::cout << Terminal(stdout).green("✓ ") << manifest.name << ": " << manifest.network << ", "
            << manifest.json.at("parameters") << program.say({" parameters", " параметров"})
            << "\n  " << (request.into / manifest.name).string() << '\n';
}

CLI::App* add_action(CLI::App& model, Program& program, const std::string& name, const Text& what,
                     const std::vector<std::string>& examples,
                     const std::shared_ptr<Arguments>& arguments, const std::string& words,
                     const std::function<void(Program&, Arguments&)>& action) {
  CLI::App* command = add_command(model, program, name, what, examples);
  if (!words.empty())
    add_option(
        *command, program, "words", arguments->words,
        {"Name of the model, then files or settings", "Имя модели, затем файлы или параметры"},
        words)
        ->required();
  add_option(*command, program, "--models", arguments->models,
             {"Folder of model folders, before the usual places",
              "Папка с папками моделей, раньше обычных мест"},
             "FOLDER");
  add_settings_options(*command, program);
  command->callback([&program, arguments, action] {
    arguments->words = apply_settings(program, arguments->words);
    if (!arguments->models.empty()) program.settings.set("models.folder", arguments->models);
    action(program, *arguments);
  });
  return command;
}

}  // namespace

void add_model_command(CLI::App& app, Program& program) {
  CLI::App* model = add_command(
      app, program, "model",
      {"List, import, check and remove models", "Список моделей; импорт, проверка и удаление"},
      {"thorax model list", "thorax model import ct-clip CT-CLIP_v2.pt --licence CC-BY-NC-SA-4.0",
       "thorax model verify ct-clip"});
  model->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command =
      add_action(*model, program, "list", {"Every model that is found", "Все найденные модели"},
                 {"thorax model list", "thorax model list --json"}, arguments, "",
                 [](Program& p, Arguments& a) { list(p, a.as_json); });
  add_flag(*command, program, "--json", arguments->as_json, {"As JSON", "В виде JSON"});

  command = add_action(*model, program, "info",
                       {"What a model is and takes", "Сведения о модели и её входах"},
                       {"thorax model info ct-clip"}, arguments, "NAME",
                       [](Program& p, Arguments& a) { info(p, a.words.at(0), a.as_json); });
  add_flag(*command, program, "--json", arguments->as_json,
           {"The manifest as JSON", "Описание модели в виде JSON"});

  command = add_action(
      *model, program, "verify",
      {"Check a model's files and what it computes", "Проверить файлы модели и её вычисления"},
      {"thorax model verify ct-clip"}, arguments, "NAME",
      [](Program& p, Arguments& a) { verify(p, a.words.at(0), a.engine); });
  add_option(*command, program, "--engine", arguments->engine,
             {"Engine that computes", "Вычислительный движок"}, "torch|onnx|triton");

  add_action(*model, program, "remove", {"Delete one of your models", "Удалить свою модель"},
             {"thorax model remove ct-clip"}, arguments, "NAME",
             [](Program& p, Arguments& a) { remove(p, a.words.at(0)); });
  add_action(*model, program, "card", {"Print a model's card", "Показать карточку модели"},
             {"thorax model card ct-quantitative"}, arguments, "NAME",
             [](Program& p, Arguments& a) { card(p, a.words.at(0)); });
  add_action(
      *model, program, "networks",
      {"The networks whose checkpoints can be imported", "Сети, веса которых можно импортировать"},
      {"thorax model networks"}, arguments, "", [](Program&, Arguments&) {
        for (const std::string& id : engine::torch_plugin().networks()) std::cout << id << '\n';
      });

  command = add_action(
      *model, program, "import",
      {"Make a model of a downloaded checkpoint", "Создать модель из скачанного файла весов"},
      {"thorax model import ct-clip CT-CLIP_v2.pt --licence CC-BY-NC-SA-4.0",
       "thorax model import pneumonia pytorch_model.bin --licence Apache-2.0 --labels "
       "NORMAL,PNEUMONIA",
       "thorax model import norm head.ckpt --licence MIT --labels normal,pathology --embedding "
       "ct-clip --decides",
       "thorax model import bart model.safetensors vocab.json merges.txt --licence Apache-2.0",
       "thorax model import organs swin.pt --licence Apache-2.0 --manifest "
       "config.patch_merging=monai_1_5",
       "thorax model import pneumonia http://triton:8000/v2/models/pneumonia_detection --licence "
       "Apache-2.0 --labels NORMAL,PNEUMONIA"},
      arguments, "NAME FILE…|URL", [](Program& p, Arguments& a) { import(p, a); });
  add_option(*command, program, "--licence,--license", arguments->licence,
             {"Licence of the weights, as their publisher states it",
              "Лицензия весов, как её указал издатель"},
             "TEXT")
      ->required();
  add_option(*command, program, "--labels", arguments->labels,
             {"Names of the classes, in output order", "Названия классов в порядке выходов"},
             "A,B,…")
      ->delimiter(',');
  add_option(*command, program, "--thresholds", arguments->thresholds,
             {"A class is positive above its threshold (0.5)",
              "Класс положителен выше своего порога (0,5)"},
             "P,P,…")
      ->delimiter(',');
  add_option(*command, program, "--embedding", arguments->embedding,
             {"Of a head: the model whose embedding it reads",
              "Для головы: модель, эмбеддинг которой она читает"},
             "NAME");
  add_flag(*command, program, "--decides", arguments->decides,
           {"Of a head of two classes: its probability is the study's verdict",
            "Для головы из двух классов: её вероятность определяет заключение"});
  add_option(*command, program, "--manifest", arguments->entries,
             {"Entry of the manifest that the files do not tell, as config.patch_merging=monai_1_5",
              "Запись в описании модели, которой нет в файлах, например "
              "config.patch_merging=monai_1_5"},
             "PATH=VALUE")
      ->allow_extra_args(false);
  add_option(
      *command, program, "--token-file", arguments->token_file,
      {"File with the token that the model server wants", "Файл с токеном для сервера моделей"},
      "FILE");
  add_option(*command, program, "--precision", arguments->precision,
             {"Precision the model runs in", "Точность вычислений"}, "fp32|bf16");
}

}  // namespace thorax::cli
