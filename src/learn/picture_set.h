// Labelled pictures of one size, decoded once and kept in one file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "weights/tensor.h"

namespace thorax::learn {

struct PictureSet {
  std::string origin;                 ///< what it was made from, to tell when it is out of date
  int size = 0;                       ///< pixels a side
  std::vector<std::string> classes;   ///< sorted
  std::vector<std::string> names;     ///< of the files, sorted; one a picture
  std::vector<std::string> patients;  ///< one a picture
  std::vector<std::string> groups;    ///< one a picture, or none at all; in no file
  std::vector<int> labels;            ///< places in `classes`, one a picture
  weights::Tensor levels;             ///< u8 [N, size, size], grey

  std::size_t count() const { return labels.size(); }
  std::span<const std::uint8_t> picture(std::size_t index) const;
};

/// Adds the pictures of another set of that size behind the set's own, and its classes where they
/// are not among the set's; groups are given up. Throws Error("bad_training_data"_code) for another
/// size.
void append(PictureSet& set, const PictureSet& more);

/// A safetensors file: tensors "pictures" and "labels", names, patients and classes as metadata.
/// Throws Error("cannot_write"_code).
void write_picture_set(const std::filesystem::path& path, const PictureSet& set);

/// Maps the file. Throws Error: bad_weights, or bad_training_data when it holds something else.
PictureSet read_picture_set(const std::filesystem::path& path);

/// sha256 over pictures, labels, names, patients and groups: what the run was trained on.
std::string hash_of(const PictureSet& set);

}  // namespace thorax::learn
