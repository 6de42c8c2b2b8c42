// One thing the user gave us (a folder, an archive, a file), opened.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "intake/limits.h"
#include "intake/study.h"

namespace thorax::intake {

struct Entry {
  std::string path;  ///< path inside the source, archive members as "a.zip/b/c.dcm"
  std::uint64_t size = 0;
};

/// Opens a source and reads it in a decoding child process; destroying it ends the child.
///
///     Source source = Source::open("study.zip", {});
///     for (Study& study : source.studies()) {
///       LoadedVolume ct = source.load_volume(*study.chosen());
///     }
///
/// Not thread-safe; use one Source a thread.
class Source {
 public:
  /// Indexes every file and groups them into studies. Throws Error when the source as a whole
  /// cannot be read (missing, hostile archive, child died); a bad file only becomes a SetAside.
  static Source open(const std::filesystem::path& path, const Limits& limits,
                     const Progress& progress = {});
  Source(Source&&) noexcept;
  Source& operator=(Source&&) noexcept;
  ~Source();

  const std::filesystem::path& path() const;
  const std::vector<Entry>& entries() const;
  std::vector<Study>& studies();
  const std::vector<Study>& studies() const;

  /// Decodes a CT (or MR) series and brings it to an axis-parallel LPS grid. Throws Error when the
  /// geometry is unsafe or a slice cannot be decoded.
  LoadedVolume load_volume(const Series& series, const Progress& progress = {});
  /// Decodes one projection image or picture, modality and VOI look-up applied, MONOCHROME1 turned.
  LoadedImage load_image(const Series& series);
  /// Names the contents of a series: the sha256 (hex) over the sha256 (hex) of each of its files,
  /// in entry order.
  std::string content_hash(const Series& series);

 private:
  struct Impl;
  explicit Source(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace thorax::intake
