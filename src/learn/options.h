// What a training run is told: `thorax train CONFIG [key=value …]`.
#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"

namespace thorax::learn {

struct DataOptions {
  /// What is learned from: auto (embeddings where given, else pictures), pictures, embeddings; CT
  /// studies as slabs of slices, whole volumes, crops with outlines, volumes with their reports,
  /// slices in their order, patch embeddings with findings and reports; pictures without labels.
  std::string recipe = "auto";
  std::string source;      ///< folder, archive: pictures in folders named after their class
  std::string manifest;    ///< CSV with the columns path, class, patient_id; empty: by the folders
  std::string patient;     ///< regular expression on file names whose first group is the patient
  std::string unlabelled;  ///< more pictures for learning without labels, separated by commas
  std::string cache;       ///< file of the decoded pictures; empty: in the run's folder
  int size = 224;          ///< pixels a side
  /// What networks are shown of a picture: "whole", or its "chest", found in every picture by an
  /// atlas of those of training and brought to the same place and size (recipe pictures).
  std::string frame = "whole";
  double validation = 0.1, test = 0.1;  ///< shares of the patients
  std::uint64_t seed = 42;              ///< of the split
  bool balance = true;                  ///< classes equally often
  std::string groups;        ///< CSV with path and group of pictures, as machines; empty: none
  double group_balance = 1;  ///< within a class: 1 groups equally often, 0 as often as they come
  /// Share of pictures like these that the model may call unlike them; 0: it does not learn to.
  double false_alarms = 0.05;
  std::string others;             ///< folders and archives of other pictures, separated by commas
  std::string external;           ///< pictures of another source with the same classes
  std::string external_manifest;  ///< as `manifest` is of `source`

