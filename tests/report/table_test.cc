#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "report/batch.h"
#include "report/utf8.h"
#include "report/warnings.h"
#include "report/xlsx.h"
#include "sample_result.h"

namespace thorax::report {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TableTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// What openpyxl reads: one line a row, Python representations.
  std::string cells(const fs::path& path) const {
    const fs::path out = folder_ / "cells.txt";
    const std::string command =
        "/usr/bin/python3 -c 'import sys,openpyxl;"
        "w=openpyxl.load_workbook(sys.argv[1]);assert len(w.sheetnames)==1;"
        "[print(list(r)) for r in w.active.iter_rows(values_only=True)]' '" +
        path.string() + "' > '" + out.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(out);
  }

  fs::path folder_;
};

TEST_F(TableTest, HasTheContractsColumnsAndTypes) {
  const fs::path path = folder_ / "report.xlsx";
  write_xlsx(path,
             {batch_row(sample_result(), Language::en), batch_row(refused_result(), Language::en)});
  EXPECT_EQ(
      cells(path),
      "['path_to_study', 'study_uid', 'series_uid', 'probability_of_pathology', 'pathology', "
      "'processing_status', 'time_of_processing', 'most_dangerous_pathology_type', "
      "'pathology_localization', 'error']\n"
      "['studies/sample.zip', '1.2.826.0.1.3680043.8.498.1', '1.2.826.0.1.3680043.8.498.2', "
      "0.9731, 1, 'Success', 4.125, 'Pleural effusion', "
      "'Pleural effusion: right pleural cavity | Lung nodule: left lung, upper third', None]\n"
      "['studies/head.zip', None, None, None, None, 'Failure', None, None, None, "
      "'NOT_A_CHEST: This is not a chest study: its header says \"head CT\".']\n");
}

TEST_F(TableTest, RoundsToFourDecimals) {
  BatchRow row = batch_row(sample_result(), Language::en);
  row.probability_of_pathology = 0.123456;
  const fs::path path = folder_ / "report.xlsx";
  write_xlsx(path, {row});
  EXPECT_THAT(cells(path), HasSubstr(" 0.1235, "));
}

TEST_F(TableTest, TheSameRowsGiveTheSameBytes) {
  const std::vector<BatchRow> rows(3, batch_row(sample_result(), Language::ru));
  write_xlsx(folder_ / "a.xlsx", rows);
  write_xlsx(folder_ / "b.xlsx", rows);
  EXPECT_EQ(read_file(folder_ / "a.xlsx"), read_file(folder_ / "b.xlsx"));
}

TEST_F(TableTest, HoldsHostileAndEndlessText) {
  BatchRow row = batch_row(hostile_result(), Language::ru);
  row.study_uid = "=HYPERLINK(\"http://x\")";
  row.error = std::string(100'000, 'e');
  const fs::path path = folder_ / "report.xlsx";
  write_xlsx(path, {row});
  EXPECT_THAT(cells(path), HasSubstr("<script>"));
}

TEST_F(TableTest, SaysWhyItCannotBeWritten) {
  EXPECT_THROW(write_xlsx(folder_ / "absent" / "report.xlsx", {}), Error);
  EXPECT_THROW(write_warnings(folder_ / "absent" / "warnings.txt", "x"), Error);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(TableTest, PathologyIsStrictlyAboveOneHalf) {
  StudyResult result = sample_result();
  result.decision->verdict.probability = 0.5;
  EXPECT_EQ(batch_row(result, Language::en).pathology, 0);
  result.decision->verdict.probability = 0.50001;
  EXPECT_EQ(batch_row(result, Language::en).pathology, 1);
}

TEST_F(TableTest, SaysTheSamePlaceOnce) {
  StudyResult result = sample_result();
  auto& places = result.decision->findings[2].places;
  places.push_back(places[0]);
  EXPECT_THAT(batch_row(result, Language::ru).pathology_localization,
              testing::EndsWith("Очаг в лёгком: левое лёгкое, верхняя треть"));
}

TEST_F(TableTest, WarningsStandIndentedUnderTheStudy) {
  EXPECT_EQ(
      warnings_text(std::vector{sample_result(), refused_result()}, Language::en),
      "studies/sample.zip\n"
      "\tNOTHING_TO_READ: part.dcm holds no medical image that Thorax can read (files found: "
      "*.dcm (1)). Give a folder,"
      " zip or tar of DICOM files, a NIfTI volume, a JPEG or a PNG.\n"
      "\tNO_SUCH_INPUT: slice 12 does not exist or cannot be read. Check the path and its"
      " permissions.\n"
      "studies/head.zip\n"
      "\tNOT_A_CHEST: This is not a chest study: its header says \"head CT\". Check that the right "
      "study was"
      " sent.\n");
  EXPECT_THAT(warnings_text(refused_result(), Language::ru), HasSubstr("не исследование"));
  EXPECT_EQ(warnings_text(StudyResult{}, Language::en), "");
}

TEST_F(TableTest, WarningsAreSaidOnce) {
  StudyResult result;
  result.path = "a";
  result.notices = {2, {"no_such_input"_code, {{"path", "b"}}}};
  const std::string text = warnings_text(result, Language::en);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\t'), 1);
}

TEST_F(TableTest, AFolderAppearsWholeOrNotAtAll) {
  const fs::path target = folder_ / "study";
  {
    NewFolder half(target);
    write_file(half.path() / "a.txt", "a");
  }
  EXPECT_TRUE(fs::is_empty(folder_));
  for (const char* content : {"first", "second"}) {
    NewFolder whole(target);
    write_file(whole.path() / "a.txt", content);
    whole.commit();
    EXPECT_EQ(read_file(target / "a.txt"), content);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST(CleanUtf8, ReplacesWhatIsNoText) {
  EXPECT_EQ(clean_utf8("лёгкое 𝛼 €"), "лёгкое 𝛼 €");
  EXPECT_EQ(clean_utf8("a\xff"
                       "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(clean_utf8("\xd0"), "\xEF\xBF\xBD");                      // cut short
  EXPECT_EQ(clean_utf8("\xc0\x80").size(), 6u);                       // overlong
  EXPECT_EQ(clean_utf8("\xed\xa0\x80").size(), 9u);                   // surrogate
  EXPECT_EQ(clean_utf8(std::string_view("a\0b\n\x7f", 5)), "a b  ");  // control characters
}

}  // namespace
}  // namespace thorax::report
