#include "pipeline/batch.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/version.h"
#include "intake/source.h"
#include "pipeline/memory_gate.h"
#include "pipeline/study.h"
#include "pipeline/study_report.h"
#include "report/html.h"
#include "report/warnings.h"
#include "report/xlsx.h"

namespace thorax::pipeline {
namespace {

// Part of an input's progress that indexing its files takes.
constexpr double kIndexShare = 0.05;

// What a study at work takes besides its voxels (files in memory, the decoding child, pictures),
// and bytes a voxel: densities, labels, and the working volumes of the measurements. Networks work
// for one study at a time: what they take is set aside once.
constexpr std::uint64_t kBytesPerStudy = 256ull << 20;
constexpr std::uint64_t kBytesPerVoxel = 12;

std::uint64_t estimated_bytes(const intake::Study& study) {
  const intake::Series* series = study.chosen();
  if (!series || series->instances.empty()) return kBytesPerStudy;
  const intake::Instance& first = series->instances.front();
  return kBytesPerStudy + kBytesPerVoxel * series->image_count() *
                              static_cast<std::uint64_t>(std::max(0, first.rows)) *
                              static_cast<std::uint64_t>(std::max(0, first.columns));
}

/// What was sent has the name that it was sent under; where it lies on this machine's disk is
/// nobody's business.
void show_as_named(std::optional<Notice>& notice, const Input& input) {
  const std::string path = input.path.string();
  if (!notice || path.empty() || path == input.shown) return;
  for (auto& [key, value] : notice->args)
    for (std::size_t at = 0; (at = value.find(path, at)) != std::string::npos;
         at += input.shown.size())
      value.replace(at, path.size(), input.shown);
}

/// Memory for the studies: what the user allows or the machine has, less what a network takes. Of a
/// machine that has no more than that the network itself says so, before it runs.
std::uint64_t study_bytes(const BatchOptions& options, const Models& models) {
  const std::uint64_t all = options.memory_bytes ? options.memory_bytes : available_memory_bytes();
  const std::uint64_t networks = models.working_bytes();
  return all > networks ? all - networks : 0;
}

class Batch {
 public:
  Batch(const BatchJob& job, const Models& models, BatchListener& listener,
        const std::atomic<bool>& cancelled)
      : job_(job),
        models_(models),
        listener_(listener),
        cancelled_(cancelled),
        gate_(study_bytes(job.options.batch, models)),
        outcomes_(job.inputs.size()),
        shares_(job.inputs.size(), 0) {}

  std::vector<Outcome> run() {
    const int threads =
        job_.options.batch.threads > 0 ? job_.options.batch.threads : thread_count();
    const int workers = worker_count(threads);
    set_thread_count(std::max(1, threads / workers));
    {
      std::vector<std::jthread> others;
      for (int i = 1; i < workers; ++i) others.emplace_back([this] { work(); });
      work();
    }
    set_thread_count(threads);
    if (fatal_) throw Error(*fatal_);
    if (cancelled_) throw Error("cancelled"_code);
    std::vector<Outcome> all;
    for (std::vector<Outcome>& of_input : outcomes_)
      std::move(of_input.begin(), of_input.end(), std::back_inserter(all));
    return all;
  }

 private:
  /// Passes one input's progress on as the batch's.
  class Sink : public ProgressSink {
   public:
    Sink(Batch& batch, std::size_t input) : batch_(batch), input_(input) {}
    void report(std::string_view stage, double fraction) override {
      batch_.progressed(input_, stage, fraction);
    }

   private:
    Batch& batch_;
    std::size_t input_;
  };

  int worker_count(int threads) const {
    const int wanted = job_.options.batch.jobs > 0 ? job_.options.batch.jobs : threads;
    return std::clamp(wanted, 1, std::max(1, static_cast<int>(job_.inputs.size())));
  }

