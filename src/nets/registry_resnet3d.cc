// Residual networks over volumes: torchvision's for clips, MONAI's, MedicalNet's.
#include "base/error.h"
#include "nets/registry.h"
#include "nets/resnet.h"

namespace thorax::nets {
namespace {

using weights::DType;
using Tensors = std::vector<at::Tensor>;

constexpr std::int64_t kFirstPlanes = 64;
const std::vector<std::int64_t> kVolume{128, 160, 160};

/// What both kinds of network are built from; `options.classes` is read by the caller.
ResNetOptions read_options(Config& config) {
  ResNetOptions options{.axes = 3, .in_channels = 1};
  config.maybe("in_channels", options.in_channels);
  config.maybe("blocks", options.blocks);
  config.maybe("bottleneck", options.bottleneck);
  config.maybe("stem_kernel", options.stem_kernel);
  config.maybe("stem_stride", options.stem_stride);
  config.maybe("stem_pool", options.stem_pool);
  config.maybe("shortcut_bias", options.shortcut_bias);
  config.maybe("dilated", options.dilated);
  bool zeros = false, video = false;
  config.maybe("shortcut_zeros", zeros);
  config.maybe("video", video);
  if (zeros) options.shortcut = ResNetShortcut::zeros;
  if (video) options.layout = ResNetLayout::video;
  options.stem_padding.clear();
  for (const std::int64_t side : options.stem_kernel) options.stem_padding.push_back(side / 2);
  return options;
}

weights::TensorInfo volume_info(Config& config, const ResNetOptions& options) {
  std::vector<std::int64_t> volume = kVolume;
  config.maybe("volume", volume);
  if (volume.size() != 3)
    throw Error("bad_network_config"_code,
                {{"network", "resnet3d"}, {"detail", "volume: [D, H, W]"}});
  return {"volume", DType::f32, {-1, options.in_channels, volume[0], volume[1], volume[2]}};
}

Network build_resnet3d(Config& config) {
  ResNetOptions options = read_options(config);
  options.classes = config.need<std::int64_t>("classes");
  const weights::TensorInfo volume = volume_info(config, options);
  ResNet model(options);
  return {model.ptr(),
          {{"logits",
            {volume},
            {{"logits", DType::f32, {-1, options.classes}},
             {"embedding", DType::f32, {-1, options.features()}}},
            [model](const Tensors& in) mutable {
              const at::Tensor pooled = model->steps(in.at(0)).pooled;
              return Tensors{model->classify(pooled), pooled};
            }}},
          {"num_batches_tracked"},
          {}};
}

Network build_medicalnet(Config& config) {
  const ResNetOptions options = read_options(config);
  const auto classes = config.need<std::int64_t>("classes");
  const weights::TensorInfo volume = volume_info(config, options);
  MedicalNet model(options, classes);
  return {model.ptr(),
          {{"embedding",
            {volume},
            {{"embedding", DType::f32, {-1, options.features()}}},
            [model](const Tensors& in) mutable { return Tensors{model->steps(in.at(0)).pooled}; }},
           {"segment",
            {volume},
            {{"logits", DType::f32, {-1, classes, -1, -1, -1}}},
            [model](const Tensors& in) mutable {
              return Tensors{model->segment(model->steps(in.at(0)).layers.back())};
            }}},
          {"num_batches_tracked"},
          {}};
}

/// The trunk's configuration off its shapes; nothing when it is none over volumes.
std::optional<nlohmann::json> trunk_config(const Shapes& shapes) {
  const bool video = shapes.contains("stem.0.weight");
  const Shape stem = shape_of(shapes, video ? "stem.0.weight" : "conv1.weight", 5);
  const std::string suffix = video ? ".conv1.0.weight" : ".conv1.weight";
  if (stem.empty() || stem[0] != kFirstPlanes || !shapes.contains("layer4.0" + suffix)) return {};
  std::vector<std::int64_t> blocks;
  for (const char* layer : {"layer1.", "layer2.", "layer3.", "layer4."})
    blocks.push_back(count_layers(shapes, layer, suffix));
  return nlohmann::json{{"in_channels", stem[1]},
                        {"blocks", blocks},
                        {"bottleneck", shapes.contains("layer1.0.conv3.weight")},
                        {"stem_kernel", Shape(stem.begin() + 2, stem.end())},
                        {"shortcut_zeros", !shapes.contains("layer2.0.downsample.0.weight")},
                        {"shortcut_bias", shapes.contains("layer2.0.downsample.0.bias")},
                        {"video", video}};
}

std::optional<Recognised> recognise_resnet3d(const Shapes& shapes) {
  auto config = trunk_config(shapes);
  const Shape classifier = shape_of(shapes, "fc.weight", 2);
  if (!config || classifier.empty()) return {};
  (*config)["classes"] = classifier[0];
  // Strides have no shapes. torchvision's clips keep time in the stem; MONAI steps by 1, unless the
  // trunk is MedicalNet's, whose shortcuts have no bias.
  if (config->at("video")) {
    (*config)["stem_stride"] = {1, 2, 2};
    (*config)["stem_pool"] = false;
  } else {
    (*config)["stem_stride"] = {config->at("shortcut_bias").get<bool>() ? 1 : 2};
  }
  Recognised found;
  found.task = "ct-volume-classification";
  found.config = std::move(*config);
  // A chest at a glance. Whoever trained the network knows better: `--manifest` at the import.
  found.use = {{"preprocessing",
                {{"spacing_mm", {2.5, 2.25, 2.25}},
                 {"low", -1000},
                 {"high", 1000},
                 {"divisor", 1000},
                 {"padding", -1}}}};
  return found;
}

std::optional<Recognised> recognise_medicalnet(const Shapes& shapes) {
  auto config = trunk_config(shapes);
  const Shape last = shape_of(shapes, "conv_seg.6.weight", 5);
  if (!config || last.empty() || config->at("video")) return {};
  (*config)["classes"] = last[0];
  (*config)["dilated"] = true;
  Recognised found;
  found.task = "ct-volume-embedding";
  found.config = std::move(*config);
  return found;
}

}  // namespace

std::vector<Registered> volume_resnets() {
  return {{"resnet3d", build_resnet3d, recognise_resnet3d},
          {"medicalnet", build_medicalnet, recognise_medicalnet}};
}

}  // namespace thorax::nets
