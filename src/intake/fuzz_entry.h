// The readers of untrusted bytes as plain functions of bytes, for the fuzz targets: in this
// process, without the decoding child around them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/notice.h"

namespace thorax::intake {

// Each reads everything there is to read in an input, within tight limits, and returns why it was
// refused; nullopt when it was read.
std::optional<Notice> fuzz_archive(const std::uint8_t* data, std::size_t size);
std::optional<Notice> fuzz_dicom(const std::uint8_t* data, std::size_t size);
std::optional<Notice> fuzz_nifti(const std::uint8_t* data, std::size_t size);
std::optional<Notice> fuzz_picture(const std::uint8_t* data, std::size_t size);

}  // namespace thorax::intake
