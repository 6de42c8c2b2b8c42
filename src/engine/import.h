// From files that a user downloaded to a model folder.
#pragma once

#include <map>

#include "base/progress.h"
#include "engine/runner.h"

namespace thorax::engine {

struct ImportRequest {
  std::string name;  ///< of the model and its folder: letters, digits, '-', '_', '.'
  /// The checkpoint, and companions that belong to the network (vocab.txt, merges.txt …).
  std::vector<std::filesystem::path> files;
  /// In place of a checkpoint: "http://host:8000/v2/models/NAME" of a server that computes the
  /// model (KServe v2); `token_file` holds what it wants as bearer token.
  std::string remote, token_file;
  std::string licence;              ///< of the weights, as their publisher states it
  std::vector<std::string> labels;  ///< of the classes, in output order; may be empty
  std::string precision = "fp32";   ///< that the model runs in and its weights are stored in
  /// Of a head: name of the model whose embedding it reads.
  std::string embedding;
  /// Of a head: its probability of pathology is the study's verdict, instead of standing beside it.
  bool decides = false;
  std::vector<double> thresholds;  ///< one a label; empty: 0.5
  /// Entries of the manifest by their path, "config.patch_merging" …: what a checkpoint does not
  /// tell, or what the importer knows better than the defaults.
  std::map<std::string, nlohmann::json> entries;
  std::filesystem::path into;  ///< folder of model folders
};

/// Whether it can name a model and its folder. Throws Error("bad_option"_code).
void check_model_name(const std::string& name);

/// Recognises the network by the checkpoint's keys and refuses keys that are missing or left over;
/// an ONNX file and a model server say themselves what they take and give. Writes weights,
/// model.json and CARD.md into a temporary folder, loads that, runs the self-test, measures the
/// memory a run takes, and only then puts the folder in its place. Returns the manifest. Throws
/// Error: bad_option (name, licence, labels that do not fit the classes), model_exists,
/// bad_weights, unknown_checkpoint, keys_do_not_fit, self_test_failed, cannot_write,
/// model_server_away, model_server_refused.
weights::Manifest import_model(const ImportRequest& request, const Progress& progress);

}  // namespace thorax::engine
