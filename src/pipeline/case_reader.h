// Cases for a learned model, one after the other, from whatever the user named.
#pragma once

#include <deque>
#include <optional>

#include "base/progress.h"
#include "intake/source.h"
#include "pipeline/inputs.h"
#include "pipeline/model_input.h"
#include "pipeline/options.h"

namespace thorax::pipeline {

/// Whether a radiograph is a picture file, with levels of 0 to 255; DICOM holds values of any
/// range.
bool is_picture_file(const intake::Series& series);

/// What the chest gate does to a case that is no chest.
enum class Gate { refuse, warn, off };

/// A CT study or a picture, prepared; or why it could not be.
struct Case {
  std::string id;        ///< StudyInstanceUID of a CT, else the file, as the user would name it
  std::string filename;  ///< base name of the (first) file
  std::optional<Notice> failure;
  std::vector<Notice> warnings;
  prepare::NetworkInput input;  ///< without a failure
};

/// Yields the chosen series of every CT study for models that take volumes, and every radiograph
/// that is not set aside for models that take pictures, in the order of the inputs and, in an
/// input, of its files. What cannot be read, or is of the other kind, comes as a failure in its
/// place.
class CaseReader {
 public:
  CaseReader(std::vector<Input> inputs, const ModelInput& model, const Options& options, Gate gate,
             const Progress& progress);

  /// Nothing after the last. Throws Error("cancelled"_code).
  std::optional<Case> next();

 private:
  struct Task {
    Case found;
    const intake::Series* series = nullptr;  ///< null for a failure
  };

  void open(const Input& input);
  void add_study(const Input& input, const intake::Study& study);
  void fail(const std::string& path, Notice notice);
  void read(const intake::Series& series, Case& found);
  void judge(const std::optional<Notice>& refusal, Case& found) const;
  std::string shown(const Input& input, const std::string& entry) const;
  Progress here() const;

  std::vector<Input> inputs_;
  const ModelInput& model_;
  const Options& options_;
  const Gate gate_;
  const Progress progress_;
  std::size_t opened_ = 0;  ///< inputs
  std::size_t tasks_of_input_ = 0;
  std::optional<intake::Source> source_;
  std::deque<Task> tasks_;
};

}  // namespace thorax::pipeline
