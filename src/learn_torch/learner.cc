#include "learn_torch/learner.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <future>
#include <map>
#include <set>

#include "base/error.h"
#include "learn/random.h"
#include "learn_torch/initialise.h"
#include "nets/draws.h"
#include "nets/layers.h"
#include "nets/load.h"
#include "nets/state_dict.h"
#include "weights/mean.h"

namespace thorax::learn {
namespace {

constexpr double kBeta2 = 0.999, kEpsilon = 1e-8;
constexpr const char* kSteps = "steps";
/// Share of a batch in what norms keep (the networks' own).
constexpr double kMomentum = 0.1;
/// What random numbers are drawn for.
constexpr std::uint64_t kDraws = 7;

/// Products in bf16, norms and what they keep in fp32. Pictures run faster with the channels last.
void set_precision(torch::nn::Module& module, const std::string& precision) {
  const at::NoGradGuard no_gradients;
  for (const auto& part : module.modules()) {
    const bool keeps = dynamic_cast<const nets::BatchNormImpl*>(part.get()) != nullptr ||
                       dynamic_cast<const nets::KeepsFp32*>(part.get()) != nullptr;
    for (at::Tensor& value : part->parameters(/*recurse=*/false)) {
      at::Tensor wanted = value.detach();
      if (precision == "bf16" && !keeps) wanted = wanted.to(at::kBFloat16);
      if (wanted.dim() == 4) wanted = wanted.contiguous(at::MemoryFormat::ChannelsLast);
      value.set_data(wanted);
    }
  }
}

/// Parameters and buffers by key; of a weight with several keys only the first.
std::vector<std::pair<std::string, at::Tensor>> own_weights(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, at::Tensor>> own = nets::state_dict(module);
  std::set<const void*> seen;
  std::erase_if(own, [&](const auto& entry) {
    return !seen.insert(entry.second.unsafeGetTensorImpl()).second;
  });
  return own;
}

bool begins_at_random(const std::string& key, const TrainRequest& request) {
  return std::ranges::any_of(request.start_without,
                             [&](const std::string& start) { return key.starts_with(start); });
}

/// What the files of first values hold on average, without what is to begin at random.
weights::StateDict wanted_of(const TrainRequest& request) {
  return weights::mean_of(request.start,
                          [&](const std::string& key) { return begins_at_random(key, request); });
}

weights::Tensor copy_of(const at::Tensor& tensor) {
  return nets::view(tensor.detach().contiguous().clone());
}

}  // namespace

Learner::Learner(const TrainRequest& request, Group* group)
    : options_(request.training),
      group_(group),
      fresh_(request.start.empty()),
      teachers_(request),
      averaged_(nets::make_network(request.network, request.config)) {
  initialise(*averaged_.module, options_.seed);
  if (!request.start.empty()) start_from(request);
  for (const auto& [key, tensor] : own_weights(*averaged_.module)) {
    Value value;
    value.key = key;
    if (!options_.slow_keys.empty() && key.starts_with(options_.slow_keys))
      value.share = options_.slow_rate;
    value.learns = tensor.requires_grad();
    value.decays = value.learns && tensor.dim() >= 2;
    value.exact = tensor.detach().clone();
    value.average = value.exact.clone();
    if (value.learns) {
      value.first = at::zeros_like(value.exact);
      value.second = at::zeros_like(value.exact);
    }
    values_.push_back(std::move(value));
  }
  if (!request.positive_weight.empty())
    positive_weight_ = at::tensor(request.positive_weight, at::kFloat);
  set_precision(*averaged_.module, options_.precision);
  averaged_.module->eval();
  nlohmann::json learning = request.config;
  if (options_.mix_style) learning["mix_style"] = true;
  for (int part = 0; part < options_.parts; ++part) {
    nets::Network& network = networks_.emplace_back(nets::make_network(request.network, learning));
    set_precision(*network.module, options_.precision);
    network.module->train();
    const auto held = own_weights(*network.module);
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i].shown.push_back(held[i].second);
  }
  for (Value& value : values_) show(value);
}

/// Copied: files are mapped read-only.
void Learner::start_from(const TrainRequest& request) {
  const at::NoGradGuard no_gradients;
  const weights::StateDict read = wanted_of(request);
  if (!request.start_below.empty()) return start_part(request, read);
  weights::StateDict whole = read;
  for (const auto& [key, tensor] : nets::state_dict(*averaged_.module))
    if (begins_at_random(key, request)) whole.emplace(key, nets::view(tensor.detach()));
  nets::Network given = nets::make_network(request.network, request.config);
  nets::load_weights(given, whole, at::kFloat, request.start.front().string());
  const auto from = nets::state_dict(*given.module), into = nets::state_dict(*averaged_.module);
  for (std::size_t i = 0; i < into.size(); ++i)
    if (into[i].second.is_floating_point()) into[i].second.detach().copy_(from[i].second);
}

