#include "base/progress.h"

#include "base/error.h"

namespace thorax {

void Progress::report(std::string_view stage, double fraction) const {
  if (cancelled_ && cancelled_->load(std::memory_order_relaxed)) throw Error("cancelled"_code);
  if (sink_) sink_->report(stage, from_ + (to_ - from_) * fraction);
}

Progress Progress::part(double from, double to) const {
  Progress p = *this;
  p.from_ = from_ + (to_ - from_) * from;
  p.to_ = from_ + (to_ - from_) * to;
  return p;
}

}  // namespace thorax
