// What a learned model is fed: which preparation it wants, and batches of what was prepared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/runner.h"
#include "prepare/ct_block.h"
#include "prepare/radiograph.h"
#include "volume/volume.h"

namespace thorax::pipeline {

/// The manifest's "preprocessing" of a function over volumes [N, C, D, H, W]: an object with
/// spacing_mm, low, high, divisor and padding (prepare::CtBlockOptions). Throws
/// Error("bad_model"_code) when an entry is absent or the function takes something else.
prepare::CtBlockOptions block_options(const weights::Manifest& manifest,
                                      const engine::FunctionInfo& function);

/// The same, or without "preprocessing" CT-CLIP's.
prepare::CtBlockOptions volume_block(const weights::Manifest& manifest,
                                     const engine::FunctionInfo& function);

/// How a network on pictures of that side wants radiographs: the manifest's "radiograph", an object
/// with low, high, median and steepest (prepare::RadiographOptions), and "atlas" where the chest is
/// looked for. Throws Error("bad_model"_code) when an entry is absent or wrong.
prepare::RadiographOptions radiograph_options(const weights::Manifest& manifest, int side);
/// The manifest's "radiograph".
nlohmann::json radiograph_json(const prepare::RadiographOptions& options);

/// [1, channels, D, H, W] of a block [1, D, H, W]: every channel is the block.
engine::Tensor repeated(const prepare::NetworkInput& block, std::int64_t channels);

enum class PicturePreparation { vit, dinov2, equalised, radiograph };

/// Prepares inputs of one function. The manifest's "preprocessing" names how pictures are prepared:
/// "vit" (bilinear to the whole square, mean and deviation 0.5), "radiograph" (the same with the
/// histogram standardised as its "radiograph" says), "dinov2" (bicubic, centre, ImageNet's) or
/// "equalised" (grey levels spread, equalised, by area to the whole square); without it the network
/// decides, and everything but dinov2 gets "vit". "image_size" says the side where the function
/// leaves it open. Volumes are prepared as block_options says, or, without "preprocessing", as
/// CT-CLIP's.
class ModelInput {
 public:
  /// A rectangle of a picture.
  struct Part {
    int top = 0, left = 0, height = 0, width = 0;
  };

  /// Throws Error: bad_option (`--model`) when the function takes neither pictures [N, 3, S, S] nor
  /// volumes [N, 1, D, H, W]; bad_model for a preparation that is not known.
  ModelInput(const weights::Manifest& manifest, const engine::FunctionInfo& function);

  bool takes_volumes() const { return volumes_; }

  /// Hounsfield units -> [1, D, H, W]. Throws Error("bad_network_input"_code).
  prepare::NetworkInput of(const volume::CtVolume& hu) const;
  /// A picture's pixels -> [1, 3, S, S]: levels of 0 … 255, or `stretched` to them first. Throws
  /// Error("bad_network_input"_code).
  prepare::NetworkInput of(const volume::Image& image, bool stretched) const;
  /// The part of a picture that its network sees, which fills the input; it may reach beyond the
  /// picture.
  Part seen(const volume::Image& image, bool stretched) const;

 private:
  bool volumes_ = false;
  PicturePreparation pictures_ = PicturePreparation::vit;
  prepare::RadiographOptions radiograph_;
  int side_ = 0;
  prepare::CtBlockOptions block_;
};

/// A function of a model and which of its outputs is wanted.
struct ModelOutput {
  engine::FunctionInfo function;
  std::size_t output = 0;
};

/// The output of that name, whichever function has it, else the first output of an ONNX file.
std::optional<ModelOutput> find_output(const engine::Description& model, const std::string& name);

/// Runs the inputs as one batch and returns a row each of the wanted output [N, …]. A function with
/// a fixed batch is given copies of the last input to fill it. Throws what Runner::run throws, and
/// Error("bad_tensors"_code) when the output has another first side.
std::vector<std::vector<float>> run_batch_of(engine::Runner& runner, const ModelOutput& wanted,
                                             const std::vector<prepare::NetworkInput>& inputs);

inline constexpr std::size_t kPicturesAtATime = 8;

/// How many inputs make a batch: one volume (its network keeps all cores busy), several pictures,
/// or what the function fixes.
std::size_t batch_size(const ModelOutput& wanted, const ModelInput& input);

}  // namespace thorax::pipeline