void Learner::start_part(const TrainRequest& request, const weights::StateDict& read) {
  std::map<std::string, at::Tensor> into;
  for (const auto& [key, tensor] : nets::state_dict(*averaged_.module)) into.emplace(key, tensor);
  for (const auto& [key, tensor] : read) {
    const auto found = into.find(request.start_below + key);
    if (found == into.end() || found->second.sizes() != at::IntArrayRef(tensor.shape))
      throw Error("keys_do_not_fit"_code, {{"path", request.start.front().string()},
                                           {"detail", request.start_below + key}});
    found->second.detach().copy_(nets::view(tensor));
  }
}

void Learner::show(Value& value) {
  const at::NoGradGuard no_gradients;
  for (at::Tensor& shown : value.shown) shown.detach().copy_(value.exact);
}

/// Leaves the gradients of its share of the batch's loss in the network; returns that share.
double Learner::learn(std::size_t part, const Batch& batch, std::int64_t first,
                      std::int64_t count) {
  nets::seed_draws(Random{options_.seed, kDraws, static_cast<std::uint64_t>(steps_),
                          static_cast<std::uint64_t>(options_.process * options_.parts) + part}
                       .next());
  double sum = 0;
  for (std::int64_t piece = 0; piece < options_.accumulate; ++piece) {
    const std::int64_t begin = first + piece * count / options_.accumulate,
                       end = first + (piece + 1) * count / options_.accumulate;
    if (begin == end) continue;
    const at::Tensor share = objective(networks_[part], batch, begin, end - begin, options_,
                                       positive_weight_, teachers_) /
                             static_cast<double>(batch.all());
    share.backward();
    sum += share.item<double>();
  }
  return sum;
}

/// Summed over the networks, which lose theirs; undefined where nothing was learned.
at::Tensor Learner::gradient(Value& value) {
  at::Tensor sum;
  for (at::Tensor& shown : value.shown) {
    const at::Tensor part = shown.grad();
    shown.mutable_grad() = at::Tensor();
    if (!part.defined()) continue;
    if (sum.defined())
      sum.add_(part);
    else
      sum =
          part.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true, at::MemoryFormat::Contiguous);
  }
  return sum;
}

double Learner::step(const Batch& batch, const Pace& pace) {
  const std::int64_t inputs = batch.count();
  const std::int64_t parts = std::min<std::int64_t>(options_.parts, inputs);
  // Operators that share their work between threads wait for one another by spinning, which costs
  // most of the time on a busy machine. Parts of the batch do not wait until the step ends.
  std::vector<std::future<double>> shares;
  for (std::int64_t part = 0; part < parts; ++part)
    shares.push_back(std::async(std::launch::async, [&, part] {
      at::set_num_threads(1);
      const std::int64_t first = part * inputs / parts;
      return learn(static_cast<std::size_t>(part), batch, first,
                   (part + 1) * inputs / parts - first);
    }));
  double loss = 0;
  for (std::future<double>& share : shares) loss += share.get();

  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> gradients, before;
  for (Value& value : values_) {
    gradients.push_back(value.learns ? gradient(value) : at::Tensor());
    before.push_back(value.learns ? at::Tensor() : value.exact.clone());
    if (!value.learns) add_up(value, parts);
  }
  std::int64_t all_parts = parts;
  if (group_) exchange(gradients, loss, all_parts);
  double squares = 0;
  for (const at::Tensor& gradient : gradients)
    if (gradient.defined()) squares += std::pow(gradient.norm().item<double>(), 2);
  const double norm = std::sqrt(squares);
  const double scale = options_.clip > 0 && norm > options_.clip ? options_.clip / norm : 1;
  ++steps_;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (gradients[i].defined())
      improve(values_[i], gradients[i].mul_(scale), pace);
    else if (!values_[i].learns && values_[i].exact.is_floating_point())
      settle(values_[i], before[i], all_parts);
    show(values_[i]);
  }
  average();
  return loss;
}

/// Gradients, loss and what norms keep, summed over the processes.
void Learner::exchange(std::vector<at::Tensor>& gradients, double& loss, std::int64_t& parts) {
  const auto count = static_cast<std::int64_t>(values_.size());
  const at::Tensor told = at::zeros({2 + count}, at::kDouble);
  auto* const numbers = told.data_ptr<double>();
  numbers[0] = loss;
  numbers[1] = static_cast<double>(parts);
  std::vector<at::Tensor> sums;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Value& value = values_[i];
    if (value.learns) {
      numbers[2 + i] = gradients[i].defined() ? 1 : 0;
      if (!gradients[i].defined()) gradients[i] = at::zeros_like(value.exact);
      sums.push_back(gradients[i]);
    } else if (value.exact.is_floating_point()) {
      sums.push_back(value.exact);
    }
  }
  sums.push_back(told);
  group_->add_up(sums);
  loss = numbers[0];
  parts = static_cast<std::int64_t>(numbers[1]);
  for (std::size_t i = 0; i < values_.size(); ++i)
    if (values_[i].learns && numbers[2 + i] == 0) gradients[i] = at::Tensor();
}

