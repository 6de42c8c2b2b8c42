// The classes of a torch checkpoint that Thorax knows, and what they become.
#pragma once

#include "weights/pickle.h"

namespace thorax::weights {

/// The hook for PickleHooks::call. `file` is for errors.
PickleValue call_torch_class(const std::string& file, const std::string& name,
                             const std::vector<PickleRef>& arguments);

/// What a persistent id says: ("storage", storage class, key, location, number of elements, …).
struct StorageId {
  DType type = DType::f32;
  std::string key;
  std::uint64_t bytes = 0;
};
StorageId parse_storage_id(const std::string& file, PickleRef id);

}  // namespace thorax::weights
