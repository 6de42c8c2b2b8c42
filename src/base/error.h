// The one exception type. It carries a Notice, and is caught where one study ends.
#pragma once

#include <stdexcept>

#include "base/notice.h"

namespace thorax {

class Error : public std::runtime_error {
 public:
  explicit Error(Code code, std::map<std::string, std::string> args = {});
  explicit Error(Notice notice);

  const Notice& notice() const { return notice_; }
  Code code() const { return notice_.code; }

 private:
  Notice notice_;
};

}  // namespace thorax
