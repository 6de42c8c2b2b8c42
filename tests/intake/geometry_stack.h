// Made-up stacks of slices, for the tests of the geometry.
#pragma once

#include <string>
#include <vector>

#include "intake/study.h"

namespace thorax::intake {

/// A stack to be made: where its slices are, in which order the files come.
struct Stack {
  int rows = 9, columns = 11;
  double row_spacing = 0.8, column_spacing = 1.1;  ///< between columns, between rows
  volume::Vec3 row{1, 0, 0}, column{0, 1, 0}, origin{-20, 30, -100};
  std::vector<volume::Vec3> shifts;  ///< of each slice from `origin`, in file order
};

inline Stack along(volume::Vec3 direction, const std::vector<double>& positions) {
  Stack stack;
  for (const double p : positions) stack.shifts.push_back(direction * p);
  return stack;
}

inline std::vector<double> even(int count, double gap) {
  std::vector<double> positions;
  for (int i = 0; i < count; ++i) positions.push_back(i * gap);
  return positions;
}

inline Series series_of(const Stack& stack) {
  Series series;
  for (std::size_t n = 0; n < stack.shifts.size(); ++n) {
    Instance i;
    i.entry = n;
    i.sop_instance_uid = "1." + std::to_string(n);
    i.modality = "CT";
    const volume::Vec3 p = stack.origin + stack.shifts[n];
    i.position = {p.x, p.y, p.z};
    i.orientation = {stack.row.x,    stack.row.y,    stack.row.z,
                     stack.column.x, stack.column.y, stack.column.z};
    i.pixel_spacing = {stack.column_spacing, stack.row_spacing};
    i.slice_thickness = 1;
    i.instance_number = static_cast<int>(n) + 1;
    i.rows = stack.rows;
    i.columns = stack.columns;
    i.has_pixels = true;
    series.instances.push_back(i);
  }
  return series;
}

}  // namespace thorax::intake
