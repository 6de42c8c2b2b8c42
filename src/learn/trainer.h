// The trainer behind its interface. It lives in the shared library libthorax_trainer.so, so that
// the program does not link libtorch.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/progress.h"
#include "learn/batches.h"

namespace thorax::learn {

/// One epoch of a run.
struct EpochRow {
  std::int64_t epoch = 0;  ///< from 1
  double rate = 0;         ///< learning rate at its end
  double train_loss = 0, validation_loss = 0;
  /// Of the likeliest class, or of all classes together where each is a question of its own. F1 and
  /// AUROC of the last of two classes, else the means over classes; not a number where undefined.
  double validation_accuracy = 0, validation_f1 = 0, validation_auroc = 0;
  double seconds = 0, waiting = 0;  ///< spent, and of these waiting for batches
};

struct TrainRequest {
  std::string network;    ///< id of the registry
  nlohmann::json config;  ///< with classes, channels and size
  /// Safetensors files whose mean the first values are; none: random ones.
  std::vector<std::filesystem::path> start;
  std::string start_below;  ///< what its keys stand below; not empty: others may be random
  std::vector<std::string> start_without;  ///< beginnings of keys that are random whatever it holds
  std::vector<std::string> classes;
  TrainingOptions training;
  std::vector<double> positive_weight;  ///< of bce, one a class; empty: 1
  bool keep_last = false;               ///< weights of the last epoch, else of the best
  std::filesystem::path folder;         ///< of the run: last.safetensors, best.safetensors
  std::string fingerprint;              ///< of everything that decides the result
};

struct TrainResult {
  std::vector<EpochRow> rows;
  std::int64_t kept_epoch = 0;  ///< whose weights these are
  /// Averaged, under the network's keys; matrices and kernels fp16, the rest fp32.
  weights::StateDict kept;
};

class Trainer {
 public:
  virtual ~Trainer() = default;

  /// Minimises the loss of the network's logits with AdamW at the pace of learn/schedule.h, and
  /// ends early as learn/stopping.h says. Goes on from last.safetensors where there is one, with
  /// the result of a run that was never stopped, bit for bit on the same machine. `epoch_done` is
  /// called with all rows so far. Progress is the share of the steps. Throws Error: run_differs for
  /// a checkpoint of another fingerprint, bad_weights, keys_do_not_fit, cannot_write, cancelled
  /// (after writing a checkpoint), no_numbers when the loss is no number.
  virtual TrainResult train(const TrainRequest& request, const Batches& batches,
                            const std::function<void(const std::vector<EpochRow>&)>& epoch_done,
                            const Progress& progress) const = 0;
};

/// Loads the library on the first call. Throws Error("no_engine"_code).
const Trainer& trainer();

/// The library's one symbol: `const void* thorax_trainer(const char* version)`; null when the
/// versions differ.
inline constexpr const char* kTrainerSymbol = "thorax_trainer";

}  // namespace thorax::learn
