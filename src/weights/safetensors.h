// The safetensors format (https://github.com/huggingface/safetensors, "Format"): eight bytes of
// header length, a JSON header, then the tensors' bytes. Read by mapping the file; nothing is
// copied.
#pragma once

#include <filesystem>

#include "weights/tensor.h"

namespace thorax::weights {

struct Safetensors {
  StateDict tensors;
  std::map<std::string, std::string> metadata;  ///< the header's __metadata__
};

/// Maps the file; the tensors keep the mapping alive. Throws Error("bad_weights"_code) naming what
/// is wrong when the header is not valid JSON, is larger than 100 MB or the file, or when tensors
/// overlap, leave gaps, run past the end, or have a type or shape that does not fit their bytes.
Safetensors read_safetensors(const std::filesystem::path& path);

/// The same from memory that `owner` keeps alive; `name` is for errors.
Safetensors parse_safetensors(std::span<const std::byte> file,
                              const std::shared_ptr<const void>& owner, const std::string& name);

/// Writes in order of name, first to a temporary file beside `path`, then renames. The same tensors
/// and metadata give the same bytes. Throws Error("cannot_write"_code).
void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace thorax::weights
