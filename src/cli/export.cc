// thorax export: a model as other programs run it.
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "exporter/triton.h"
#include "pipeline/form_quality.h"
#include "weights/store.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> words;
  std::string models, to = "onnx", out, precision = "fp32";
  std::vector<std::int64_t> batches{1, 3, 8};
  std::string pictures, labels;
};

std::string number(double value) {
  std::ostringstream text;
  text << std::setprecision(2) << value;
  return text.str();
}

void print_differences(const Program& program,
                       const std::vector<exporter::Difference>& differences) {
  std::cout << fit(program.say({"output", "выход"}), 16) << fit(program.say({"batch", "пакет"}), 8)
            << fit(program.say({"difference", "разница"}), 14)
            << program.say({"relative to the largest value", "относительно наибольшего значения"})
            << '\n';
  for (const exporter::Difference& one : differences)
    std::cout << fit(one.output, 16) << fit(std::to_string(one.batch), 8)
              << fit(number(one.largest), 14) << number(one.relative) << '\n';
}

[[noreturn]] void bad_option(const std::string& option, const std::string& value,
                             const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

/// Folders of the heads that read the embedding of a model.
std::vector<fs::path> heads_of(const std::vector<weights::ModelPlace>& places,
                               const std::string& model) {
  std::vector<fs::path> heads;
  for (const weights::FoundModel& found : weights::list_models(places)) {
    const std::optional<weights::Manifest> manifest = pipeline::network_manifest(found);
    if (manifest && manifest->network == "mlp_head" &&
        manifest->json.value("embedding", "") == model)
      heads.push_back(found.folder);
  }
  return heads;
}

/// Asks the model and its new form about pictures, and says in the form's card what it costs.
pipeline::FormQuality measure_form(const Program& program, const Arguments& arguments,
                                   const fs::path& model, const fs::path& form,
                                   const Progress& progress) {
  const auto loaded = [&](const fs::path& folder, const char* engine) {
    engine::RunOptions run = pipeline::run_options(program.options.models);
    run.engine = engine;
    return pipeline::load_network(weights::load_manifest(folder), folder, run);
  };
  const pipeline::FormQuality quality = pipeline::compare_forms(
      loaded(model, "torch"), loaded(form, "onnx"), pipeline::expand_inputs({arguments.pictures}),
      pipeline::PictureLabels(arguments.labels, ""), program.options, progress);
  pipeline::write_quality(form, quality, fs::path(arguments.pictures).filename().string());
  return quality;
}

void print_quality(const Program& program, const pipeline::FormQuality& quality) {
  const auto line = [&](const Text& what, const std::string& value) {
    std::cout << fit(program.say(what), 40) << value << '\n';
  };
  const auto share = [](double value) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(4) << value;
    return text.str();
  };
  line({"pictures", "снимков"}, std::to_string(quality.pictures));
  if (quality.unread > 0)
    line({"could not be read", "не прочитано"}, std::to_string(quality.unread));
  line({"same class, share", "тот же класс, доля"}, share(quality.same));
  line({"largest difference of probability", "наибольшая разница вероятностей"},
       number(quality.largest));
  if (!quality.model || !quality.form) return;
  line({"accuracy of the model", "точность модели"}, share(quality.model->accuracy));
  line({"accuracy of this form", "точность этого варианта"}, share(quality.form->accuracy));
}

