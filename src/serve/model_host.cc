#include "serve/model_host.h"

#include "base/error.h"

namespace thorax::serve {
namespace {

bool is_network(const std::filesystem::path& folder) {
  try {
    weights::load_manifest(folder);
    return true;
  } catch (const Error& error) {
    if (error.code() == "bad_model"_code) return false;  // a scorecard, say
    throw;
  }
}

}  // namespace

ModelHost::ModelHost(std::filesystem::path folder, int waiting)
    : folder_(std::move(folder)), waiting_limit_(waiting) {}

std::vector<std::string> ModelHost::names() const {
  std::vector<std::string> names;
  for (const weights::FoundModel& model : weights::list_models(weights::model_places(folder_)))
    if (is_network(model.folder)) names.push_back(model.name);
  return names;
}

bool ModelHost::is_loaded(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return models_.contains(name);
}

std::shared_ptr<const ModelHost::Model> ModelHost::get(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const Model>& model = models_[name];
  if (model) return model;
  try {
    const std::filesystem::path folder =
        weights::find_model(weights::model_places(folder_), name).folder;
    model = std::make_shared<const Model>(
        Model{weights::load_manifest(folder), engine::load(folder, {})});
    return model;
  } catch (const Error&) {
    models_.erase(name);
    throw;
  }
}

void ModelHost::unload(const std::string& name) {
  const std::lock_guard lock(mutex_);
  models_.erase(name);
}

std::vector<weights::Tensor> ModelHost::run(const Model& model,
                                            const std::vector<weights::Tensor>& inputs,
                                            const std::string& function) {
  const std::shared_ptr<void> place(&waiting_, [](std::atomic<int>* count) { --*count; });
  if (++waiting_ > waiting_limit_)
    throw Error("models_busy"_code, {{"count", std::to_string(waiting_limit_)}});
  const std::lock_guard lock(running_);
  return model.runner->run(inputs, function);
}

}  // namespace thorax::serve
