// Headers of made-up series, for the tests of grouping, choice and geometry.
#pragma once

#include <string>
#include <vector>

#include "intake/series_model.h"

namespace thorax::intake {

/// One axial CT slice of a chest-free description: 512 x 512, 1 mm, original, first study.
inline FileHeader ct_slice(const std::string& series_uid, int number, double z) {
  FileHeader file;
  file.series.study_instance_uid = "1.1";
  file.series.series_instance_uid = series_uid;
  file.series.modality = "CT";
  Instance& i = file.instance;
  i.sop_instance_uid = series_uid + "." + std::to_string(number);
  i.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
  i.modality = "CT";
  i.image_type = {"ORIGINAL", "PRIMARY", "AXIAL"};
  i.frame_of_reference_uid = "1.9";
  i.instance_number = number;
  i.position = {-200, -190, z};
  i.orientation = {1, 0, 0, 0, 1, 0};
  i.pixel_spacing = {0.75, 0.75};
  i.slice_thickness = 1;
  i.rows = i.columns = 512;
  i.bits_allocated = 16;
  i.bits_stored = 12;
  i.has_pixels = true;
  return file;
}

/// `count` slices, `gap` mm apart from z = 0 towards the head.
inline std::vector<FileHeader> ct_stack(const std::string& series_uid, int count, double gap = 1) {
  std::vector<FileHeader> files;
  for (int n = 0; n < count; ++n) files.push_back(ct_slice(series_uid, n + 1, n * gap));
  return files;
}

inline FileHeader radiograph(const std::string& series_uid, const std::string& view) {
  FileHeader file;
  file.series.study_instance_uid = "1.1";
  file.series.series_instance_uid = series_uid;
  file.series.modality = "DX";
  file.series.view_position = view;
  file.instance.modality = "DX";
  file.instance.sop_instance_uid = series_uid + "." + view;
  file.instance.sop_class_uid = "1.2.840.10008.5.1.4.1.1.1.1";
  file.instance.image_type = {"DERIVED", "PRIMARY"};
  file.instance.rows = file.instance.columns = 2000;
  file.instance.has_pixels = true;
  return file;
}

/// Joins stacks into one list and numbers the entries in order.
template <class... Stacks>
std::vector<FileHeader> together(Stacks... stacks) {
  std::vector<FileHeader> all;
  (all.insert(all.end(), stacks.begin(), stacks.end()), ...);
  for (std::size_t n = 0; n < all.size(); ++n) all[n].instance.entry = n;
  return all;
}

}  // namespace thorax::intake
