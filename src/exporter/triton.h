// A model repository for NVIDIA's Triton inference server
// (https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html).
#pragma once

#include "exporter/export.h"

namespace thorax::exporter {

struct TritonRequest {
  ExportRequest model;
  /// Folders of heads that read the model's embedding. With any, the repository also has an
  /// ensemble MODEL_heads: what the model takes goes in, every head's answer comes out.
  std::vector<std::filesystem::path> heads;
  std::int64_t largest_batch = 32;  ///< that the server may put together
};

/// config.pbtxt of a model that was exported as ONNX: dynamic batching, one instance on each GPU
/// (on the processor where there is none), labels for its first output where it has labels.
std::string triton_config(const Exported& model, std::int64_t largest_batch);

/// config.pbtxt of the ensemble of a model and its heads.
std::string triton_ensemble(const Exported& model, const std::vector<Exported>& heads,
                            std::int64_t largest_batch);

/// The script that makes TensorRT engines of a repository in NVIDIA's container.
std::string tensorrt_script(const std::vector<Exported>& models, std::int64_t largest_batch,
                            bool half);

/// Writes the repository: NAME/config.pbtxt, NAME/labels.txt, NAME/1/model.onnx of the model and of
/// every head, the ensemble, to_tensorrt.sh, and model.json and CARD.md of the model. Throws what
/// export_model throws.
std::vector<Exported> export_triton(const TritonRequest& request, const Progress& progress);

}  // namespace thorax::exporter
