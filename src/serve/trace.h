// What goes into the audit log of what is asked of the service.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "serve/call.h"
#include "store/audit.h"

namespace thorax::serve {

/// Thread-safe.
class Trace {
 public:
  Trace(store::Audit& audit, store::Clock now);

  /// Writes down an answer that shows or changed something of a patient. To look at the same thing
  /// again within five minutes is not another look: a study that is scrolled through asks hundreds
  /// of times. Throws what Audit::append throws: what cannot be written down is not shown.
  void answered(const Call& call);
  /// Writes down that somebody was not allowed something.
  void refused(const Call& call, const Notice& notice);
  void record(const Identity& who, const std::string& action, const std::string& target,
              const std::map<std::string, std::string>& details = {});

 private:
  bool seen_lately(const std::string& look);

  store::Audit& audit_;
  const store::Clock now_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> looks_;  ///< when they were written down
};

}  // namespace thorax::serve
