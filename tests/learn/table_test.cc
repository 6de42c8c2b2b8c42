#include "learn/table.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/temporary_folder.h"

namespace thorax::learn {
namespace {

using testing_support::TemporaryFolder;

TEST(Table, ReadsQuotedFieldsByTheNamesOfTheFirstLine) {
  const TemporaryFolder folder;
  const auto file = folder.write("t.csv", "path,class\r\n\"a, \"\"b\"\"\",X\r\nc\n");
  const auto rows = read_table(file, {"class"});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("path"), "a, \"b\"");
  EXPECT_EQ(rows[0].at("class"), "X");
  EXPECT_EQ(rows[1].at("class"), "");
  EXPECT_EQ(table_field(rows[0].at("path")), "\"a, \"\"b\"\"\"");
}

TEST(Table, NamesTheColumnThatIsAbsent) {
  const TemporaryFolder folder;
  try {
    read_table(folder.write("t.csv", "path,label\na,b\n"), {"class"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_training_data"_code);
    EXPECT_EQ(error.notice().args.at("detail"), "no column class");
  }
}

}  // namespace
}  // namespace thorax::learn
