// The process in which the service reads one study (serve/worker.h says how it speaks).
#include <iostream>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/work_model.h"
#include "deidentify/study.h"
#include "pipeline/batch.h"
#include "pipeline/study.h"
#include "serve/problem.h"
#include "serve/views.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  std::string file, name, output;
  std::string dates,
      key_file;  ///< of a study that is to go out without names, instead of being read
  int threads = 0;
  bool model = false;
  std::string licence;
  std::vector<std::string> labels;
};

void say(const serve::Json& words) {
  std::cout << serve::dump(words) << std::endl;
}

class Speaker : public pipeline::BatchListener {
 public:
  explicit Speaker(std::filesystem::path output) : output_(std::move(output)) {}

  void progressed(double done, const std::string&, std::string_view stage) override {
    say({{"stage", stage}, {"fraction", done}});
  }
  void finished(const pipeline::Outcome& outcome) override {
    if (outcome.folder.empty()) return fail(*outcome.result.failure);
    serve::Json words = {{"study", serve::summary_json(outcome.result)},
                         {"folder", outcome.folder.lexically_relative(output_).string()},
                         {"patient", outcome.result.patient_id}};
    if (const auto& made = outcome.embedding)
      words["embedding"] = {
          {"model", made->model}, {"model_sha256", made->model_sha256}, {"values", made->values}};
    say(words);
  }
  static void fail(const Notice& notice) { say({{"failure", serve::failure_json(notice)}}); }

 private:
  const std::filesystem::path output_;
};

void deidentify(Program& program, const Arguments& arguments) {
  for (const std::string& word : apply_settings(program, arguments.words))
    program.settings.apply(word);
  std::filesystem::create_directories(arguments.output);
  const deidentify::Exported done = deidentify::export_study(
      arguments.file, std::filesystem::path(arguments.output) / "deidentified.zip",
      deidentify::read_key(arguments.key_file), deidentify::parse_dates(arguments.dates),
      program.options.intake);
  say({{"study",
        {{"verdict", nullptr},
         {"kind", nullptr},
         {"trust", nullptr},
         {"failure", nullptr},
         {"images", done.images}}},
       {"folder", ""}});
}

/// Tells how far a model is.
class ModelSpeaker : public ProgressSink {
 public:
  void report(std::string_view stage, double fraction) override {
    say({{"stage", stage}, {"fraction", fraction}});
  }
};

/// A model is no study; what the store would want to know of one stays empty.
void import(const Arguments& arguments, const std::atomic<bool>& stop) {
  ModelSpeaker speaker;
  take_model(
      {arguments.file, arguments.name, arguments.output, arguments.licence, arguments.labels},
      Progress(&speaker, &stop));
  say({{"study", {{"kind", "model"}, {"verdict", nullptr}, {"trust", ""}, {"failure", nullptr}}},
       {"folder", arguments.name}});
}

void read(Program& program, const Arguments& arguments, const Interrupt& interrupt) {
  for (const std::string& word : apply_settings(program, arguments.words))
    program.settings.apply(word);
  pipeline::BatchJob job;
  job.inputs = {{arguments.file, arguments.name, "study"}};
  job.output = arguments.output;
  job.changed_settings = program.settings.changed();
  job.options = program.options;
  job.options.output.pictures = true;
  job.options.output.dicom = true;
  job.options.output.html = true;
  job.options.output.xlsx = true;
  job.view = true;
  if (arguments.threads > 0) {
    job.options.batch.threads = arguments.threads;
    if (job.options.models.threads == 0) job.options.models.threads = arguments.threads;
  }
  const pipeline::Models models = pipeline::load_models(job.options.models);
  Speaker speaker(job.output);
  pipeline::run_batch(job, models, speaker, interrupt.flag());
}

void work(Program& program, const Arguments& arguments) {
  const Interrupt interrupt;
  try {
    if (!arguments.dates.empty())
      deidentify(program, arguments);
    else if (arguments.model)
      import(arguments, interrupt.flag());
    else
      read(program, arguments, interrupt);
  } catch (const std::exception& error) {
    Speaker::fail(pipeline::notice_of(error));
  }
  say({{"end", true}});
}

}  // namespace

void add_work_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("work");
  command->group("");  // for the service alone
  auto arguments = std::make_shared<Arguments>();
  command->add_option("settings", arguments->words);
  command->add_option("--file", arguments->file)->required();
  command->add_option("--name", arguments->name)->required();
  command->add_option("--out", arguments->output)->required();
  command->add_option("--deidentify", arguments->dates);
  command->add_option("--key-file", arguments->key_file);
  command->add_option("--threads", arguments->threads);
  command->add_flag("--model", arguments->model);
  command->add_option("--licence", arguments->licence);
  command->add_option("--label", arguments->labels);
  command->callback([&program, arguments] { work(program, *arguments); });
}

}  // namespace thorax::cli
