// What a search found.
#pragma once

#include "tune/trials.h"

namespace thorax::tune {

/// FOLDER/report.md: the best trials with their settings, the importance of each setting and how it
/// was computed; FOLDER/report.html: the same as a page, with every trial; and FOLDER/best.yaml,
/// which trains the best one again: it extends that trial's config.yaml. `watched`: what the score
/// is. Returns the page's path. Throws Error("cannot_write"_code).
std::filesystem::path write_report(const std::filesystem::path& folder,
                                   const std::vector<Trial>& trials,
                                   const std::vector<Dimension>& space, const std::string& watched);

}  // namespace thorax::tune
