// Everything a user can set, of every room, in one value.
#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"
#include "base/text.h"
#include "intake/limits.h"

namespace thorax::pipeline {

/// P strictly between the bounds is "uncertain".
struct VerdictOptions {
  double band_low = 0.45;
  double band_high = 0.55;
  double miss_rate = 0.05;  ///< of models with conformal scores: promised for each class
};

struct ModelOptions {
  std::string folder;  ///< folder of model folders, searched before the usual places
  std::string ct = "ct-quantitative";
  std::string ct_network = "auto";  ///< learned network for CT: a model's name, "auto" or "none"
  std::string ct_segmentation = "auto";  ///< network that outlines organs
  std::string ct_body_part = "auto";     ///< network of body parts, beside the chest gate
  std::string xray = "auto";             ///< network for radiographs
  bool heat_map = true;                  ///< where it looks
  std::string engine;                    ///< empty: what each model's manifest says
  std::string device;                    ///< empty: a GPU where there is one
  std::string precision;                 ///< empty: what each model's manifest says
  int threads = 0;                       ///< of a network; 0: one a core
};

/// Which files a study's report consists of, besides the JSON one.
struct OutputOptions {
  bool html = true;
  bool xlsx = true;
  bool pictures = false;  ///< the page's pictures as PNG files
  bool masks = false;     ///< anatomy and findings as NIfTI
  bool dicom = false;     ///< segmentation and structured report as DICOM objects
  bool identify = false;  ///< patient id in the report
};

struct BatchOptions {
  int jobs = 0;                    ///< studies at a time; 0: as cores and memory allow
  int threads = 0;                 ///< 0: one a core, shared by the studies at work
  std::uint64_t memory_bytes = 0;  ///< 0: what is available when the work begins
};

struct Options {
  Language language = Language::en;
  std::string series_uid;  ///< read this series instead of the chosen one
  intake::Limits intake;
  VerdictOptions verdict;
  ModelOptions models;
  OutputOptions output;
  BatchOptions batch;
};

void add_settings(Settings& settings, Options& options);

/// What single settings cannot say of themselves; throws Error("bad_option"_code).
void check(const Options& options);

}  // namespace thorax::pipeline
