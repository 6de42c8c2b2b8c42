// Values of a checkpoint into a module.
#pragma once

#include "nets/network.h"
#include "weights/tensor.h"

namespace thorax::nets {

/// The tensor over the same memory, which it keeps alive; nothing is copied.
at::Tensor view(const weights::Tensor& tensor);
/// The same the other way; a tensor that is not contiguous is gathered first.
weights::Tensor view(const at::Tensor& tensor);

/// Gives the network the checkpoint's values in `precision` (at::kFloat or at::kBFloat16 for what
/// is floating and no module keeps in fp32; copied only where the type differs) and puts it into
/// evaluation mode. Throws Error("keys_do_not_fit"_code) naming keys that are missing, left over
/// (derived and unused ones aside) or of another shape.
void load_weights(Network& network, const weights::StateDict& checkpoint, at::ScalarType precision,
                  const std::string& file);

/// What a loaded network's file holds: its values under its own keys, without derived and unused
/// ones. The tensors share the network's memory.
weights::StateDict stored_weights(const Network& network);

}  // namespace thorax::nets
