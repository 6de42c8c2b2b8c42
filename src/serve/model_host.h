// The networks that the service lends to others: loaded when they are first asked for.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/runner.h"
#include "weights/store.h"

namespace thorax::serve {

class ModelHost {
 public:
  struct Model {
    weights::Manifest manifest;
    std::unique_ptr<engine::Runner> runner;
  };

  /// `folder` is looked through before the usual places; `waiting` requests may stand in line.
  ModelHost(std::filesystem::path folder, int waiting);

  /// Names of the networks that are installed.
  std::vector<std::string> names() const;
  bool is_loaded(const std::string& name) const;
  /// Throws Error: no_models, and what engine::load throws.
  std::shared_ptr<const Model> get(const std::string& name);
  /// Its memory is freed when the last run with it has ended.
  void unload(const std::string& name);

  /// One run at a time: a run takes every core. Throws Error: models_busy, and what Runner::run
  /// throws.
  std::vector<weights::Tensor> run(const Model& model, const std::vector<weights::Tensor>& inputs,
                                   const std::string& function);

 private:
  const std::filesystem::path folder_;
  const int waiting_limit_;
  std::atomic<int> waiting_{0};
  std::mutex running_;
  mutable std::mutex mutex_;  ///< of `models_`; held while a model is loaded
  std::map<std::string, std::shared_ptr<const Model>> models_;
};

}  // namespace thorax::serve
