// A model's answer to an input made from nothing, kept in its manifest: whoever loads the model on
// another machine can see that it still computes the same.
#pragma once

#include "engine/runner.h"

namespace thorax::engine {

/// An input of that many items (for an open first side) made from nothing: the same seed gives the
/// same values, in [-1, 1) for floating types, else 1. Other open sides get a length of 8.
Tensor made_input(const weights::TensorInfo& info, std::int64_t batch, std::uint64_t seed);

/// Runs the model's first function on inputs that a rule makes (values in [-1, 1), indices 1) and
/// returns, for the manifest's "self_test": per output its shape, largest absolute value, L2 norm
/// and first values. Throws Error("self_test_failed"_code) when an output is not finite.
nlohmann::json run_self_test(Runner& runner, const std::string& model);

/// Runs it again and compares with what the manifest holds, relative to the largest absolute value.
/// Throws Error("self_test_failed"_code) naming the output and the difference.
void check_self_test(Runner& runner, const weights::Manifest& manifest, double bound);

/// The differences that are let pass: other processors add in another order, and bf16 has eight
/// bits.
double self_test_bound(const std::string& precision);

}  // namespace thorax::engine
