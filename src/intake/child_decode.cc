#include "intake/child_decode.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/parallel.h"
#include "intake/child_named.h"
#include "intake/child_probe.h"
#include "intake/dicom_hounsfield.h"
#include "intake/dicom_image.h"
#include "intake/nifti.h"
#include "intake/picture.h"

namespace thorax::intake {
namespace {

/// What the frames had to say, gathered from several threads.
class Findings {
 public:
  void add(bool outside, bool rescale_missing, std::optional<int> padding,
           const std::string& lossy) {
    const std::lock_guard lock(mutex_);
    outside_ = outside_ || outside;
    if (rescale_missing) ++rescale_missing_;
    if (padding) padding_ = padding;
    if (!lossy.empty()) lossy_ = lossy;
  }
  void add(const NiftiVolume::Content& content) {
    const std::lock_guard lock(mutex_);
    outside_ = outside_ || content.outside;
    rounded_ = rounded_ || content.rounded_hu > kRoundedHu;
  }
  DecodedVolume result() const {
    DecodedVolume out;
    out.has_outside = outside_;
    if (rescale_missing_ > 0)
      out.notices.push_back(
          {"rescale_assumed"_code, {{"count", std::to_string(rescale_missing_)}}});
    if (padding_)
      out.notices.push_back({"padding_ignored"_code, {{"hu", std::to_string(*padding_)}}});
    if (!lossy_.empty()) out.notices.push_back({"lossy_pixels"_code, {{"syntax", lossy_}}});
    if (rounded_) out.notices.push_back({"voxels_rounded"_code, {}});
    return out;
  }

 private:
  /// Numbers that were stored as floats by other programs miss the whole number by less.
  static constexpr double kRoundedHu = 0.01;

  std::mutex mutex_;
  bool outside_ = false, rounded_ = false;
  int rescale_missing_ = 0;
  std::optional<int> padding_;
  std::string lossy_;
};

struct Job {
  const std::vector<EntryFrame>& frames;
  int rows, columns;
  std::span<std::int16_t> hu;
  std::span<std::uint8_t> outside;
  HounsfieldTables& tables;
  std::size_t slice() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
  std::span<std::int16_t> hu_of(std::size_t k) const { return hu.subspan(k * slice(), slice()); }
  std::span<std::uint8_t> outside_of(std::size_t k) const {
    return outside.subspan(k * slice(), slice());
  }
};

void check_matrix(const PixelFormat& format, const Job& job) {
  if (format.rows != job.rows || format.columns != job.columns)
    throw Error("dicom_broken"_code, {{"detail", "its matrix differs from the series"}});
  if (format.samples != 1 || format.photometric == "PALETTE COLOR")
    throw Error("unsupported_pixels"_code, {{"detail", "a colour image in a volume"}});
}

/// Decodes those frames of one DICOM file that `positions` (indices of job.frames) name.
void decode_dicom(const IndexedEntry& entry, const Bytes& bytes, const Limits& limits,
                  const Job& job, std::span<const std::size_t> positions, Findings& findings) {
  const DicomScan scan = scan_dicom(bytes, entry.entry.path, limits);
  const PixelFormat stored = read_pixel_format(DicomItem(scan, limits));
  check_matrix(stored, job);
  const Instance& header = std::get<FileHeader>(entry.what).instance;
  const std::string lossy =
      is_lossy_syntax(scan.transfer_syntax_uid) ? scan.transfer_syntax_uid : std::string();
  parallel_for(positions.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (const std::size_t k : positions.subspan(begin, end - begin)) {
      const int frame = job.frames[k].frame;
      PixelFormat format = stored;
      const Bytes samples = decode_frame(scan, format, frame);
      std::optional<double> slope = header.rescale_slope, intercept = header.rescale_intercept;
      if (!header.per_frame.empty()) {
        slope = header.per_frame.at(static_cast<std::size_t>(frame)).rescale_slope;
        intercept = header.per_frame.at(static_cast<std::size_t>(frame)).rescale_intercept;
      }
      const double m = slope.value_or(1), b = intercept.value_or(0);
      const std::shared_ptr<const HounsfieldTable> table = job.tables.get(format, m, b);
      const bool outside = table->convert(samples.span(), job.hu_of(k), job.outside_of(k));
      findings.add(outside, !slope || !intercept, table->ignored_padding(), lossy);
    }
  });
}

void decode_nifti(const IndexedEntry& entry, const Bytes& bytes, const Limits& limits,
                  const Job& job, std::span<const std::size_t> positions, Findings& findings) {
  const NiftiVolume nifti(bytes, entry.content == Content::nifti_gz, entry.entry.path, limits);
  if (nifti.rows() != job.rows || nifti.columns() != job.columns)
    throw Error("nifti_broken"_code, {{"detail", "the file has changed"}});
  parallel_for(positions.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (const std::size_t k : positions.subspan(begin, end - begin))
      findings.add(nifti.slice(job.frames[k].frame, job.hu_of(k), job.outside_of(k)));
  });
}

