// Many studies: several at a time, one result each, in a stable order.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/embedding_index.h"
#include "pipeline/inputs.h"
#include "pipeline/models.h"
#include "pipeline/options.h"
#include "report/result.h"

namespace thorax::pipeline {

/// What became of one study (or of an input that held none that could be read).
struct Outcome {
  std::string name;              ///< of the input, with the study's number when it held several
  report::StudyResult result;    ///< without the bytes of its pictures
  std::filesystem::path folder;  ///< where its report is; empty when the input does not exist
  std::optional<CaseEmbedding> embedding = {};  ///< of a network that read it
};

/// Is told how the work goes, from several threads, one call at a time.
class BatchListener {
 public:
  virtual ~BatchListener() = default;
  /// `done`: share of the whole batch in [0, 1]; `study` and `stage`: what was heard of last.
  virtual void progressed(double done, const std::string& study, std::string_view stage) = 0;
  virtual void finished(const Outcome& outcome) = 0;
};

struct BatchJob {
  std::vector<Input> inputs;
  std::filesystem::path output;  ///< folder that holds a folder a study
  Options options;
  std::vector<std::pair<std::string, std::string>> changed_settings;  ///< for the reports
  bool view = false;  ///< write what the service's viewer opens (report::OutputOptions)
};

/// Reads every input and writes every report; results stand in the order of the inputs and, in an
/// input, of its studies. A bad study never stops the others: its error is its result. Beside the
/// studies' folders stand report.xlsx and warnings_and_errors.txt, and index.html when there are
/// several.
/// Throws Error("cancelled"_code) when `cancelled` was set (finished reports stay, nothing is
/// half-written), or what says that no report can be written at all.
std::vector<Outcome> run_batch(const BatchJob& job, const Models& models, BatchListener& listener,
                               const std::atomic<bool>& cancelled);

}  // namespace thorax::pipeline
