// Small chest CTs to analyse, painted once a test program.
#pragma once

#include <filesystem>
#include <map>
#include <utility>

#include "intake/phantom.h"
#include "intake/phantom_dicom.h"
#include "intake/phantom_nifti.h"
#include "intake/phantom_output.h"

namespace thorax::testing_support {

/// Paints options of the functions below, each once.
inline const intake::Phantom& painted(const intake::PhantomOptions& options) {
  static std::map<std::pair<bool, std::uint64_t>, intake::Phantom> made;
  const auto key = std::pair(!options.effusion.empty(), options.seed);
  const auto known = made.find(key);
  if (known != made.end()) return known->second;
  return made.emplace(key, intake::make_phantom(options)).first->second;
}

/// A whole chest that is read in about a second: 5 mm slices of 160 x 160.
inline intake::PhantomOptions small_chest() {
  intake::PhantomOptions options;
  options.size = 160;
  options.slice_mm = 5;
  return options;
}

/// The same with a pleural effusion and a nodule.
inline intake::PhantomOptions sick_chest() {
  intake::PhantomOptions options = small_chest();
  options.seed = 2;
  options.effusion.push_back({400, intake::PhantomSide::right, intake::PhantomThird::lower});
  intake::PhantomNodule nodule;
  nodule.diameter_mm = 20;
  options.nodules.push_back(nodule);
  return options;
}

/// Writes a series: a folder, or an archive for a ".zip".
inline void draw_series(const std::filesystem::path& path, const intake::PhantomOptions& options,
                        const intake::PhantomSeriesOptions& series = {}) {
  std::filesystem::create_directories(path.parent_path());
  intake::PhantomOutput output(path);
  intake::write_phantom_series(painted(options), options, series,
                               [&](const intake::PhantomFile& file) { output.add(file); });
  output.commit();
}

inline void draw_nifti(const std::filesystem::path& path, const intake::PhantomOptions& options) {
  std::filesystem::create_directories(path.parent_path());
  intake::write_phantom_file(path,
                             intake::encode_nifti(painted(options).hu, path.extension() == ".gz"));
}

}  // namespace thorax::testing_support