  void work() {
    for (std::size_t i = next_++; i < job_.inputs.size() && !stopped(); i = next_++) {
      try {
        run_input(i);
      } catch (const std::exception& error) {
        // Only what concerns the whole batch comes here: cancelling, a full disk.
        stop(notice_of(error));
      }
      progressed(i, "done", 1);
    }
  }

  bool stopped() {
    const std::lock_guard lock(mutex_);
    return cancelled_ || fatal_;
  }

  void stop(Notice notice) {
    const std::lock_guard lock(mutex_);
    if (!fatal_) fatal_ = std::move(notice);
  }

  void progressed(std::size_t input, std::string_view stage, double fraction) {
    const std::lock_guard lock(mutex_);
    shares_[input] = fraction;
    double done = 0;
    for (const double share : shares_) done += share;
    listener_.progressed(done / static_cast<double>(shares_.size()), job_.inputs[input].name,
                         stage);
  }

  void run_input(std::size_t index) {
    const Input& input = job_.inputs[index];
    Sink sink(*this, index);
    const Progress progress(&sink, &cancelled_);
    const Stopwatch opening;
    std::optional<intake::Source> source;
    try {
      progress.report("index", 0);
      source.emplace(
          intake::Source::open(input.path, job_.options.intake, progress.part(0, kIndexShare)));
    } catch (const std::exception& error) {
      if (cancelled_) throw Error("cancelled"_code);
      finish(index, failed_input(input, notice_of(error), opening.seconds()));
      return;
    }
    const double index_seconds = opening.seconds();
    const std::vector<std::size_t> wanted = wanted_studies(source->studies());
    if (wanted.empty()) {
      finish(index,
             failed_input(input, {"nothing_to_read"_code, {{"path", input.shown}, {"found", "0"}}},
                          index_seconds));
      return;
    }
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const auto count = static_cast<double>(wanted.size());
      const auto place = [&](std::size_t n) {
        return kIndexShare + (1 - kIndexShare) * static_cast<double>(n) / count;
      };
      run_study(index, *source, wanted[k], wanted.size() > 1 ? k + 1 : 0, index_seconds,
                progress.part(place(k), place(k + 1)));
    }
  }

  /// All studies, or those that hold the series the user asked for.
  std::vector<std::size_t> wanted_studies(const std::vector<intake::Study>& studies) const {
    const std::string& uid = job_.options.series_uid;
    std::vector<std::size_t> all, having;
    for (std::size_t i = 0; i < studies.size(); ++i) {
      all.push_back(i);
      const auto& series = studies[i].series;
      if (std::any_of(series.begin(), series.end(), [&](const intake::Series& s) {
            return s.header.series_instance_uid == uid.substr(0, uid.find('#'));
          }))
        having.push_back(i);
    }
    // None has it: the first study is asked for it, and its refusal says so.
    return uid.empty() ? all : having.empty() && !all.empty() ? std::vector{all.front()} : having;
  }

  void run_study(std::size_t index, intake::Source& source, std::size_t study, std::size_t number,
                 double index_seconds, const Progress& progress) {
    const Input& input = job_.inputs[index];
    intake::Study& chosen = source.studies()[study];
    const MemoryGate::Share share = gate_.take(estimated_bytes(chosen));
    StageClock clock;
    StudyAnalysis analysis =
        analyse_study(source, chosen, models_, job_.options, clock, progress.part(0, 0.85));
    analysis.result.path = input.shown;
    show_as_named(analysis.result.failure, input);
    analysis.result.provenance.settings = job_.changed_settings;
    Outcome outcome;
    outcome.name = number == 0 ? input.name : input.name + '/' + std::to_string(number);
    outcome.folder =
        number == 0 ? job_.output / input.name : job_.output / input.name / std::to_string(number);
    write(analysis, outcome.folder, index_seconds, clock, progress.part(0.85, 1));
    outcome.embedding = std::move(analysis.embedding);
    outcome.result = std::move(analysis.result);
    for (report::Picture& picture : outcome.result.pictures) picture.png = picture.overlay_png = {};
    finish(index, std::move(outcome));
  }