void decode_frames(const IndexedEntry& entry, const Bytes& bytes, const Limits& limits,
                   const Job& job, std::span<const std::size_t> positions, Findings& findings) {
  switch (entry.content) {
    case Content::dicom:
      return decode_dicom(entry, bytes, limits, job, positions, findings);
    case Content::nifti:
    case Content::nifti_gz:
      return decode_nifti(entry, bytes, limits, job, positions, findings);
    default:
      throw Error("unsupported_pixels"_code, {{"detail", "a picture in a volume"}});
  }
}

std::vector<Notice> decode_dicom_image(const IndexedEntry& entry, const Bytes& bytes,
                                       const Limits& limits, int frame, std::span<float> out) {
  const DicomScan scan = scan_dicom(bytes, entry.entry.path, limits);
  const DicomItem item(scan, limits);
  PixelFormat format = read_pixel_format(item);
  const int channels = image_channels(format.samples, format.photometric);
  if (format.pixels() * static_cast<std::size_t>(channels) != out.size())
    throw Error("dicom_broken"_code, {{"detail", "the file has changed"}});
  const Bytes samples = decode_frame(scan, format, frame);
  if (channels == 1) {
    render_grey(samples.span(), format, read_grey_pipeline(item, format), out);
  } else {
    render_colour(samples.span(), format, item, out);
  }
  if (!is_lossy_syntax(scan.transfer_syntax_uid)) return {};
  return {{"lossy_pixels"_code, {{"syntax", scan.transfer_syntax_uid}}}};
}

}  // namespace

DecodedVolume decode_volume(const std::vector<IndexedEntry>& entries, const Limits& limits,
                            const std::vector<EntryFrame>& frames, int rows, int columns,
                            std::span<std::int16_t> hu, std::span<std::uint8_t> outside,
                            const std::function<void(double)>& progress) {
  std::map<std::size_t, std::vector<std::size_t>> by_entry;
  for (std::size_t k = 0; k < frames.size(); ++k) by_entry[frames[k].entry].push_back(k);
  std::vector<std::size_t> wanted;
  for (const auto& [entry, positions] : by_entry) wanted.push_back(entry);

  HounsfieldTables tables;
  const Job job{frames, rows, columns, hu, outside, tables};
  Findings findings;
  std::mutex mutex;
  std::size_t done = 0;
  std::map<std::size_t, Notice> failures;  // by entry, so that the first one is always the same
  Store(entries, limits).visit(wanted, [&](std::size_t k, const Bytes& bytes) {
    const std::size_t id = wanted[k];
    probe_entry(EntryWork::pixels, entries[id].entry.path);
    std::optional<Notice> failure;
    try {
      named(entries[id].entry.path,
            [&] { decode_frames(entries[id], bytes, limits, job, by_entry.at(id), findings); });
    } catch (const Error& error) {
      failure = error.notice();
    }
    const std::lock_guard lock(mutex);
    if (failure) failures.emplace(id, *failure);
    progress(static_cast<double>(++done) / static_cast<double>(wanted.size()));
  });
  if (!failures.empty()) throw Error(failures.begin()->second);
  return findings.result();
}

std::vector<Notice> decode_image(const std::vector<IndexedEntry>& entries, const Limits& limits,
                                 EntryFrame frame, std::span<float> out) {
  const IndexedEntry& entry = entries.at(frame.entry);
  std::vector<Notice> notices;
  Store(entries, limits).visit({frame.entry}, [&](std::size_t, const Bytes& bytes) {
    probe_entry(EntryWork::pixels, entry.entry.path);
    notices = named(entry.entry.path, [&]() -> std::vector<Notice> {
      if (entry.content == Content::dicom)
        return decode_dicom_image(entry, bytes, limits, frame.frame, out);
      if (entry.content != Content::jpeg && entry.content != Content::png)
        throw Error("unsupported_pixels"_code, {{"detail", "a volume as a picture"}});
      decode_picture(bytes, entry.content, out);
      return {};
    });
  });
  return notices;
}

}  // namespace thorax::intake
