// Version 2 of the inference protocol that KServe, Triton and others speak over HTTP, as both of
// its ends need it: tensors as JSON, or as bytes after the JSON.
//   https://kserve.github.io/website/latest/modelserving/data_plane/v2_protocol/
//   Triton's binary tensor data extension (protocol/extension_binary_data.md)
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runner.h"

namespace thorax::engine::kserve {

/// Says how many bytes of a body are JSON; what follows are tensors. Without it all is JSON.
inline constexpr const char* kLengthHeader = "Inference-Header-Content-Length";

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

struct WantedOutput {
  std::string name;
  bool binary = false;
};

struct InferRequest {
  std::string id;
  std::string function;  ///< parameter "function": which of a model's functions; empty: the first
  std::vector<NamedTensor> inputs;
  std::vector<WantedOutput> outputs;  ///< empty: all of them
  bool binary = false;                ///< outputs that are not named come as bytes
};

struct InferAnswer {
  std::string id, model, version;
  std::vector<NamedTensor> outputs;
};

/// A body in two parts. The tensors' bytes belong to the tensors.
struct Body {
  std::string json;
  std::vector<Tensor> tensors;  ///< contiguous, to follow the JSON in this order

  std::size_t bytes() const;
};

/// "FP32", "INT64", "BOOL" …
std::string_view datatype(weights::DType type);

/// All inputs as bytes, all outputs asked for as bytes.
Body encode_request(const InferRequest& request);
/// `json_bytes` is what kLengthHeader says, 0 without it. The tensors own their memory. Throws
/// Error("bad_tensors"_code) saying what is wrong.
InferRequest decode_request(std::string_view body, std::size_t json_bytes);

/// Outputs as bytes where `binary` says so, one entry an output. Throws Error("bad_tensors"_code)
/// when a tensor cannot be written as JSON (half precision, values that are not finite).
Body encode_answer(const InferAnswer& answer, const std::vector<bool>& binary);
/// Throws Error("bad_tensors"_code).
InferAnswer decode_answer(std::string_view body, std::size_t json_bytes);

/// What "GET v2/models/NAME" answers. The first function's tensors stand where the protocol has
/// them; every function stands under "parameters".
nlohmann::json metadata(const std::string& name, const std::string& version,
                        const Description& description);
/// The functions that such an answer tells of; a server that knows none has one, "main". Throws
/// Error("bad_tensors"_code).
std::vector<FunctionInfo> functions(const nlohmann::json& metadata);

}  // namespace thorax::engine::kserve
