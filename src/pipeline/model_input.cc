#include "pipeline/model_input.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/base64.h"
#include "base/error.h"
#include "prepare/picture.h"

namespace thorax::pipeline {
namespace {

constexpr int kVitSide = 224, kDinov2Side = 518;
constexpr const char* kPreprocessing = "preprocessing";
constexpr const char* kRadiograph = "radiograph";
constexpr const char* kAtlas = "atlas";

[[noreturn]] void refuse(const weights::Manifest& manifest) {
  throw Error(
      "bad_option"_code,
      {{"option", "--model"}, {"value", manifest.name}, {"hint", "f32 [N,3,S,S] | [N,1,D,H,W]"}});
}

/// How the manifest wants pictures prepared.
PicturePreparation preparation_of(const weights::Manifest& manifest) {
  const std::string name =
      manifest.json.value(kPreprocessing, manifest.network == "dinov2" ? "dinov2" : "vit");
  if (name == "vit") return PicturePreparation::vit;
  if (name == "dinov2") return PicturePreparation::dinov2;
  if (name == "equalised") return PicturePreparation::equalised;
  if (name == kRadiograph) return PicturePreparation::radiograph;
  throw Error("bad_model"_code, {{"path", manifest.name + "/model.json"},
                                 {"detail", std::string(kPreprocessing) + ": " + name}});
}

/// The brightness of a colour picture, as the eye weighs its channels (ITU-R BT.601).
volume::Image grey(const volume::Image& image) {
  if (image.channels == 1) return image;
  volume::Image out = image;
  out.channels = 1;
  out.pixels.clear();
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3)
    out.pixels.push_back(0.299F * image.pixels[i] + 0.587F * image.pixels[i + 1] +
                         0.114F * image.pixels[i + 2]);
  return out;
}

prepare::Picture levels_of(const volume::Image& image, bool stretched) {
  return stretched ? prepare::stretch_to_picture(image) : prepare::to_picture(image);
}

/// The block of a function that takes [N, C, D, H, W].
prepare::CtBlockOptions sized(prepare::CtBlockOptions block,
                              const std::vector<std::int64_t>& shape) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    block.shape[axis] = static_cast<int>(shape.at(axis + 2));
  return block;
}

}  // namespace

prepare::CtBlockOptions block_options(const weights::Manifest& manifest,
                                      const engine::FunctionInfo& function) {
  const auto refuse = [&](const std::string& detail) {
    throw Error("bad_model"_code, {{"path", manifest.name + "/model.json"}, {"detail", detail}});
  };
  const std::vector<std::int64_t>& shape = function.inputs.at(0).shape;
  if (shape.size() != 5) refuse("input [N, C, D, H, W]");
  prepare::CtBlockOptions block;
  try {
    const nlohmann::json& use = manifest.json.at(kPreprocessing);
    block.spacing = use.at("spacing_mm").get<std::array<double, 3>>();
    block.low = use.at("low").get<double>();
    block.high = use.at("high").get<double>();
    block.divisor = use.at("divisor").get<double>();
    block.padding = use.at("padding").get<float>();
  } catch (const nlohmann::json::exception& error) {
    refuse(std::string(kPreprocessing) + ": " + error.what());
  }
  return sized(block, shape);
}

prepare::CtBlockOptions volume_block(const weights::Manifest& manifest,
                                     const engine::FunctionInfo& function) {
  return manifest.json.contains(kPreprocessing)
             ? block_options(manifest, function)
             : sized(prepare::CtBlockOptions(), function.inputs.at(0).shape);
}

prepare::RadiographOptions radiograph_options(const weights::Manifest& manifest, int side) {
  const auto refuse = [&](const std::string& detail) {
    throw Error("bad_model"_code, {{"path", manifest.name + "/model.json"},
                                   {"detail", kRadiograph + std::string(": ") + detail}});
  };
  prepare::RadiographOptions options{.size = side};
  try {
    const nlohmann::json& given = manifest.json.at(kRadiograph);
    options.low = given.at("low");
    options.high = given.at("high");
    options.median = given.at("median");
    options.steepest = given.at("steepest");
    if (given.contains(kAtlas)) {
      auto levels = from_base64(given.at(kAtlas).get<std::string>());
      if (!levels || levels->size() != prepare::ChestAtlas::kPixels) refuse(kAtlas);
      options.atlas =
          std::make_shared<prepare::ChestAtlas>(prepare::ChestAtlas{.levels = std::move(*levels)});
    }
  } catch (const nlohmann::json::exception& problem) {
    refuse(problem.what());
  }
  return options;
}

nlohmann::json radiograph_json(const prepare::RadiographOptions& options) {
  nlohmann::json json{{"low", options.low},
                      {"high", options.high},
                      {"median", options.median},
                      {"steepest", options.steepest}};
  if (options.atlas) json[kAtlas] = base64(options.atlas->levels);
  return json;
}

engine::Tensor repeated(const prepare::NetworkInput& block, std::int64_t channels) {
  engine::Tensor tensor;
  tensor.shape = {1, channels, block.shape[1], block.shape[2], block.shape[3]};
  tensor.strides = weights::row_major_strides(tensor.shape);
  tensor.strides[1] = 0;
  tensor.data = reinterpret_cast<const std::byte*>(block.values.get());
  tensor.owner = block.values;
  return tensor.packed();
}

