// ONNX's own checker, in a process of its own: its library and libtorch cannot share one.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thorax::exporter {

/// Exit status of Debian's python3-onnx over a file: every node against its operator's definition,
/// and the types and sides of every value against what follows from the inputs.
inline int onnx_checker(const std::filesystem::path& file) {
  const std::string command =
      "/usr/bin/python3 -c 'import sys,onnx;"
      "onnx.checker.check_model(sys.argv[1],full_check=True)' '" +
      file.string() + "'";
  return std::system(command.c_str());
}

}  // namespace thorax::exporter
