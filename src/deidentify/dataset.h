// One DICOM object without what identifies its patient.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "deidentify/pseudonyms.h"

namespace thorax::deidentify {

enum class Dates : std::uint8_t {
  remove,  ///< the basic profile
  shift,   ///< all of a patient's by the same number of days (option 113107)
  keep,    ///< option 113106; those of the patient's life go all the same
};

/// Throws Error("bad_option"_code) for anything but remove, shift and keep.
Dates parse_dates(const std::string& word);

struct Cleaned {
  enum class Why : std::uint8_t { unreadable, no_pixels, burned_in };
  std::optional<Why> left_out;                               ///< then there is no file
  std::string file;                                          ///< in the transfer syntax it came in
  std::string patient, study_uid, series_uid, instance_uid;  ///< as the file has them
};

/// Does to a DICOM file (PS3.10; without preamble and header, too) what the basic profile says, in
/// items of sequences as well, and writes down that it was done (PatientIdentityRemoved and what
/// goes with it). Pixels are passed on as they are: an object that says that something is burnt
/// into them (BurnedInAnnotation YES) is left out, and so are objects without pixels (reports,
/// structures), whose content is text. Call register_dictionary() before.
Cleaned clean(std::span<const std::uint8_t> file, const Pseudonyms& pseudonyms, Dates dates);

/// Reads DCMTK's dictionary, which a sandbox may put out of reach, and silences its log.
/// Throws Error("internal"_code) where it is not installed.
void register_dictionary();

}  // namespace thorax::deidentify
