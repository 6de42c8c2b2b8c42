// Which slices of a study a reader should see.
#pragma once

#include <string>
#include <vector>

#include "report/pictures.h"

namespace thorax::report {

/// One axial slice and what it shows.
struct KeySlice {
  int slice = 0;           ///< axial index, from the feet
  std::string finding_id;  ///< the most severe thing on it
  std::vector<int> lesions;
  std::vector<Place> places;  ///< of findings without a lesion row
  std::vector<Text> shows;    ///< "Pleural effusion: right pleural cavity"
};

/// Most severe findings first, then the lesions in their order. What lies within 3 mm shares a
/// slice. A finding without a place shows the slice where its label covers most.
std::vector<KeySlice> choose_key_slices(const CtPictureInput& input, const StudyResult& result,
                                        int at_most);

}  // namespace thorax::report
