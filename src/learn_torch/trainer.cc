// The loop, and the one entry of libthorax_trainer.so.
#include "learn/trainer.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <deque>
#include <future>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/version.h"
#include "learn/answers.h"
#include "learn/schedule.h"
#include "learn/stopping.h"
#include "learn_torch/checkpoint.h"
#include "learn_torch/learner.h"
#include "weights/safetensors.h"

namespace thorax::learn {
namespace {

namespace fs = std::filesystem;

/// Makes the batches to come while the network works on this one.
class Ahead {
 public:
  Ahead(const Batches& batches, std::int64_t step, std::int64_t end)
      : batches_(batches), next_(step), end_(end) {}

  Batch take() {
    while (next_ < end_ && made_.size() < kAhead) {
      const std::int64_t length = batches_.steps_per_epoch();
      made_.push_back(
          std::async(std::launch::async, [this, epoch = next_ / length, step = next_ % length] {
            return batches_.training(epoch, step);
          }));
      ++next_;
    }
    Batch batch = made_.front().get();
    made_.pop_front();
    return batch;
  }

 private:
  static constexpr std::size_t kAhead = 3;
  const Batches& batches_;
  std::int64_t next_, end_;
  std::deque<std::future<Batch>> made_;
};

class Run {
 public:
  Run(const TrainRequest& request, const Batches& batches,
      const std::function<void(const std::vector<EpochRow>&)>& epoch_done, const Progress& progress)
      : request_(request),
        batches_(batches),
        epoch_done_(epoch_done),
        progress_(progress),
        group_(Group::join(request.training)),
        learner_(request, group_.get()),
        length_(batches.steps_per_epoch()),
        steps_(length_ * request.training.epochs) {}

  TrainResult go() {
    begin();
    Ahead ahead(batches_, at_.step, steps_);
    while (!over()) {
      keep_or_stop();
      const Stopwatch whole;
      const Batch batch = ahead.take();
      at_.waiting += whole.seconds();
      const Pace pace = pace_at(request_.training, at_.step, steps_, length_);
      at_.loss_sum += learner_.step(batch, pace);
      at_.seconds += whole.seconds();
      if (!std::isfinite(at_.loss_sum))
        throw Error("no_numbers"_code, {{"name", request_.network}});
      if (++at_.step % length_ == 0) end_epoch(pace.rate);
    }
    if (!leads()) return {at_.rows, best(at_.rows), {}};
    write();
    if (request_.keep_last) return {at_.rows, at_.rows.back().epoch, halved(learner_.averaged())};
    return {at_.rows, best(at_.rows), halved(weights::read_safetensors(best_file()).tensors)};
  }

 private:
  fs::path last() const { return request_.folder / "last.safetensors"; }
  fs::path best_file() const { return request_.folder / "best.safetensors"; }
  /// Whether this process keeps the run: the only one, or the first of those that learn together.
  bool leads() const { return !group_ || group_->first(); }

  /// Where a run was stopped, or at its start.
  void begin() {
    if (leads())
      if (auto found = read_checkpoint(last(), request_.fingerprint)) {
        learner_.restore(found->state, last().string());
        at_ = std::move(found->position);
      }
    if (!group_) return;
    learner_.share();
    at_ = shared(at_);
  }

  /// Process 0's.
  Position shared(const Position& own) {
    const std::string text = to_text(own);
    std::vector<at::Tensor> length{at::tensor({static_cast<std::int64_t>(text.size())}, at::kLong)};
    group_->share(length);
    std::vector<std::int64_t> letters(text.begin(), text.end());
    letters.resize(static_cast<std::size_t>(length.front().item<std::int64_t>()));
    std::vector<at::Tensor> shown{at::tensor(letters, at::kLong)};
    group_->share(shown);
    const auto* const first = shown.front().data_ptr<std::int64_t>();
    std::string known;
    for (std::size_t i = 0; i < letters.size(); ++i) known += static_cast<char>(first[i]);
    return position_of(known);
  }

  void write() const { write_checkpoint(last(), learner_.state(), at_, request_.fingerprint); }

  std::int64_t best(const std::vector<EpochRow>& rows) const {
    return best_epoch(rows, request_.training.watch);
  }

  bool over() const {
    return at_.step == steps_ ||
           (at_.step % length_ == 0 && stops_early(at_.rows, request_.training));
  }

  /// Tells where the work is; a user who stops it loses nothing.
  void keep_or_stop() {
    try {
      const std::int64_t in_epoch = at_.step % length_;
      std::string stage =
          std::to_string(at_.step / length_ + 1) + "/" + std::to_string(request_.training.epochs);
      if (in_epoch > 0)
        stage += "  loss " + std::to_string(at_.loss_sum / static_cast<double>(in_epoch));
      progress_.report(stage, static_cast<double>(at_.step) / static_cast<double>(steps_));
    } catch (const Error&) {
      if (leads()) write();
      throw;
    }
    if (!leads() || since_write_.seconds() < request_.training.checkpoint_seconds) return;
    write();
    since_write_ = Stopwatch();
  }

  void end_epoch(double rate) {
    const Stopwatch validating;
    EpochRow row;
    row.epoch = at_.step / length_;
    row.rate = rate;
    row.train_loss = at_.loss_sum / static_cast<double>(length_);
    if (leads()) validate(row);
    row.seconds = at_.seconds + validating.seconds();
    row.waiting = at_.waiting;
    at_.rows.push_back(row);
    at_.loss_sum = at_.seconds = at_.waiting = 0;
    if (group_) at_ = shared(at_);
    if (!leads()) return;
    if (best(at_.rows) == row.epoch) weights::write_safetensors(best_file(), learner_.averaged());
    write();
    since_write_ = Stopwatch();
    if (epoch_done_) epoch_done_(at_.rows);
  }

  void validate(EpochRow& row) {
    learner_.show_average();
    Answers answers(request_.classes);
    for (std::int64_t step = 0; step < batches_.validation_steps(); ++step) {
      const Batch batch = batches_.validation(step);
      const Score score = learner_.score(batch);
      row.validation_loss += score.loss;
      if (score.counts.empty())
        answers.add(batch, score.logits);
      else
        answers.add(score.counts, batch.count());
    }
    row.validation_loss /= static_cast<double>(answers.count());
    answers.judge(row);
  }

  const TrainRequest& request_;
  const Batches& batches_;
  const std::function<void(const std::vector<EpochRow>&)>& epoch_done_;
  const Progress progress_;
  const std::unique_ptr<Group> group_;
  Learner learner_;
  const std::int64_t length_, steps_;
  Position at_;
  Stopwatch since_write_;
};

class TorchTrainer final : public Trainer {
 public:
  TrainResult train(const TrainRequest& request, const Batches& batches,
                    const std::function<void(const std::vector<EpochRow>&)>& epoch_done,
                    const Progress& progress) const override {
    at::set_num_threads(request.training.threads > 0
                            ? request.training.threads
                            : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    try {
      return Run(request, batches, epoch_done, progress).go();
    } catch (const c10::Error& problem) {
      throw Error("bad_tensors"_code, {{"detail", problem.what_without_backtrace()}});
    }
  }
};

}  // namespace
}  // namespace thorax::learn

extern "C" __attribute__((visibility("default"))) const void* thorax_trainer(const char* version) {
  static const thorax::learn::TorchTrainer trainer;
  const thorax::learn::Trainer* interface = &trainer;
  return std::string_view(version) == thorax::kVersion ? interface : nullptr;
}
