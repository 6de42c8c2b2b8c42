// What an input may cost. Every limit is a setting ("intake.<name>") and has a test that hits it.
#pragma once

#include <cstdint>

namespace thorax {
class Settings;
}

namespace thorax::intake {

struct Limits {
  std::uint64_t max_entries = 100'000;          ///< files in a source, all archives together
  std::uint64_t max_total_bytes = 64ull << 30;  ///< unpacked
  std::uint64_t max_entry_bytes = 8ull << 30;
  double max_ratio = 100;  ///< unpacked / packed, beyond 64 MiB unpacked
  int max_name_length = 1024;
  int max_archive_depth = 2;                    ///< an archive, and archives inside it
  int max_sequence_depth = 64;                  ///< nested DICOM sequences
  int max_elements = 100'000;                   ///< top-level data elements of one DICOM file
  std::uint64_t max_pixels = 3ull << 30;        ///< voxels of one series
  std::uint64_t max_image_pixels = 64'000'000;  ///< pixels of one frame or picture
  int max_frames = 20'000;
  int max_side = 16'384;                          ///< rows or columns
  std::uint64_t child_memory_bytes = 6ull << 30;  ///< address space of the decoding child
  int child_cpu_seconds = 600;
  int header_timeout_seconds = 300;  ///< wall time of indexing a source
  int decode_timeout_seconds = 900;  ///< wall time of decoding one series
  int entry_timeout_seconds = 120;   ///< wall time of reading one entry while indexing
  int max_child_restarts = 8;        ///< decoding children that may die on one source
  /// Unpacked bytes kept for decoding without a second read of the archive.
  std::uint64_t spool_bytes = 384ull << 20;
};

/// Registers every limit under "intake."; a field added above is added there.
void add_settings(Settings& settings, Limits& limits);

}  // namespace thorax::intake
