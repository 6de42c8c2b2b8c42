// The process that reads one study. It is the program's own `thorax work`, and speaks one JSON
// object a line on its standard output:
//
//   {"stage": "lungs", "fraction": 0.42}       how far it is
//   {"study": {…}, "folder": "a/1"}            a report is in that folder, below --out; "patient":
//                                              PatientID, for the store to hash; "embedding":
//                                              {"model", "model_sha256", "values"}, if one was made
//   {"failure": {"code": …, "arguments": …}}   there is no report, and why
//   {"end": true}                              it said everything
//
// One that ends without its end line died.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/queue.h"

namespace thorax::serve {

struct WorkerCommand {
  std::vector<std::string> words;  ///< program and its first arguments
};

/// Why a worker is ended early.
enum class Stop { no, cancel, hand_back };

struct WorkerTask {
  std::filesystem::path file;    ///< what to read
  std::string name;              ///< as it was sent
  std::filesystem::path output;  ///< folder for the reports
  std::string folder;            ///< what the results' folders begin with
  int threads = 0;               ///< 0: one a core
  int seconds = 3600;            ///< it may take
};

struct WorkerEnd {
  Stop stopped = Stop::no;
  store::Outcome outcome;  ///< when it was not stopped
};

/// Runs one and waits for it. `progressed` is told what it says; `stop` is asked several times a
/// second and at every word.
/// Whatever happens to the process becomes an outcome; throws Error("internal"_code) only when no
/// process can be made.
WorkerEnd run_worker(const WorkerCommand& command, const WorkerTask& task,
                     const std::function<void(std::string_view stage, double fraction)>& progressed,
                     const std::function<Stop()>& stop);

}  // namespace thorax::serve
