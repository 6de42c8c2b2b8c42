// What the tests of the phantom's writers share.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "intake/phantom.h"
#include "intake/phantom_output.h"
#include "support/temporary_folder.h"

namespace thorax::intake {

/// A coarse phantom that paints in a moment.
inline PhantomOptions coarse_phantom() {
  PhantomOptions options;
  options.size = 64;
  options.slice_mm = 10;
  return options;
}

using testing_support::TemporaryFolder;

/// Output and exit status of a shell command.
inline std::pair<std::string, int> run_command(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, n);
  return {output, ::pclose(pipe)};
}

}  // namespace thorax::intake
