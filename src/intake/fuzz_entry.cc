#include "intake/fuzz_entry.h"

#include "base/error.h"
#include "intake/archive.h"
#include "intake/dicom_header.h"
#include "intake/dicom_hounsfield.h"
#include "intake/dicom_image.h"
#include "intake/nifti.h"
#include "intake/picture.h"

namespace thorax::intake {
namespace {

constexpr const char* kShown = "input";

Limits tight_limits() {
  Limits limits;
  limits.max_entries = 1000;
  limits.max_total_bytes = 64 << 20;
  limits.max_entry_bytes = 16 << 20;
  limits.max_side = 2048;
  limits.max_image_pixels = 1 << 20;
  limits.max_frames = 64;
  limits.max_elements = 10'000;
  return limits;
}

Bytes unowned(const std::uint8_t* data, std::size_t size) {
  return {{data, size}, nullptr};
}

template <class Work>
std::optional<Notice> refusal_of(Work&& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& error) {
    return error.notice();
  }
}

void decode_all(const DicomScan& scan, const DicomItem& item) {
  const PixelFormat stored = read_pixel_format(item);
  if (stored.pixels() > (1u << 20) || stored.frames > 64) return;  // as the header check refuses
  std::vector<std::int16_t> hu(stored.pixels());
  std::vector<std::uint8_t> outside(stored.pixels());
  std::vector<float> grey(stored.pixels() * 3);
  for (int frame = 0; frame < stored.frames; ++frame) {
    PixelFormat format = stored;
    const Bytes samples = decode_frame(scan, format, frame);
    if (image_channels(format.samples, format.photometric) == 3) {
      render_colour(samples.span(), format, item, grey);
    } else {
      HounsfieldTable(format, 1, -1024).convert(samples.span(), hu, outside);
      render_grey(samples.span(), format, read_grey_pipeline(item, format),
                  std::span(grey).first(format.pixels()));
    }
  }
}

}  // namespace

std::optional<Notice> fuzz_archive(const std::uint8_t* data, std::size_t size) {
  return refusal_of([&] {
    const Content kind = sniff({data, size}, kShown);
    if (!is_archive(kind)) return;
    Budget budget(tight_limits(), kShown);
    ArchiveReader reader(unowned(data, size), kind, kShown, budget);
    while (const std::optional<Member> member = reader.next())
      if (!member->refused && sniff(reader.head(), member->name) != Content::other) reader.read();
  });
}

std::optional<Notice> fuzz_dicom(const std::uint8_t* data, std::size_t size) {
  return refusal_of([&] {
    const Limits limits = tight_limits();
    const DicomScan scan = scan_dicom(unowned(data, size), kShown, limits);
    const auto what = read_dicom_header(scan, kShown, limits);
    if (std::holds_alternative<FileHeader>(what)) decode_all(scan, DicomItem(scan, limits));
  });
}

std::optional<Notice> fuzz_nifti(const std::uint8_t* data, std::size_t size) {
  return refusal_of([&] {
    const Limits limits = tight_limits();
    const Bytes file = unowned(data, size);
    const bool gzipped = sniff({data, size}, "input.nii.gz") == Content::nifti_gz;
    const Instance header = read_nifti_header(file, gzipped, kShown, limits).instance;
    const NiftiVolume volume(file, gzipped, kShown, limits);
    const auto pixels =
        static_cast<std::size_t>(volume.rows()) * static_cast<std::size_t>(volume.columns());
    std::vector<std::int16_t> hu(pixels);
    std::vector<std::uint8_t> outside(pixels);
    for (int frame = 0; frame < header.frames; ++frame) volume.slice(frame, hu, outside);
  });
}

std::optional<Notice> fuzz_picture(const std::uint8_t* data, std::size_t size) {
  return refusal_of([&] {
    const Content kind = sniff({data, size}, kShown);
    if (kind != Content::jpeg && kind != Content::png) return;
    const Bytes file = unowned(data, size);
    const Instance header = read_picture_header(file, kind, kShown, tight_limits()).instance;
    std::vector<float> out(static_cast<std::size_t>(header.rows) *
                           static_cast<std::size_t>(header.columns) *
                           static_cast<std::size_t>(header.samples));
    decode_picture(file, kind, out);
  });
}

}  // namespace thorax::intake
