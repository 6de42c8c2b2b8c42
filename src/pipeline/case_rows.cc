#include "pipeline/case_rows.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "pipeline/study.h"

namespace thorax::pipeline {
namespace {

/// Cases that wait for their batch to be full.
class Waiting {
 public:
  Waiting(const LearnedModel& model, const ModelOutput& wanted, std::vector<CaseRow>& rows)
      : model_(model), wanted_(wanted), rows_(rows) {}

  std::size_t count() const { return inputs_.size(); }

  void add(std::size_t row, prepare::NetworkInput input) {
    waiting_.push_back(row);
    inputs_.push_back(std::move(input));
  }

  void run() {
    try {
      auto values = run_batch_of(*model_.runner, wanted_, inputs_);
      for (std::size_t i = 0; i < values.size(); ++i)
        take(rows_[waiting_[i]], std::move(values[i]));
    } catch (const std::exception& error) {
      for (const std::size_t row : waiting_) rows_[row].found.failure = notice_of(error);
    }
    waiting_.clear();
    inputs_.clear();
  }

 private:
  void take(CaseRow& row, std::vector<float> values) const {
    if (std::ranges::all_of(values, [](float x) { return std::isfinite(x); }))
      row.values = std::move(values);
    else
      row.found.failure = Notice{"no_numbers"_code, {{"name", model_.manifest.name}}};
  }

  const LearnedModel& model_;
  const ModelOutput& wanted_;
  std::vector<CaseRow>& rows_;
  std::vector<std::size_t> waiting_;
  std::vector<prepare::NetworkInput> inputs_;
};

}  // namespace

std::vector<CaseRow> run_cases(const std::vector<Input>& inputs, const LearnedModel& model,
                               const ModelOutput& wanted, const Options& options, Gate gate,
                               const Progress& progress) {
  const ModelInput maker(model.manifest, wanted.function);
  const std::size_t full = batch_size(wanted, maker);
  std::vector<CaseRow> rows;
  Waiting waiting(model, wanted, rows);
  CaseReader reader(inputs, maker, options, gate, progress);
  while (std::optional<Case> found = reader.next()) {
    if (!found->failure) waiting.add(rows.size(), std::exchange(found->input, {}));
    rows.push_back({std::move(*found), {}});
    if (waiting.count() == full) waiting.run();
  }
  waiting.run();
  return rows;
}

}  // namespace thorax::pipeline