void run_export(Program& program, Arguments& arguments) {
  const std::vector<std::string> words = apply_settings(program, arguments.words);
  if (words.size() != 1) bad_option("MODEL", std::to_string(words.size()), "1");
  const std::string& to = arguments.to;
  if (to != "onnx" && to != "torchscript" && to != "triton")
    bad_option("--to", to, "onnx | torchscript | triton");
  // Weights in eight bits cost a server time and spare it nothing but room on a disk.
  if (to == "triton" && arguments.precision == "int8")
    bad_option("--precision", arguments.precision, "fp32 | fp16");
  for (const std::int64_t batch : arguments.batches)
    if (batch < 1) bad_option("--batches", std::to_string(batch), "1,3,8");
  if (!arguments.pictures.empty() && to != "onnx") bad_option("--pictures", to, "--to onnx");
  if (arguments.pictures.empty() && !arguments.labels.empty())
    bad_option("--labels", arguments.labels, "--pictures");
  if (!arguments.models.empty()) program.settings.set("models.folder", arguments.models);
  const auto places = weights::model_places(program.options.models.folder);
  const weights::FoundModel model = weights::find_model(places, words[0]);
  exporter::ExportRequest request;
  request.model = model.folder;
  request.out = arguments.out.empty() ? model.name + "-" + to : arguments.out;
  request.format = to == "torchscript" ? exporter::Format::torchscript : exporter::Format::onnx;
  request.precision = arguments.precision;
  request.batches = arguments.batches;
  const Interrupt interrupt;
  WorkLine work(program.options.language, model.name);
  const Progress progress(&work, &interrupt.flag());
  std::vector<exporter::Exported> exported;
  std::optional<pipeline::FormQuality> quality;
  if (to == "triton") {
    exported = exporter::export_triton({request, heads_of(places, model.name)}, progress);
  } else {
    const bool asked = !arguments.pictures.empty();
    exported.push_back(exporter::export_model(request, asked ? progress.part(0, 0.3) : progress));
    if (asked)
      quality = measure_form(program, arguments, model.folder, request.out, progress.part(0.3, 1));
  }
  work.clear();
  for (const exporter::Exported& one : exported) {
    if (exported.size() > 1) std::cout << Terminal(stdout).bold(one.manifest.name) << '\n';
    print_differences(program, one.differences);
  }
  if (quality) print_quality(program, *quality);
  std::cout << Terminal(stdout).green("✓ ") << request.out.string() << '\n';
}

}  // namespace

void add_export_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "export",
      {"Write a model as other programs run it", "Выгрузить модель для других программ"},
      {"thorax export xray-pneumonia --to onnx",
       "thorax export xray-pneumonia --to onnx "
       "--precision fp16 --out models/xray-pneumonia-fp16",
       "thorax infer xray.png --models models --model xray-pneumonia-fp16",
       "thorax export xray-pneumonia --precision fp16 --pictures xrays.zip --labels labels.csv",
       "thorax export xray-pneumonia --to torchscript",
       "thorax export ct-clip --to triton --out repository", "",
       program.say({"The exported form is compared with the model itself in every batch; the table "
                    "says how far they are apart.",
                    "Выгруженный вариант сравнивается с самой моделью для каждого размера пакета; "
                    "расхождения показаны в таблице."})});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "model", arguments->words,
             {"Name of the model, as `thorax model list` shows it; and settings",
              "Имя модели, как его показывает `thorax model list`, а также параметры"},
             "MODEL|key=value")
      ->required();
  add_option(*command, program, "--to", arguments->to, {"Format", "Формат"},
             "onnx|torchscript|triton");
  add_option(*command, program, "--out", arguments->out,
             {"Folder to make (MODEL-FORMAT)", "Создаваемая папка (МОДЕЛЬ-ФОРМАТ)"}, "FOLDER");
  add_option(*command, program, "--precision", arguments->precision,
             {"Precision of the products; in int8 only the weights are smaller (a quarter)",
              "Точность умножений; с int8 уменьшаются только веса (в четыре раза)"},
             "fp32|fp16|int8");
  add_option(*command, program, "--batches", arguments->batches,
             {"Batches in which both forms are compared (1,3,8)",
              "Размеры пакета, для которых сравниваются оба варианта (1,3,8)"},
             "N,N,…")
      ->delimiter(',');
  add_option(*command, program, "--pictures", arguments->pictures,
             {"Pictures that the model and its ONNX form both answer: what the form costs in "
              "quality stands in its card",
              "Снимки, на которые отвечают модель и её вариант ONNX: потеря качества указывается в "
              "карточке"},
             "PICTURE|FOLDER|ARCHIVE");
  add_option(*command, program, "--labels", arguments->labels,
             {"CSV with their path, class and patient_id; without it the folders are the classes",
              "CSV с их path, class и patient_id; без него классами служат папки"},
             "FILE.csv");
  add_option(*command, program, "--models", arguments->models,
             {"Folder of model folders", "Папка с моделями"}, "DIR");
  add_settings_options(*command, program);
  command->callback([&program, arguments] { run_export(program, *arguments); });
}

}  // namespace thorax::cli
