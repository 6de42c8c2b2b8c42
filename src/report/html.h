// The page of a study, and the page of a batch.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/result.h"

namespace thorax::report {

struct HtmlOptions {
  Language language = Language::en;  ///< that the page opens in; the other is one click away
  bool identify = false;             ///< show the patient's name and id
  /// Bytes of pictures in the page; the second window of the last key slices goes first.
  std::size_t picture_budget = 4'500'000;
};

/// One self-contained page without scripts and without requests: both languages, light and dark,
/// fit for A4. Everything that comes from files is escaped, and a content security policy stops
/// what might still run. Pictures are those of result.pictures.
std::string html_page(const StudyResult& result, const HtmlOptions& options = {});

/// A study of a batch and where its page is, relative to the index.
struct BatchEntry {
  const StudyResult* result = nullptr;
  std::string link;  ///< "study-1/report.html"; empty without a page
};

/// The table of a batch: verdict, trust, most severe finding, link.
std::string html_batch_index(const std::vector<BatchEntry>& entries, Language language);

/// Writes it as a file; throws Error("cannot_write"_code).
void write_batch_index(const std::filesystem::path& path, const std::vector<BatchEntry>& entries,
                       Language language);

}  // namespace thorax::report