void Learner::improve(Value& value, const at::Tensor& gradient, const Pace& pace) const {
  const double rate = pace.rate * value.share;
  const double bias1 = 1 - std::pow(pace.beta1, steps_), bias2 = 1 - std::pow(kBeta2, steps_);
  value.first.mul_(pace.beta1).add_(gradient, 1 - pace.beta1);
  value.second.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  if (value.decays) value.exact.mul_(1 - rate * options_.weight_decay);
  value.exact.addcdiv_(value.first, (value.second / bias2).sqrt_().add_(kEpsilon), -rate / bias1);
}

/// What norms keep, over the parts that saw something. Their mean follows.
void Learner::add_up(Value& value, std::int64_t parts) {
  value.exact.copy_(value.shown.front());
  if (!value.exact.is_floating_point()) return;
  for (std::int64_t part = 1; part < parts; ++part)
    value.exact.add_(value.shown[static_cast<std::size_t>(part)]);
}

/// The mean over the parts. The first batches count alike: after few steps a norm would still hold
/// the values it began with, which are nobody's statistics, and what was learned would be lost to
/// whoever uses them.
void Learner::settle(Value& value, const at::Tensor& before, std::int64_t parts) const {
  value.exact.div_(static_cast<double>(parts));
  if (!fresh_) return;
  const double moved = 1 - std::pow(1 - kMomentum, options_.accumulate);
  const double more = 1 / (static_cast<double>(steps_) * moved);
  if (more > 1) value.exact.sub_(before).mul_(more).add_(before);
}

void Learner::share() {
  const at::Tensor steps = at::tensor({steps_}, at::kLong);
  std::vector<at::Tensor> tensors{steps};
  for (Value& value : values_)
    for (const at::Tensor& tensor : {value.exact, value.average, value.first, value.second})
      if (tensor.defined()) tensors.push_back(tensor);
  group_->share(tensors);
  steps_ = steps.item<std::int64_t>();
  for (Value& value : values_) show(value);
}

void Learner::average() {
  // Early on the average follows quickly, so that first values are forgotten.
  const double steps = static_cast<double>(steps_);
  const double keep = std::min(options_.average, (1 + steps) / (10 + steps));
  for (Value& value : values_) {
    if (value.exact.is_floating_point())
      value.average.mul_(keep).add_(value.exact, 1 - keep);
    else
      value.average.copy_(value.exact);
  }
}

void Learner::show_average() {
  const at::NoGradGuard no_gradients;
  std::map<std::string, at::Tensor> shown;
  for (const auto& [key, tensor] : own_weights(*averaged_.module)) shown.emplace(key, tensor);
  for (const Value& value : values_) shown.at(value.key).detach().copy_(value.average);
}

Score Learner::score(const Batch& batch) const {
  return learn::score(averaged_, batch, options_, positive_weight_);
}

weights::StateDict Learner::state() const {
  weights::StateDict state;
  for (const Value& value : values_) {
    state.emplace("weights/" + value.key, copy_of(value.exact));
    state.emplace("average/" + value.key, copy_of(value.average));
    if (!value.learns) continue;
    state.emplace("first/" + value.key, copy_of(value.first));
    state.emplace("second/" + value.key, copy_of(value.second));
  }
  state.emplace(kSteps, copy_of(at::tensor(steps_, at::kLong)));
  return state;
}

void Learner::restore(const weights::StateDict& state, const std::string& file) {
  const at::NoGradGuard no_gradients;
  const auto take = [&](const std::string& key, const at::Tensor& into) {
    const auto found = state.find(key);
    if (found == state.end() || into.sizes() != at::IntArrayRef(found->second.shape))
      throw Error("keys_do_not_fit"_code, {{"path", file}, {"detail", key}});
    into.detach().copy_(nets::view(found->second));
  };
  for (Value& value : values_) {
    take("weights/" + value.key, value.exact);
    take("average/" + value.key, value.average);
    if (value.learns) {
      take("first/" + value.key, value.first);
      take("second/" + value.key, value.second);
    }
    show(value);
  }
  const at::Tensor steps = at::zeros({1}, at::kLong);
  take(kSteps, steps);
  steps_ = steps.item<std::int64_t>();
}

weights::StateDict Learner::averaged() const {
  weights::StateDict out;
  for (const Value& value : values_)
    if (value.average.is_floating_point()) out.emplace(value.key, copy_of(value.average));
  return out;
}

weights::StateDict halved(const weights::StateDict& exact) {
  weights::StateDict out;
  for (const auto& [key, tensor] : exact)
    out.emplace(key, tensor.shape.size() < 2 ? tensor : copy_of(nets::view(tensor).to(at::kHalf)));
  return out;
}

}  // namespace thorax::learn
