// The batch table as an Excel workbook.
#pragma once

#include <filesystem>
#include <vector>

#include "report/batch.h"

namespace thorax::report {

/// One sheet: a header row with exactly the contract's columns, then a row a study. Probability
/// and time are numbers rounded to 4 decimals, pathology is 0 or 1, missing values are empty
/// cells. The same rows give the same bytes. Throws Error("cannot_write"_code).
void write_xlsx(const std::filesystem::path& path, const std::vector<BatchRow>& rows);

}  // namespace thorax::report
