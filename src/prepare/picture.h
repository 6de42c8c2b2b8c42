// Pictures of 8 bits a channel, as the networks for pictures were trained with.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "prepare/input.h"
#include "volume/volume.h"

namespace thorax::prepare {

struct Picture {
  int height = 0, width = 0;
  int channels = 1;                  ///< interleaved
  std::vector<std::uint8_t> levels;  ///< rows from the top

  std::size_t row() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }
};

/// Levels rounded to the nearest of 0 … 255.
Picture to_picture(const volume::Image& image);

/// Values of any range, as DICOM has them: the smallest becomes 0, the largest 255, cut to whole
/// levels as (value - smallest) / (largest - smallest) * 255. Throws
/// Error("bad_network_input"_code) when all are equal.
Picture stretch_to_picture(const volume::Image& image);

/// Three equal channels of a grey picture; a colour picture as it is.
Picture to_rgb(const Picture& picture);

/// Values are (level / 255 - mean) / deviation per channel.
struct Normalisation {
  std::array<double, 3> mean{0.5, 0.5, 0.5};
  std::array<double, 3> deviation{0.5, 0.5, 0.5};
};
inline constexpr Normalisation kImageNet{{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};

/// [1, 3, height, width] of a colour picture.
NetworkInput to_input(const Picture& rgb, const Normalisation& normalisation);

/// Histogram equalisation of a grey picture as OpenCV's equalizeHist does it: the first level that
/// occurs becomes 0, the others their share of the pixels above it. A picture of one level stays.
Picture equalised(const Picture& grey);

/// The chest-radiograph model with 4 registers that was trained on equalised pictures: equalised at
/// full size, then by area (OpenCV's INTER_AREA) to exactly size x size, mean 0.5, deviation
/// 0.2865, three equal channels. Expects a grey picture of stretch_to_picture.
NetworkInput prepare_equalised(const Picture& grey, int size = 518);

/// google/vit-base-patch16-224: to exactly size x size, bilinear, values in [-1, 1].
NetworkInput prepare_vit(const Picture& picture, int size = 224);

/// timm's vit_large_patch14_reg4_dinov2: the shorter side to `size`, bicubic, the centre of the
/// longer one, ImageNet's mean and deviation.
NetworkInput prepare_dinov2(const Picture& picture, int size = 518);

}  // namespace thorax::prepare
