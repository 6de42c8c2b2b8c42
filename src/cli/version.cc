#include <iostream>

#include "base/version.h"
#include "cli/program.h"

namespace thorax::cli {

void add_version_command(CLI::App& app, Program& program) {
  add_command(app, program, "version", {"Print the version", "Показать версию"}, {"thorax version"})
      ->callback([] { std::cout << "thorax " << kVersion << '\n'; });
}

}  // namespace thorax::cli
