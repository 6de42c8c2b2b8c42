#include "cli/train_once.h"

#include <cstdio>
#include <iostream>

#include "cli/terminal.h"
#include "cli/work_line.h"
#include "pipeline/train.h"

namespace thorax::cli {
namespace {

void print_epoch(const learn::EpochRow& row, int epochs) {
  std::printf("%lld/%d  loss %.4f  validation %.4f  accuracy %.4f  %.0f s\n",
              static_cast<long long>(row.epoch), epochs, row.train_loss, row.validation_loss,
              row.validation_accuracy, row.seconds);
  std::fflush(stdout);
}

}  // namespace

std::filesystem::path train_once(Program& program, const Interrupt& interrupt,
                                 const learn::Options& training, const std::string& yaml) {
  WorkLine work(program.options.language, training.run.name);
  const pipeline::TrainingRun run = pipeline::train(
      training, yaml, program.options,
      [&, epochs = training.training.epochs](const std::vector<learn::EpochRow>& rows) {
        work.clear();
        print_epoch(rows.back(), epochs);
      },
      Progress(&work, &interrupt.flag()));
  work.clear();
  if (!run.model.empty()) std::cout << Terminal(stdout).green("✓ ") << run.model.string() << '\n';
  return run.model;
}

}  // namespace thorax::cli
