// How the numbers of the heart are named and explained.
#pragma once

#include "measure/ct.h"

namespace thorax::measure {

/// Builds the heart's measurements; reliability follows from the acquisition.
class HeartTexts {
 public:
  explicit HeartTexts(const CtContext& context) : context_(context) {}

  Measurement ratio(double value) const;
  Measurement volume(double ml) const;
  Measurement effusion(double ml) const;
  Measurement coronary_calcium(double agatston, double threshold_hu) const;
  Measurement aortic_calcium(double agatston, double threshold_hu) const;
  Measurement ascending_diameter(double mm) const;

 private:
  void qualify_calcium(Measurement& m, double threshold_hu) const;

  const CtContext& context_;
};

}  // namespace thorax::measure
