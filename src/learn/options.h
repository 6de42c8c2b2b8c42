// What a training run is told: `thorax train CONFIG [key=value …]`.
#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"

namespace thorax::learn {

struct DataOptions {
  std::string source;    ///< folder, archive: pictures in folders named after their class
  std::string manifest;  ///< CSV with the columns path, class, patient_id; empty: by the folders
  std::string patient;   ///< regular expression on file names whose first group is the patient
  std::string cache;     ///< file of the decoded pictures; empty: in the run's folder
  int size = 224;        ///< pixels a side
  double validation = 0.1, test = 0.1;  ///< shares of the patients
  bool balance = true;                  ///< classes equally often
  /// Share of pictures like these that the model may call unlike them; 0: it does not learn to.
  double false_alarms = 0.05;
  std::string others;  ///< folders and archives of other pictures, separated by commas
};

struct NetworkOptions {
  std::string id = "resnet";
  std::string config = "{}";  ///< JSON; classes, channels and size are filled in
  std::string start;          ///< safetensors file of first values; empty: random ones
};

/// Each strength is the most that happens, in shares of the picture or of the range of grey.
struct AugmentOptions {
  double flip = 0.5;   ///< probability
  double rotate = 10;  ///< degrees
  double zoom = 0.15, shift = 0.06, shear = 0.05;
  double aspect = 0.075;  ///< of the logarithm by which height grows and width shrinks
  double border = 0.12;   ///< width of a black or grey frame
  double erase = 0.2;     ///< side of a rectangle that is hidden
  double gamma = 0.5;     ///< of the natural logarithm of the exponent
  double contrast = 0.35, brightness = 0.15;
  double curve = 0;        ///< of the logarithm of the slopes of a rising curve of grey levels
  double equalise = 0;     ///< share of the way to an equalised histogram
  double flatten = 0;      ///< share of what is brighter or darker over a large part of the picture
  double shading = 0.25;   ///< of a slope of brightness across the picture
  double blur = 1.5;       ///< pixels
  double sharpen = 1.0;    ///< share of the detail that is added
  double downscale = 0.5;  ///< smallest size on the way through another resolution
  double noise = 0.05;
  int jpeg = 20;             ///< lowest quality
  double probability = 0.3;  ///< of each of border … jpeg
};

struct TrainingOptions {
  int epochs = 16, batch = 32;
  double rate = 1e-3, weight_decay = 0.05, warm_up = 1;  ///< warm-up in epochs
  double smoothing = 0.05;                               ///< of the labels
  double average = 0.999;                                ///< of the weights, a step
  double clip = 1;                                       ///< norm of the gradients
  std::string precision = "fp32";                        ///< or bf16
  std::uint64_t seed = 42;
  int threads = 0;  ///< 0: one a core
  /// Parts of a batch that learn side by side, each on one core with norms of its own.
  int parts = 2;
  int checkpoint_seconds = 60;
};

struct RunOptions {
  std::string folder = "run";
  std::string name = "model";  ///< of the model that comes out
  std::string version = "1.0.0", licence;
  bool keep_last = false;       ///< the last epoch's weights instead of those with the lowest loss
  std::string manifest = "{}";  ///< JSON that the model's manifest holds besides
};

struct Options {
  RunOptions run;
  DataOptions data;
  NetworkOptions network;
  AugmentOptions augment;
  TrainingOptions training;
};

/// Registers every option as run.…, data.…, network.…, augment.…, training.….
void add_settings(Settings& settings, Options& options);

}  // namespace thorax::learn
