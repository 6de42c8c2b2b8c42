// Cuts through a volume as pictures with square pixels, in the orientation radiologists read:
// axial from the feet (front up, the patient's left on the right side), coronal from the front,
// sagittal from the left (front on the left side), head up.
#pragma once

#include <array>
#include <vector>

#include "report/canvas.h"
#include "volume/volume.h"
#include "volume/window.h"

namespace thorax::report {

enum class Plane { axial, coronal, sagittal };

/// Voxels from low to high, both inclusive.
struct Box {
  volume::Index low, high;
};

/// Which point of the volume lies under which pixel.
struct View {
  Plane plane = Plane::axial;
  int slice = 0;  ///< voxel index along the axis that the plane cuts
  int width = 0, height = 0;
  double pixel_mm = 1;
  double column_start = 0, column_step = 1;  ///< voxel index along the picture's columns
  double row_start = 0, row_step = 1;        ///< voxel index along its rows

  /// Continuous voxel index (z, y, x) under a pixel.
  std::array<double, 3> voxel(double column, double row) const;
  /// Pixel (column, row) of a voxel index (z, y, x), wherever it lies along the cut axis.
  std::array<double, 2> pixel(const std::array<double, 3>& zyx) const;
};

/// The part `box` of a slice, at most `longest` pixels along its longer side and never finer than
/// the finer in-plane spacing.
View make_view(const volume::Grid& grid, Plane plane, int slice, const Box& box, int longest);

/// Bilinear inside the cut, through the window.
Grey sample(const volume::CtVolume& hu, const View& view, const volume::Window& window);
/// Nearest label under each pixel, rows from top to bottom.
std::vector<std::uint8_t> sample(const volume::Labels& labels, const View& view);

/// The letters at the left, right, top and bottom of a plane.
std::array<char, 4> side_letters(Plane plane);

/// Writes the side letters and a 50 mm bar on a picture.
void draw_frame(Grey& image, const View& view);

}  // namespace thorax::report
