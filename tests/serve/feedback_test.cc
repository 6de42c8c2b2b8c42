// Readers' opinions of answers: who may give them, what is kept, and what becomes of them.
#include <gmock/gmock.h>

#include "base/files.h"
#include "evaluate/table.h"
#include "serve/people_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using store::Right;
using store::Role;
using testing::HasSubstr;
using testing::Not;
using testing_support::Answer;

class FeedbackTest : public testing_support::PeopleService {
 protected:
  /// A study that was read, whose finding "nodule" is there with a score of 0.9.
  void read() {
    const json study = client->upload("sick");
    client->ended(study["job"]["id"]);
    id = study["id"];
    place = "/api/v1/studies/" + id + "/results/1/feedback";
  }
  void read_as_local() {
    start();
    read();
  }
  Answer say(const json& opinion) { return client->post(place, opinion.dump()); }
  json kept() { return client->get(place).json()["feedback"]; }

  std::string id, place;
};

TEST_F(FeedbackTest, IsKeptByFindingWithTheAnswerItIsAbout) {
  read_as_local();
  EXPECT_EQ(kept(), json::array());
  EXPECT_EQ(say({{"agrees", true}}).status, 200);
  now += 1;
  say({{"finding", "nodule"}, {"agrees", true}});
  EXPECT_EQ(say({{"finding", "nodule"}, {"agrees", false}, {"note", "сосуд <b>"}}).status, 200);
  const json all = kept();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["finding"], nullptr);
  EXPECT_EQ(all[0]["author"], "local");
  EXPECT_EQ(all[0]["answer"], "pathology");
  EXPECT_EQ(all[0]["probability"], 0.93);
  EXPECT_EQ(all[0]["at"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(all[1]["agrees"], false);
  EXPECT_EQ(all[1]["answer"], "present");
  EXPECT_EQ(all[1]["probability"], 0.9);
  EXPECT_EQ(all[1]["note"], "сосуд <b>");
  say({{"finding", "nodule"}, {"agrees", nullptr}});
  EXPECT_EQ(kept().size(), 1u) << "one was taken back";
}

TEST_F(FeedbackTest, GoesWithItsStudy) {
  read_as_local();
  say({{"agrees", true}});
  EXPECT_EQ(client->get("/api/v1/feedback").json()["total"], 1);
  client->remove("/api/v1/studies/" + id);
  EXPECT_EQ(client->get("/api/v1/feedback").json()["total"], 0);
}

TEST_F(FeedbackTest, WhatIsNoOpinionIsRefused) {
  read_as_local();
  EXPECT_EQ(say({{"agrees", "yes"}}).status, 400);
  EXPECT_EQ(say(json::object()).status, 400);
  EXPECT_EQ(say({{"agrees", true}, {"note", 5}}).status, 400);
  EXPECT_EQ(say({{"agrees", true}, {"finding", "hiccups"}}).status, 400);
  EXPECT_EQ(client->post(place, "no JSON").status, 400);
  EXPECT_EQ(say({{"agrees", true}, {"note", std::string(4000, 'x')}}).status, 200);
  EXPECT_EQ(say({{"agrees", true}, {"note", std::string(4001, 'x')}}).status, 413);
  place = "/api/v1/studies/" + id + "/results/2/feedback";
  EXPECT_EQ(say({{"agrees", true}}).status, 404);
  place = std::string("/api/v1/studies/") + testing_support::kAnId + "/results/1/feedback";
  EXPECT_EQ(say({{"agrees", true}}).status, 404);
}

TEST_F(FeedbackTest, IsATableForEvaluation) {
  read_as_local();
  say({{"agrees", false}, {"note", "=HYPERLINK(\"x\"), \"quoted\"\nsecond line"}});
  now += 1;
  say({{"finding", "nodule"}, {"agrees", true}});
  const Answer table = client->get("/api/v1/feedback?format=csv");
  EXPECT_EQ(table.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_THAT(table.body, HasSubstr("\"'=HYPERLINK(")) << "no formula for a spreadsheet";
  const std::filesystem::path file = folder / "feedback.csv";
  write_file(file, table.body);
  const evaluate::AnswerTable read = evaluate::read_answers(file.string());
  ASSERT_EQ(read.rows.size(), 2u);
  EXPECT_EQ(read.rows[0].at("subject"), "verdict");
  EXPECT_EQ(read.rows[0].at("class"), "absent");
  EXPECT_EQ(read.rows[1].at("class"), "present");
  EXPECT_THAT(read.cases.patients, testing::ElementsAre(id, id));
  EXPECT_DOUBLE_EQ(read.cases.probabilities[1], 0.93);
  EXPECT_EQ(read.where("subject", "nodule").rows.size(), 1u);
}

TEST_F(FeedbackTest, WhoMayNotUploadReadsIt) {
  start_with(Role::viewer);
  with_token({Right::upload, Right::read, Right::names});
  read();
  say({{"agrees", false}, {"note", "Ivanov"}});
  EXPECT_EQ(kept()[0]["author"], "token:bridge");
  EXPECT_EQ(kept()[0]["note"], "Ivanov");
  client->raw().set_default_headers({});
  const std::string csrf = signed_in();
  EXPECT_EQ(kept()[0]["note"], "•••");
  EXPECT_THAT(client->get("/api/v1/feedback?format=csv").body, Not(HasSubstr("Ivanov")));
  const Answer refused =
      client->post(place, json{{"agrees", true}}.dump(), {{"X-CSRF-Token", csrf}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code(refused), "NOT_ALLOWED");
}

TEST_F(FeedbackTest, IsWrittenDown) {
  read_as_local();
  say({{"finding", "nodule"}, {"agrees", false}, {"note", "Ivanov"}});
  client->get("/api/v1/feedback");
  const json records = client->get("/api/v1/audit").json()["records"];
  EXPECT_EQ(records[0]["action"], "export_feedback");
  EXPECT_EQ(records[1]["action"], "feedback");
  EXPECT_EQ(records[1]["target"], id);
  EXPECT_EQ(records[1]["details"],
            (json{{"number", "1"}, {"finding", "nodule"}, {"agrees", "false"}}));
}

}  // namespace
}  // namespace thorax::serve