ModelInput::ModelInput(const weights::Manifest& manifest, const engine::FunctionInfo& function) {
  if (function.inputs.size() != 1 || function.inputs[0].type != weights::DType::f32)
    refuse(manifest);
  const std::vector<std::int64_t>& shape = function.inputs[0].shape;
  if (shape.size() == 5 && shape[1] == 1 && shape[2] > 0 && shape[3] > 0 && shape[4] > 0) {
    volumes_ = true;
    block_ = volume_block(manifest, function);
  } else if (shape.size() == 4 && shape[1] == 3 && shape[2] == shape[3]) {
    pictures_ = preparation_of(manifest);
    side_ = shape[2] > 0
                ? static_cast<int>(shape[2])
                : manifest.json.value(
                      "image_size", pictures_ == PicturePreparation::vit ? kVitSide : kDinov2Side);
    if (pictures_ == PicturePreparation::radiograph)
      radiograph_ = radiograph_options(manifest, side_);
  } else {
    refuse(manifest);
  }
}

prepare::NetworkInput ModelInput::of(const volume::CtVolume& hu) const {
  return prepare::prepare_ct_block(hu, block_);
}

prepare::NetworkInput ModelInput::of(const volume::Image& image, bool stretched) const {
  if (pictures_ == PicturePreparation::equalised)
    return prepare::prepare_equalised(prepare::stretch_to_picture(grey(image)), side_);
  const prepare::Picture picture = levels_of(image, stretched);
  if (pictures_ == PicturePreparation::radiograph)
    return prepare::prepare_radiograph(picture, radiograph_);
  return pictures_ == PicturePreparation::dinov2 ? prepare::prepare_dinov2(picture, side_)
                                                 : prepare::prepare_vit(picture, side_);
}

ModelInput::Part ModelInput::seen(const volume::Image& image, bool stretched) const {
  const Part whole{0, 0, image.height, image.width};
  if (pictures_ == PicturePreparation::dinov2) {
    const int side = std::min(image.height, image.width);
    return {(image.height - side) / 2, (image.width - side) / 2, side, side};
  }
  if (pictures_ != PicturePreparation::radiograph || !radiograph_.atlas) return whole;
  const prepare::Frame frame =
      prepare::find_radiograph_chest(levels_of(image, stretched), radiograph_);
  const auto pixels = [](double share, int side) {
    return static_cast<int>(std::lround(share * side));
  };
  return {pixels(frame.top, image.height), pixels(frame.left, image.width),
          std::max(1, pixels(frame.height, image.height)),
          std::max(1, pixels(frame.width, image.width))};
}

std::optional<ModelOutput> find_output(const engine::Description& model, const std::string& name) {
  for (const engine::FunctionInfo& function : model.functions)
    for (std::size_t i = 0; i < function.outputs.size(); ++i)
      if (function.outputs[i].name == name) return ModelOutput{function, i};
  if (model.engine != "onnx" || model.functions.empty() || model.functions[0].outputs.empty())
    return {};
  return ModelOutput{model.functions[0], 0};
}

std::size_t batch_size(const ModelOutput& wanted, const ModelInput& input) {
  const std::int64_t fixed = wanted.function.inputs.at(0).shape.at(0);
  if (fixed > 0) return static_cast<std::size_t>(fixed);
  return input.takes_volumes() ? 1 : kPicturesAtATime;
}

std::vector<std::vector<float>> run_batch_of(engine::Runner& runner, const ModelOutput& wanted,
                                             const std::vector<prepare::NetworkInput>& inputs) {
  if (inputs.empty()) return {};
  const std::int64_t fixed = wanted.function.inputs.at(0).shape.at(0);
  const std::size_t count =
      std::max(inputs.size(), static_cast<std::size_t>(std::max<std::int64_t>(0, fixed)));
  // The prepared arrays have one side of length 1 in front: the batch of pictures, the channel of
  // volumes. Both become [N, …] of what the function takes.
  std::vector<std::int64_t> shape = wanted.function.inputs[0].shape;
  const std::vector<std::int64_t>& own = inputs[0].shape;
  shape[0] = static_cast<std::int64_t>(count);
  std::copy_n(own.end() - 2, 2, shape.end() - 2);
  engine::Tensor batch{weights::DType::f32, shape, weights::row_major_strides(shape), nullptr, {}};
  if (count == 1) {
    batch.data = reinterpret_cast<const std::byte*>(inputs[0].values.get());
    batch.owner = inputs[0].values;
  } else {
    const std::size_t each = inputs[0].count();
    const auto joined = std::make_shared_for_overwrite<float[]>(count * each);
    for (std::size_t i = 0; i < count; ++i) {
      const prepare::NetworkInput& input = inputs[std::min(i, inputs.size() - 1)];
      std::copy_n(input.values.get(), each, joined.get() + i * each);
    }
    batch.data = reinterpret_cast<const std::byte*>(joined.get());
    batch.owner = joined;
  }
  const engine::Tensor output = runner.run({batch}, wanted.function.name).at(wanted.output);
  if (output.shape.empty() || output.shape[0] != static_cast<std::int64_t>(count))
    throw Error("bad_tensors"_code,
                {{"detail", wanted.function.name + ": one row an input was expected"}});
  const std::vector<float> values = output.to_float();
  const auto width = static_cast<std::ptrdiff_t>(values.size() / count);
  std::vector<std::vector<float>> rows;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i) * width;
    rows.emplace_back(begin, begin + width);
  }
  return rows;
}

}  // namespace thorax::pipeline
