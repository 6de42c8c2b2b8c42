// How a refusal is called.
#pragma once

#include <optional>
#include <utility>

#include "base/error.h"

namespace thorax::testing_support {

/// The code of the error that `work` ends with; none where it ends well.
template <class Work>
std::optional<Code> code_of(Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

}  // namespace thorax::testing_support