  /// A study whose report cannot be drawn gets one that says so; a disk that cannot be written
  /// ends the batch.
  void write(StudyAnalysis& analysis, const std::filesystem::path& folder, double index_seconds,
             StageClock& clock, const Progress& progress) const {
    try {
      write_report(analysis, folder, job_.options, job_.view, index_seconds, clock, progress);
    } catch (const std::exception& error) {
      Notice notice = notice_of(error);
      if (notice.code == "cancelled"_code || notice.code == "cannot_write"_code) throw;
      StudyAnalysis rest;
      rest.result = std::move(analysis.result);
      rest.result.failure = std::move(notice);
      analysis = std::move(rest);
      write_report(analysis, folder, job_.options, job_.view, index_seconds, clock, progress);
    }
  }

  Outcome failed_input(const Input& input, Notice notice, double seconds) const {
    StudyAnalysis analysis;
    analysis.result.path = input.shown;
    analysis.result.kind = "other";
    analysis.result.provenance.program_version = kVersion;
    analysis.result.provenance.settings = job_.changed_settings;
    analysis.result.failure = std::move(notice);
    show_as_named(analysis.result.failure, input);
    Outcome outcome{input.name, {}, {}};
    if (analysis.result.failure->code != "no_such_input"_code) {
      outcome.folder = job_.output / input.name;
      StageClock clock;
      write(analysis, outcome.folder, seconds, clock, {});
    }
    outcome.result = std::move(analysis.result);
    return outcome;
  }

  void finish(std::size_t index, Outcome outcome) {
    const report::StudyResult& result = outcome.result;
    log::info(outcome.name + ": " + (result.failure ? "failed, " + result.failure->id() : "read") +
              " in " + std::to_string(result.provenance.seconds) + " s");
    const std::lock_guard lock(mutex_);
    listener_.finished(outcome);
    outcomes_[index].push_back(std::move(outcome));
  }

  const BatchJob& job_;
  const Models& models_;
  BatchListener& listener_;
  const std::atomic<bool>& cancelled_;
  MemoryGate gate_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::vector<std::vector<Outcome>> outcomes_;  ///< an input's studies, in the order of inputs
  std::vector<double> shares_;                  ///< progress of each input
  std::optional<Notice> fatal_;
};

/// The link from the folder of all reports to one study's page.
std::string link_of(const Outcome& outcome, const BatchJob& job) {
  if (outcome.folder.empty() || !job.options.output.html) return {};
  return (outcome.folder.lexically_relative(job.output) / "report.html").string();
}

void write_tables(const BatchJob& job, const std::vector<Outcome>& outcomes) {
  std::vector<report::BatchRow> rows;
  std::vector<report::StudyResult> results;
  std::vector<report::BatchEntry> entries;
  for (const Outcome& outcome : outcomes) {
    rows.push_back(report::batch_row(outcome.result, job.options.language));
    results.push_back(outcome.result);
    entries.push_back({&outcome.result, link_of(outcome, job)});
  }
  if (job.options.output.xlsx) report::write_xlsx(job.output / "report.xlsx", rows);
  report::write_warnings(job.output / "warnings_and_errors.txt",
                         report::warnings_text(results, job.options.language));
  if (job.options.output.html && outcomes.size() > 1)
    report::write_batch_index(job.output / "index.html", entries, job.options.language);
}

/// Everything that can be known to fail before hours of work.
void check_output(const BatchJob& job) {
  for (const Input& input : job.inputs) refuse_foreign(job.output / input.name);
}

}  // namespace

std::vector<Outcome> run_batch(const BatchJob& job, const Models& models, BatchListener& listener,
                               const std::atomic<bool>& cancelled) {
  check_output(job);
  std::vector<Outcome> outcomes = Batch(job, models, listener, cancelled).run();
  const bool any_written = std::any_of(outcomes.begin(), outcomes.end(),
                                       [](const Outcome& o) { return !o.folder.empty(); });
  if (any_written) write_tables(job, outcomes);
  return outcomes;
}

}  // namespace thorax::pipeline
