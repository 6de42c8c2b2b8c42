// oneDNN on this processor, called from threads that are already many.
#pragma once

#include <dnnl.hpp>
#include <unordered_map>

namespace thorax::nets {

const dnnl::engine& processor();

/// Runs a primitive made for a scratchpad of the caller's of so many bytes; each thread has its
/// own.
void execute(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments,
             std::size_t scratch_bytes);

}  // namespace thorax::nets