  // A head on embeddings instead of a network on pictures.
  std::string embeddings;  ///< file of `thorax embed`; not empty: this recipe
  std::string table;       ///< CSV or XLSX of labels, a study a row
  std::string id_column = "study_id", patient_column = "patient_id", weight_column = "weight";
  std::string label_columns;  ///< separated by commas; empty: all others
  // CT studies in data.source, listed in the table.
  std::string path_column = "path", mask_column = "mask", text_column = "report";
  /// JSON, entries of the model's manifest: how slabs are made, how volumes are prepared, how
  /// windows slide.
  std::string series = "{}", preparation = "{}", sliding = "{}";
  int slabs = 12;                ///< of a study an epoch
  std::string vocabulary;        ///< vocab.txt, or vocab.json with merges.txt beside it
  int words = 512;               ///< tokens that are read of a report
  std::string target = "class";  ///< what they mean: "class", "any" or "each"
  std::string classes;           ///< order of a column's values, normal first; empty: sorted
};

struct NetworkOptions {
  std::string id = "resnet";
  std::string config = "{}";  ///< JSON; classes, channels and size are filled in
  /// First values: a safetensors file, a model's folder, or several, separated by commas, whose
  /// mean is taken; empty: random ones.
  std::string start;
  /// Beginnings of keys, separated by commas, that are not taken from there but begin at random:
  /// the layer of another model's classes.
  std::string start_without;
  /// What the file's keys stand below in the network ("bart."); what is not there begins at random.
  std::string start_below;
  std::string backbone;  ///< folder of the model whose patch embeddings a head reads
};

/// Each strength is the most that happens, in shares of the picture or of the range of grey.
struct AugmentOptions {
  /// JSON, by class: shares cut off the top and the bottom, the left and the right of its pictures,
  /// {"NORMAL": {"rows": 0.1, "columns": 0.05}}. It evens out that a collection framed its classes
  /// differently.
  std::string cut = "{}";
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
  double detail = 0;       ///< of the logarithm by which what differs from its surroundings grows
  double shading = 0.25;   ///< of a slope of brightness across the picture
  double blur = 1.5;       ///< pixels
  double sharpen = 1.0;    ///< share of the detail that is added
  double downscale = 0.5;  ///< smallest size on the way through another resolution
  double noise = 0.05;
  int jpeg = 20;             ///< lowest quality
  double probability = 0.3;  ///< of each of border … jpeg
};

/// Crops of volumes with outlines.
struct CropOptions {
  int count = 8;          ///< of a study a step
  double positive = 0.5;  ///< share around an outlined voxel
  double flip = 0.5;      ///< probability, each axis
  double turn = 0.5;      ///< probability of quarter turns in the axial plane
  double affine = 0.3;    ///< probability
  double rotate = 0.1;    ///< radians, each axis
  double shift = 10;      ///< voxels, each axis
  double zoom = 0.1;      ///< share
  double noise = 0.15;    ///< probability
  double noise_deviation = 0.01;
  double level = 0.2;  ///< probability
  double level_shift = 0.1;
  double gamma = 0.2;  ///< probability
  double gamma_low = 0.7, gamma_high = 1.5;
  double holes = 0.2;  ///< probability
  int hole_count = 8, hole_size = 8;
};

/// Slices of a study at equal distances, whose order along the body is learned.
struct SliceOptions {
  int count = 4;
  double nearest = 5, farthest = 100;  ///< mm between them
  int shown = 16;                      ///< such sets of a study an epoch
  double even = 0;                     ///< weight of even_loss beside order_loss
};

struct TrainingOptions {
  int epochs = 16, batch = 32;
  /// So many first epochs see pictures of that side: cheaper, while there is most to learn
  /// (progressive resizing; Tan, Le, "EfficientNetV2", 2021, section 4).
  int first_epochs = 0, first_size = 160;
  int accumulate = 1;                                    ///< batches whose gradients make one step
  double rate = 1e-3, weight_decay = 0.05, warm_up = 1;  ///< warm-up in epochs
  std::string schedule = "cosine";                       ///< or linear, one_cycle, cyclic, constant
  double base_rate = 1e-6;                               ///< lowest of the cyclic schedule
  int warm_up_steps = 0;               ///< instead of warm_up; the cyclic schedule's half period
  std::string loss = "cross_entropy";  ///< or focal, bce, dice, contrastive, order, report
  double temperature = 0.2;            ///< of the contrastive loss of pictures and views
  double gamma = 2, alpha = -1;        ///< of the focal loss; alpha below 0: none
  std::string positive_weight;         ///< of bce: "balanced", one number a class, empty: 1
  std::string watch = "loss";          ///< what is best: loss, accuracy, f1, auroc
  int patience = 0;                    ///< epochs without a better one before the end; 0: all
  double min_delta = 0;                ///< what counts as better
  double smoothing = 0.05;             ///< of the labels
  /// Pictures are shown mixed in pairs, by shares from the beta distribution of (mix, mix); 0: not.
  double mix = 0;
  /// A ResNet on pictures learns with feature statistics exchanged between them (nets/mix_style.h).
  bool mix_style = false;
  double average = 0.999;  ///< of the weights, a step
  double clip = 1;         ///< norm of the gradients
  /// Folders of models whose answers are learned besides the labels (Hinton, Vinyals, Dean,
  /// "Distilling the knowledge in a neural network", 2015), separated by commas (`thorax train`
  /// also takes configurations, which it trains first); their share of the loss; by what logits are
  /// divided to compare answers.
  std::string teachers;
  double teaching = 0.7, softness = 2;
  double text = 0.2;  ///< weight of the text's loss and of its coverage beside that of findings
  /// Weights whose keys begin so learn at this share of the rate; empty: all alike.
  std::string slow_keys;
  double slow_rate = 0.01;
  std::string precision = "fp32";  ///< or bf16
  std::uint64_t seed = 42;
  int threads = 0;  ///< 0: one a core
  /// Parts of a batch that learn side by side, each on one core with norms of its own.
  int parts = 2;
  int checkpoint_seconds = 60;
  /// Processes that learn together, which of them this is (from 0), and where they meet: the
  /// address HOST:PORT at which process 0 listens, or a file that all can reach.
  int processes = 1, process = 0;
  std::string meeting;
};

struct RunOptions {
  std::string folder = "run";
  std::string name = "model";  ///< of the model that comes out
  std::string version = "1.0.0", licence;
  bool keep_last = false;       ///< the last epoch's weights instead of those with the lowest loss
  std::string manifest = "{}";  ///< JSON that the model's manifest holds besides
  /// The model answers with the mean for a picture and its mirror image; training does not change.
  bool mirrored = false;
  std::string weights = "fp16";  ///< of the model's file: or int8, half the size
  std::string goal = "youden";   ///< of a head's thresholds (evaluate::parse_goal)
  /// Of networks on pictures: what is told of the model besides its answers to pictures as they are
  /// (changed ones, other kinds, heat maps). A teacher needs none of it.
  bool evaluation = true;
};

/// Where a run's numbers are kept besides its folder.
struct TrackingOptions {
  bool tensorboard = true;
  std::string mlflow;   ///< folder of MLflow's file store; empty: none
  std::string address;  ///< of an MLflow tracking server; empty: none
  std::string experiment = "thorax";
};

/// `thorax tune`: what is tried. Training itself takes no notice of it.
struct SearchOptions {
  int trials = 20;
  std::uint64_t seed = 42;
  bool prune = true;
  int warm_up = 5;                ///< epochs before a trial is given up
  std::string parameters = "{}";  ///< JSON; tune::read_space
};

struct Options {
  RunOptions run;
  DataOptions data;
  NetworkOptions network;
  AugmentOptions augment;
  CropOptions crop;
  SliceOptions slices;
  TrainingOptions training;
  TrackingOptions tracking;
  SearchOptions search;
};

/// Registers every option as run.…, data.…, network.…, augment.…, crop.…, slices.…,
/// training.…, tracking.…, search.….
void add_settings(Settings& settings, Options& options);

}  // namespace thorax::learn
