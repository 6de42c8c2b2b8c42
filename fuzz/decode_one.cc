#include "decode_one.h"

#include "base/error.h"
#include "base/parallel.h"
#include "intake/child_decode.h"
#include "intake/child_index.h"
#include "intake/dicom_image.h"

namespace thorax::fuzz {
namespace {

using namespace intake;

void decode_picture(const std::vector<IndexedEntry>& entries, const Instance& header) {
  const auto channels = image_channels(header.samples, header.photometric);
  const auto pixels =
      static_cast<std::size_t>(header.rows) * static_cast<std::size_t>(header.columns);
  std::vector<float> grey(pixels * static_cast<std::size_t>(channels));
  decode_image(entries, small_limits(), {0, 0}, grey);
}

void decode_slices(const std::vector<IndexedEntry>& entries, const Instance& header) {
  const auto pixels =
      static_cast<std::size_t>(header.rows) * static_cast<std::size_t>(header.columns);
  const std::vector<EntryFrame> frames = {{0, 0}, {0, header.frames - 1}};
  std::vector<std::int16_t> hu(pixels * frames.size());
  std::vector<std::uint8_t> outside(pixels * frames.size());
  decode_volume(entries, small_limits(), frames, header.rows, header.columns, hu, outside,
                [](double) {});
}

template <class Work>
void expect_only_errors(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    static_cast<void>(error.what());
  }
}

}  // namespace

void decode_one(std::span<const std::uint8_t> bytes, Content kind) {
  set_thread_count(1);
  const Bytes data(bytes, nullptr);
  std::vector<IndexedEntry> entries(1);
  entries[0].entry = {"input", bytes.size()};
  entries[0].content = kind;
  entries[0].origin.kept = data;
  entries[0].what = read_header(data, kind, "input", small_limits());
  const auto* header = std::get_if<FileHeader>(&entries[0].what);
  if (header == nullptr || !header->instance.has_pixels) return;
  expect_only_errors([&] { decode_picture(entries, header->instance); });
  expect_only_errors([&] { decode_slices(entries, header->instance); });
}

}  // namespace thorax::fuzz
