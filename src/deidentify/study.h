// A whole study without what identifies its patient: a zip of DICOM files.
#pragma once

#include <filesystem>
#include <string>

#include "deidentify/dataset.h"
#include "intake/limits.h"

namespace thorax::deidentify {

struct Exported {
  int images = 0;  ///< files in the zip
  // What was left out:
  int unreadable = 0, no_pixels = 0, burned_in = 0;
  int others = 0;  ///< files that are no DICOM, or could not be unpacked
};

/// Reads a folder, an archive or a file, and writes the zip: PATIENT/STUDY/SERIES/000001.dcm,
/// numbered in the order they come in. The input is read in a child process within `limits` that
/// can open nothing else and has only a pipe to write to. The same input, key and dates give the
/// same bytes. Throws Error: no_such_input, nothing_to_read (no image could be written),
/// cannot_write, decoder_died, and what unpacking throws.
Exported export_study(const std::filesystem::path& input, const std::filesystem::path& zip,
                      const std::string& key, Dates dates, const intake::Limits& limits);

}  // namespace thorax::deidentify
