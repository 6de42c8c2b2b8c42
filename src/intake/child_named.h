// Says which file an error is about, where the code that found it did not know.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace thorax::intake {

/// Runs `work`; an Error without a "path" argument goes on with this one.
template <class Work>
auto named(const std::string& shown, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    Notice notice = error.notice();
    notice.args.try_emplace("path", shown);
    throw Error(std::move(notice));
  }
}

}  // namespace thorax::intake
