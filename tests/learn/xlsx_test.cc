#include "learn/xlsx.h"
#include "base/files.h"

#include <gtest/gtest.h>
#include <xlsxwriter.h>

#include "base/error.h"
#include "learn/table.h"
#include "support/temporary_folder.h"

namespace thorax::learn {
namespace {

using thorax::testing_support::TemporaryFolder;

/// A workbook with an empty row, a gap between columns and a second sheet.
std::filesystem::path write_book(const TemporaryFolder& folder, bool inline_strings) {
  const std::filesystem::path path = folder / "labels.xlsx";
  const std::string name = path.string();
  lxw_workbook_options options{};
  options.constant_memory = inline_strings ? 1 : 0;
  lxw_workbook* book = workbook_new_opt(name.c_str(), &options);
  lxw_worksheet* sheet = workbook_add_worksheet(book, "labels");
  worksheet_write_string(sheet, 0, 0, "study_id", nullptr);
  worksheet_write_string(sheet, 0, 1, "норма & <прочее>", nullptr);
  worksheet_write_string(sheet, 0, 3, "score", nullptr);
  worksheet_write_string(sheet, 2, 0, "1.2.3", nullptr);
  worksheet_write_number(sheet, 2, 1, 1, nullptr);
  worksheet_write_number(sheet, 2, 3, 0.25, nullptr);
  worksheet_write_string(sheet, 3, 0, "1.2.4", nullptr);
  worksheet_write_string(workbook_add_worksheet(book, "notes"), 0, 0, "nothing", nullptr);
  EXPECT_EQ(workbook_close(book), LXW_NO_ERROR);
  return path;
}

std::string refusal(std::string_view bytes) {
  try {
    parse_xlsx(bytes, "labels.xlsx");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_training_data"_code);
    return error.what();
  }
  return "";
}

class Workbooks : public testing::TestWithParam<bool> {};

TEST_P(Workbooks, AreReadByTheNamesOfTheirFirstLine) {
  const TemporaryFolder folder;
  const auto rows = read_table(write_book(folder, GetParam()), {"study_id"});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("study_id"), "1.2.3");
  EXPECT_EQ(rows[0].at("норма & <прочее>"), "1");
  EXPECT_EQ(rows[0].at("score"), "0.25");
  EXPECT_EQ(rows[1].at("score"), "");
}

INSTANTIATE_TEST_SUITE_P(Strings, Workbooks, testing::Bool());

TEST(Workbook, ThatIsDamagedIsRefused) {
  const TemporaryFolder folder;
  const std::string whole = read_file(write_book(folder, false));
  EXPECT_NE(refusal(whole.substr(0, whole.size() / 2)), "");
  EXPECT_NE(refusal("PK\x03\x04 and no more"), "");
  // Any byte that is turned over ends in rows or in that error.
  for (std::size_t i = 0; i < whole.size(); i += 97) {
    std::string broken = whole;
    broken[i] = static_cast<char>(~broken[i]);
    refusal(broken);
  }
}

}  // namespace
}  // namespace thorax::learn
