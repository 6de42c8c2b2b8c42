// The table of the studies that a person chose.
#include <gtest/gtest.h>

#include <filesystem>

#include "report/json.h"
#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing_support::Answer;
using testing_support::Client;
using testing_support::TemporaryFolder;

class TableTest : public testing::Test {
 protected:
  std::string read(const std::string& content) {
    const json study = client.upload(content);
    client.ended(study["job"]["id"]);
    return study["id"];
  }
  std::string code(const std::string& ids) {
    return client.get("/api/v1/table.xlsx?ids=" + ids).json().value("code", "");
  }

  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
  Service service{options, testing_support::stub_worker(folder)};
  Client client{service.port()};
};

TEST_F(TableTest, HoldsReadStudiesAndThoseThatCouldNotBeRead) {
  folder.write("result.json", report::to_json({}));
  const std::string sick = read("sick"), none = read("nothing");
  const Answer answer = client.get("/api/v1/table.xlsx?ids=" + sick + ',' + none);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with("PK"));
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "data"))
    EXPECT_NE(entry.path().extension(), ".xlsx") << "it was left behind";
}

TEST_F(TableTest, NamesWhatItCannotFind) {
  EXPECT_EQ(code(""), "BAD_PARAMETER");
  EXPECT_EQ(code("0123"), "UNKNOWN_ID");
  EXPECT_EQ(code(std::string(24, '0')), "UNKNOWN_ID");
  std::string many = "a";
  for (int i = 0; i < 1000; ++i) many += ",a";
  EXPECT_EQ(code(many), "BAD_PARAMETER");
}

}  // namespace
}  // namespace thorax::serve
