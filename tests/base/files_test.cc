#include "base/files.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

TEST(Files, AreReadAsTheyWereWritten) {
  const testing_support::TemporaryFolder folder;
  const std::string content("one\r\n\0two\xff", 10);
  write_file(folder / "a", content);
  EXPECT_EQ(read_file(folder / "a"), content);
  EXPECT_EQ(read_file_if_there(folder / "a"), content);
}

TEST(Files, ThatAreNotThereAreNamed) {
  const testing_support::TemporaryFolder folder;
  EXPECT_EQ(read_file_if_there(folder / "absent"), "");
  EXPECT_EQ(read_file_if_there(folder.path()), "");
  for (const auto& path : {folder / "absent", folder.path()}) try {
      read_file(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "no_such_input"_code);
      EXPECT_EQ(error.notice().args.at("path"), path.string());
    }
}

}  // namespace
}  // namespace thorax
