#include "report/xlsx.h"

#include <xlsxwriter.h>

#include <array>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "report/phrases.h"
#include "report/utf8.h"

namespace thorax::report {
namespace {

struct Column {
  const char* name;
  double width;
};

constexpr std::array<Column, 10> kColumns{{{"path_to_study", 40},
                                           {"study_uid", 34},
                                           {"series_uid", 34},
                                           {"probability_of_pathology", 24},
                                           {"pathology", 10},
                                           {"processing_status", 18},
                                           {"time_of_processing", 18},
                                           {"most_dangerous_pathology_type", 30},
                                           {"pathology_localization", 48},
                                           {"error", 60}}};

/// A cell holds at most 32,767 UTF-16 units; cut by characters well below it.
constexpr std::size_t kLongestCell = 32'000;

std::string cell_text(const std::string& text) {
  std::string clean = clean_utf8(text);
  if (clean.size() > kLongestCell) {
    std::size_t end = kLongestCell;
    while ((static_cast<unsigned char>(clean[end]) & 0xC0u) == 0x80u) --end;
    clean.resize(end);
  }
  return clean;
}

/// Sheet of an open workbook, with the formats of its cells.
class Sheet {
 public:
  explicit Sheet(lxw_workbook* workbook)
      : sheet_(workbook_add_worksheet(workbook, "thorax")),
        head_(workbook_add_format(workbook)),
        four_decimals_(workbook_add_format(workbook)) {
    format_set_bold(head_);
    format_set_num_format(four_decimals_, "0.0000");
    lxw_col_t column = 0;
    for (const auto& head : kColumns) {
      worksheet_set_column(sheet_, column, column, head.width, nullptr);
      worksheet_write_string(sheet_, 0, column++, head.name, head_);
    }
    worksheet_freeze_panes(sheet_, 1, 0);
  }

  void add(const BatchRow& row) {
    ++row_;
    text(0, row.path_to_study);
    text(1, row.study_uid);
    text(2, row.series_uid);
    decimal(3, row.probability_of_pathology);
    if (row.pathology) worksheet_write_number(sheet_, row_, 4, *row.pathology, nullptr);
    text(5, row.processing_status);
    decimal(6, row.time_of_processing);
    text(7, row.most_dangerous_pathology_type);
    text(8, row.pathology_localization);
    text(9, row.error);
  }

 private:
  void text(lxw_col_t column, const std::string& value) {
    if (!value.empty())
      worksheet_write_string(sheet_, row_, column, cell_text(value).c_str(), nullptr);
  }
  void decimal(lxw_col_t column, const std::optional<double>& value) {
    if (value)
      worksheet_write_number(sheet_, row_, column, std::round(*value * 1e4) / 1e4, four_decimals_);
  }

  lxw_worksheet* sheet_;
  lxw_format* head_;
  lxw_format* four_decimals_;
  lxw_row_t row_ = 0;
};

}  // namespace

void write_xlsx(const std::filesystem::path& path, const std::vector<BatchRow>& rows) {
  NewFile file(path);
  lxw_workbook* workbook = workbook_new(file.path().c_str());
  if (!workbook)
    throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", "no memory"}});
  std::string title = "Thorax", comments = kResearchUseOnly.en;
  lxw_doc_properties properties{};
  properties.title = title.data();
  properties.comments = comments.data();
  properties.created = 946684800;  // 2000-01-01: a real date would change the bytes of every run
  workbook_set_properties(workbook, &properties);
  Sheet sheet(workbook);
  for (const BatchRow& row : rows) sheet.add(row);
  const lxw_error status = workbook_close(workbook);
  if (status != LXW_NO_ERROR)
    throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", lxw_strerror(status)}});
  file.commit();
}

}  // namespace thorax::report
