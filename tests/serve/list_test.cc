// The list by patient and by day.
#include <gmock/gmock.h>

#include "base/files.h"
#include "serve/call.h"
#include "serve/people_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class ListTest : public testing_support::PeopleService {
 protected:
  std::string read(const std::string& content) {
    const json study = client->upload(content);
    client->ended(study["job"]["id"]);
    return study["id"];
  }
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const json page = client->get("/api/v1/studies?order=asc&" + query).json();
    for (const json& study : page["studies"]) ids.push_back(study["id"]);
    return ids;
  }
  json result(const std::string& id) {
    return client->get("/api/v1/studies/" + id).json()["results"][0];
  }
};

TEST_F(ListTest, StudiesOfOnePatientAreFoundWithoutTheirPatientID) {
  start();
  const std::string first = read("sick P-4711"), other = read("sick P-4712"),
                    second = read("well P-4711");
  const std::string patient = result(first)["patient"];
  EXPECT_EQ(result(second)["patient"], patient);
  EXPECT_NE(result(other)["patient"], patient);
  EXPECT_THAT(listed("patient=" + patient), ElementsAre(first, second));
  for (const char* file : {"thorax.db", "thorax.db-wal", "patient.key"}) {
    const std::string content = read_file(std::filesystem::path(options.data) / file);
    EXPECT_EQ(content.find("P-4711"), std::string::npos) << file;
  }
}

TEST_F(ListTest, ADayIsFromOneMomentToAnother) {
  start();
  const std::string id = read("sick");
  const std::string at = client->get("/api/v1/studies/" + id).json()["created_at"];
  EXPECT_THAT(listed("from=" + at), ElementsAre(id));
  EXPECT_THAT(listed("to=" + at), ElementsAre());
  EXPECT_THAT(listed("from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00.000Z"), ElementsAre(id));
  EXPECT_THAT(listed("from=2999-01-01T00:00:00Z"), ElementsAre());
  for (const char* wrong :
       {"yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.1Z"})
    EXPECT_EQ(client->get(std::string("/api/v1/studies?from=") + wrong).status, 400) << wrong;
}

TEST(TimeTest, ATextBecomesTheTimeItCameFrom) {
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{1'700'000'000'007}})
    EXPECT_EQ(parse_time(time_text(time)), time);
  EXPECT_EQ(parse_time("1970-01-01T00:00:01Z"), 1000);
}

}  // namespace
}  // namespace thorax::serve
