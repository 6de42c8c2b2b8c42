#include "learn_torch/teachers.h"

#include "base/error.h"
#include "learn/listed.h"
#include "learn_torch/answer.h"
#include "nets/load.h"
#include "weights/checkpoint.h"
#include "weights/manifest.h"

namespace thorax::learn {
namespace {

/// Pictures of the side that the network reads; a pupil may be shown smaller or larger ones.
at::Tensor sized_for(const nets::Network& network, const at::Tensor& inputs) {
  const std::vector<std::int64_t>& wanted = network.functions.front().inputs.front().shape;
  if (inputs.dim() != 4 || wanted.size() != 4 || wanted[2] <= 0 ||
      (inputs.size(2) == wanted[2] && inputs.size(3) == wanted[3]))
    return inputs;
  return at::_upsample_bilinear2d_aa(inputs, {wanted[2], wanted[3]}, /*align_corners=*/false);
}

}  // namespace

Teachers::Teachers(const TrainRequest& request) : options_(request.training) {
  if (!options_.teachers.empty() && options_.loss != "cross_entropy" && options_.loss != "focal")
    throw Error("bad_option"_code, {{"option", "training.teachers"},
                                    {"value", options_.teachers},
                                    {"hint",
                                     "Classes exclude one another for teachers: "
                                     "training.loss=cross_entropy or focal"}});
  for (const std::string& folder : listed(options_.teachers)) {
    const weights::Manifest manifest = weights::load_manifest(folder);
    if (manifest.labels != request.classes)
      throw Error("bad_training_data"_code,
                  {{"path", folder}, {"detail", "a teacher of other classes"}});
    const std::filesystem::path file = std::filesystem::path(folder) / manifest.weights;
    nets::Network& network =
        networks_.emplace_back(nets::make_network(manifest.network, manifest.config));
    nets::load_weights(network, weights::read_checkpoint(file),
                       options_.precision == "bf16" ? at::kBFloat16 : at::kFloat, file.string());
  }
}

at::Tensor Teachers::answers(const at::Tensor& inputs) const {
  const at::NoGradGuard no_gradients;
  at::Tensor sum;
  for (const nets::Network& network : networks_) {
    const at::Tensor said = at::softmax(
        answer(network, sized_for(network, inputs), options_.precision) / options_.softness, 1);
    sum = sum.defined() ? sum + said : said;
  }
  return sum.defined() ? sum / static_cast<double>(networks_.size()) : sum;
}

}  // namespace thorax::learn
