// The process in which the service reads one study (serve/worker.h says how it speaks).
#include <iostream>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
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
    say({{"study", serve::summary_json(outcome.result)},
         {"folder", outcome.folder.lexically_relative(output_).string()}});
  }
  static void fail(const Notice& notice) { say({{"failure", serve::failure_json(notice)}}); }

 private:
  const std::filesystem::path output_;
};

void deidentify(Program& program, const Arguments& arguments) {
  try {
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
  } catch (const std::exception& error) {
    Speaker::fail(pipeline::notice_of(error));
  }
  say({{"end", true}});
}

void work(Program& program, const Arguments& arguments) {
  if (!arguments.dates.empty()) return deidentify(program, arguments);
  const Interrupt interrupt;
  try {
    for (const std::string& word : apply_settings(program, arguments.words))
      program.settings.apply(word);
    pipeline::BatchJob job;
    job.inputs = {{arguments.file, arguments.name, "study"}};
    job.output = arguments.output;
    job.changed_settings = program.settings.changed();
    job.options = program.options;
    job.options.output.pictures = true;
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
  command->callback([&program, arguments] { work(program, *arguments); });
}

}  // namespace thorax::cli
