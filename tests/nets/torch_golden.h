// Goldens for torch modules.
#pragma once

#include "nets/pch.h"
#include "nets/state_dict.h"
#include "support/golden.h"

namespace thorax::golden {

/// The threads that golden tests use.
inline constexpr int kThreads = 2;

/// Gives every floating entry of the module's state dict the values of the rule; a storage met
/// twice (tied weights) keeps those of its first key. Values are rounded to fp32 whatever the
/// entry's type. `prefix` goes before the keys where the golden's are those of a whole of which
/// this is a part.
void fill(torch::nn::Module& module, const std::string& prefix = {});

/// Expects that the module's state dict has exactly the keys and shapes of the golden's
/// state_dict.tsv, in any order.
void expect_state_dict(const Golden& golden, const torch::nn::Module& module);

/// An input as golden.json describes it.
at::Tensor input(const nlohmann::json& description);

/// Checks a tensor of any type and layout (fp32, bf16, fp64, int64).
void check(Golden& golden, const std::string& tensor, const at::Tensor& value,
           double bound = kFp32Bound);

}  // namespace thorax::golden
