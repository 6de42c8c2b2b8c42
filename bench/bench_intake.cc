// How fast studies are read, as ratios and rates of one run:
//
//   bench_intake STUDY.zip [FOLDER-OF-DICOM-FILES]
//
// Prints the time to unpack the archive alone (libarchive, one thread, into memory), the time from
// archive to volume, their ratio, what the decoding child costs on top of the same work in this
// process, headers indexed a second, and the time to refuse a file that is no DICOM. Each time is
// the best of several runs.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "intake/child_decode.h"
#include "intake/child_index.h"
#include "intake/child_main.h"
#include "intake/dicom_scan.h"
#include "intake/source.h"

namespace {

using namespace thorax;
using namespace thorax::intake;

constexpr int kRuns = 7;

double best_seconds(const std::function<void()>& work, int runs = kRuns) {
  double best = 1e9;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

void unpack(const char* file) {
  archive* a = archive_read_new();
  archive_read_support_format_all(a);
  archive_read_support_filter_all(a);
  std::vector<char> block(256 << 10);
  if (archive_read_open_filename(a, file, block.size()) == ARCHIVE_OK) {
    archive_entry* entry = nullptr;
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK)
      while (archive_read_data(a, block.data(), block.size()) > 0) {
      }
  }
  archive_read_free(a);
}

void load(const char* file) {
  Source source = Source::open(file, {});
  for (Study& study : source.studies())
    if (const Series* chosen = study.chosen()) source.load_volume(*chosen);
}

/// The child's work without a child: index, decode, no process, no message, no shared memory.
void load_in_this_process(const char* file) {
  const Limits limits;
  const std::vector<IndexedEntry> entries = index_source(file, limits, [](double) {});
  std::vector<FileHeader> headers;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (const auto* header = std::get_if<FileHeader>(&entries[i].what)) {
      headers.push_back(*header);
      headers.back().instance.entry = i;
    }
  for (const Study& study : group_studies(std::move(headers))) {
    const Series* chosen = study.chosen();
    if (!chosen) continue;
    const SlicePlan plan = plan_geometry(*chosen);
    volume::Grid grid;
    grid.shape = {static_cast<int>(plan.frames.size()), plan.rows, plan.columns};
    volume::CtVolume hu(grid);
    volume::Mask outside(grid);
    std::vector<EntryFrame> frames;
    for (const FrameRef& f : plan.frames)
      frames.push_back({chosen->instances[f.instance].entry, f.frame});
    const bool any = decode_volume(entries, limits, frames, plan.rows, plan.columns, hu.voxels(),
                                   outside.voxels(), [](double) {})
                         .has_outside;
    assemble(plan, *chosen, std::move(hu), any ? std::move(outside) : volume::Mask());
  }
}

void refuse(const Bytes& bytes) {
  try {
    scan_dicom(bytes, "noise", {});
    std::puts("noise was taken for DICOM");
  } catch (const Error& error) {
    if (error.code() != "not_an_image"_code) throw;
  }
}

std::size_t files_below(const char* folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    count += entry.is_regular_file() ? 1 : 0;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (int status = 0; run_decode_child(argc, argv, status)) return status;
  if (argc < 2) {
    std::puts("bench_intake STUDY.zip [FOLDER-OF-DICOM-FILES]");
    return 64;
  }
  const char* file = argv[1];
  load(file);  // warms the disk cache
  const double unpacking = best_seconds([&] { unpack(file); });
  const double loading = best_seconds([&] { load(file); });
  const double bare = best_seconds([&] { load_in_this_process(file); });
  std::printf("threads %d\n", thread_count());
  std::printf("unpack alone %.1f ms\n", unpacking * 1e3);
  std::printf("archive to volume %.1f ms, ratio %.2f\n", loading * 1e3, loading / unpacking);
  std::printf("without the child %.1f ms, safety costs %.1f %%\n", bare * 1e3,
              100 * (loading - bare) / bare);
  if (argc > 2) {
    const auto files = static_cast<double>(files_below(argv[2]));
    const double indexing = best_seconds([&] { Source::open(argv[2], {}); });
    std::printf("headers %.0f in %.1f ms, %.0f a second\n", files, indexing * 1e3,
                files / indexing);
  }
  const std::vector<std::uint8_t> noise(4 << 20, 0xA5);
  const double refusing = best_seconds([&] { refuse({noise, nullptr}); }, 100);
  std::printf("a file that is no DICOM refused in %.3f ms\n", refusing * 1e3);
  return 0;
}
