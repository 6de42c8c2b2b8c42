// How the X-ray gate answers on whole collections, every count of it:
//
//   xray_gate radiographs FOLDER-OR-ARCHIVE...   each picture, and each turned
//   xray_gate screenshots CT...                  each axial slice as a picture, lung and soft
//   window xray_gate blobs COUNT                        smooth random pictures
//
// A line for each set: pictures, how many passed, and how often each refusal was given.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <string>

#include "base/error.h"
#include "intake/child_main.h"
#include "intake/source.h"
#include "quality/gate.h"
#include "volume/window.h"

namespace {

using namespace thorax;
using volume::Image;

struct Tally {
  int pictures = 0, passed = 0;
  std::map<std::string, int> refused;

  void add(const Image& image) {
    ++pictures;
    const quality::GateResult result = quality::check_chest_xray({}, image);
    if (result.chest)
      ++passed;
    else
      ++refused[result.refusal->id()];
  }
  void print(const std::string& name) const {
    std::printf("%-24s %6d pictures, %6d passed", name.c_str(), pictures, passed);
    for (const auto& [code, count] : refused) std::printf(", %s %d", code.c_str(), count);
    std::printf("\n");
  }
};

Image grey(int height, int width) {
  Image image;
  image.height = height;
  image.width = width;
  image.pixels.assign(static_cast<std::size_t>(height) * static_cast<std::size_t>(width), 0.0F);
  return image;
}

/// A picture whose pixel (y, x) is of(y, x).
template <class Of>
Image drawn(int height, int width, Of of) {
  Image out = grey(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) out.pixels[static_cast<std::size_t>(y * width + x)] = of(y, x);
  return out;
}

/// All sources, in order; of one that cannot be opened the reason is told.
template <class Work>
void each_study(int count, char** paths, Work work) {
  intake::Limits limits;
  limits.spool_bytes = 2ull << 30;
  for (int i = 0; i < count; ++i) {
    intake::Source source = intake::Source::open(paths[i], limits);
    for (const intake::Study& study : source.studies()) work(source, study);
  }
}

void radiographs(int count, char** paths) {
  std::map<std::string, Tally> tallies;
  each_study(count, paths, [&](intake::Source& source, const intake::Study& study) {
    const intake::Series* series = study.chosen();
    if (!series || study.kind != intake::StudyKind::xray) return;
    const Image image = source.load_image(*series).image;
    const int h = image.height, w = image.width;
    tallies["as they are"].add(image);
    tallies["upside down"].add(drawn(h, w, [&](int y, int x) { return image.at(h - 1 - y, x); }));
    tallies["turned by 180"].add(
        drawn(h, w, [&](int y, int x) { return image.at(h - 1 - y, w - 1 - x); }));
    tallies["turned right"].add(drawn(w, h, [&](int y, int x) { return image.at(h - 1 - x, y); }));
    tallies["turned left"].add(drawn(w, h, [&](int y, int x) { return image.at(x, w - 1 - y); }));
    tallies["mirrored"].add(drawn(h, w, [&](int y, int x) { return image.at(y, w - 1 - x); }));
    tallies["negative"].add(drawn(h, w, [&](int y, int x) { return 255 - image.at(y, x); }));
  });
  for (const auto& [name, tally] : tallies) tally.print(name);
}

void screenshots(int count, char** paths) {
  Tally tally;
  each_study(count, paths, [&](intake::Source& source, const intake::Study& study) {
    const intake::Series* series = study.chosen();
    if (!series || study.kind != intake::StudyKind::ct) return;
    const intake::LoadedVolume ct = source.load_volume(*series);
    const volume::Shape s = ct.hu.shape();
    for (int z = 0; z < s.z; ++z)
      for (const volume::Window& window : {volume::kLungWindow, volume::kMediastinumWindow})
        tally.add(drawn(s.y, s.x, [&](int y, int x) {
          return static_cast<float>(volume::apply_window(ct.hu(z, y, x), window));
        }));
  });
  tally.print("CT slices");
}

/// Sums of twelve Gaussian spots, of many sizes.
void blobs(int count) {
  constexpr int kSide = 128, kSpots = 12;
  std::mt19937 random(5);
  const auto draw = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) / 4294967295.0;
  };
  Tally tally;
  for (int n = 0; n < count; ++n) {
    Image image = grey(kSide, kSide);
    for (int spot = 0; spot < kSpots; ++spot) {
      const double cx = draw(0, kSide), cy = draw(0, kSide), r = draw(5, 40), level = draw(-1, 1);
      for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x)
          image.pixels[static_cast<std::size_t>(y * kSide + x)] += static_cast<float>(
              level * std::exp(-((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (2 * r * r)));
    }
    tally.add(image);
  }
  tally.print("blobs");
}

}  // namespace

int main(int argc, char** argv) {
  if (int status = 0; intake::run_decode_child(argc, argv, status)) return status;
  if (argc < 3) {
    std::fprintf(stderr, "xray_gate radiographs|screenshots|blobs WHAT...\n");
    return 64;
  }
  try {
    if (std::strcmp(argv[1], "blobs") == 0)
      blobs(std::atoi(argv[2]));
    else if (std::strcmp(argv[1], "screenshots") == 0)
      screenshots(argc - 2, argv + 2);
    else
      radiographs(argc - 2, argv + 2);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
