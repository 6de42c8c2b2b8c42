#include "pipeline/case_reader.h"

#include "base/error.h"
#include "intake/series_model.h"
#include "pipeline/study.h"
#include "quality/gate.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

std::string modality_of(const intake::Study& study) {
  const intake::Series* series = study.chosen();
  return series ? series->header.modality : "";
}

}  // namespace

bool is_picture_file(const intake::Series& series) {
  return series.instances.front().sop_class_uid.empty();
}

CaseReader::CaseReader(std::vector<Input> inputs, const ModelInput& model, const Options& options,
                       Gate gate, const Progress& progress)
    : inputs_(std::move(inputs)),
      model_(model),
      options_(options),
      gate_(gate),
      progress_(progress) {}

std::optional<Case> CaseReader::next() {
  while (tasks_.empty()) {
    if (opened_ == inputs_.size()) return {};
    open(inputs_[opened_++]);
  }
  here().report("read", 0);
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  if (!task.series) return std::move(task.found);
  try {
    read(*task.series, task.found);
  } catch (const std::exception& error) {
    task.found.failure = notice_of(error);
    if (task.found.failure->code == "cancelled"_code) throw;
  }
  return std::move(task.found);
}

/// Where the work is, for steps that only ask whether to go on.
Progress CaseReader::here() const {
  const double of_input = tasks_of_input_ == 0
                              ? 0
                              : static_cast<double>(tasks_of_input_ - tasks_.size()) /
                                    static_cast<double>(tasks_of_input_);
  const double place =
      (static_cast<double>(opened_ - 1) + of_input) / static_cast<double>(inputs_.size());
  return progress_.part(place, place);
}

void CaseReader::open(const Input& input) {
  tasks_of_input_ = 0;
  here().report("index", 0);
  try {
    source_.reset();
    source_.emplace(intake::Source::open(input.path, options_.intake, here()));
    for (const intake::Study& study : source_->studies()) add_study(input, study);
  } catch (const std::exception& error) {
    Notice notice = notice_of(error);
    if (notice.code == "cancelled"_code) throw;
    tasks_.clear();
    fail(input.shown, std::move(notice));
  }
  tasks_of_input_ = tasks_.size();
}

void CaseReader::add_study(const Input& input, const intake::Study& study) {
  const std::size_t before = tasks_.size();
  const bool wanted =
      study.kind == (model_.takes_volumes() ? intake::StudyKind::ct : intake::StudyKind::xray);
  for (const intake::Series& series : study.series) {
    if (!wanted || series.instances.empty()) continue;
    const bool use = model_.takes_volumes() ? &series == study.chosen()
                                            : series.role != intake::SeriesRole::set_aside;
    if (!use) continue;
    const std::string& entry = source_->entries().at(series.instances.front().entry).path;
    Task task;
    task.series = &series;
    task.found.id = model_.takes_volumes() && !study.study_instance_uid.empty()
                        ? study.study_instance_uid
                        : shown(input, entry);
    task.found.filename = fs::path(entry).filename().string();
    tasks_.push_back(std::move(task));
  }
  // A CT does without a damaged slice where it can; a damaged picture is a case that is lost.
  if (!model_.takes_volumes() || study.series.empty())
    for (const intake::SetAside& file : study.set_aside)
      if (file.reason.severity() == Severity::error) fail(shown(input, file.path), file.reason);
  if (tasks_.size() > before) return;
  const std::string id = study.study_instance_uid.empty() ? input.shown : study.study_instance_uid;
  const auto refusal = intake::study_refusal(study, input.shown);
  const std::map<std::string, std::string> modality{{"modality", modality_of(study)}};
  fail(id, refusal ? *refusal
                   : Notice{model_.takes_volumes() ? "radiograph_given_as_ct"_code
                                                   : "ct_given_as_radiograph"_code,
                            modality});
}

void CaseReader::fail(const std::string& path, Notice notice) {
  Task task;
  task.found.id = path;
  task.found.filename = fs::path(path).filename().string();
  task.found.failure = std::move(notice);
  tasks_.push_back(std::move(task));
}

void CaseReader::read(const intake::Series& series, Case& found) {
  if (model_.takes_volumes()) {
    const intake::LoadedVolume ct = source_->load_volume(series, here());
    if (gate_ != Gate::off) judge(quality::check_chest_ct(series.header, ct).refusal, found);
    found.input = model_.of(ct.hu);
    return;
  }
  const intake::LoadedImage radiograph = source_->load_image(series);
  if (gate_ != Gate::off)
    judge(quality::check_chest_xray(series.header, radiograph.image).refusal, found);
  found.input = model_.of(radiograph.image, !is_picture_file(series));
}

void CaseReader::judge(const std::optional<Notice>& refusal, Case& found) const {
  if (!refusal) return;
  if (gate_ == Gate::refuse) throw Error(*refusal);
  found.warnings.push_back(*refusal);
}

std::string CaseReader::shown(const Input& input, const std::string& entry) const {
  const fs::path given(input.shown);
  return ((fs::is_directory(input.path) ? given : given.parent_path()) / entry).string();
}

}  // namespace thorax::pipeline
