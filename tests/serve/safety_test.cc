// What is written down, what is hidden, and what is bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/front.h"
#include "serve/hide.h"
#include "serve/people_service.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using store::Right;
using store::Role;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing_support::Answer;
using testing_support::Client;
using testing_support::kMinute;
using testing_support::kPassword;

class SafetyTest : public testing_support::PeopleService {
 protected:
  /// "who action target" of every record, the oldest first.
  std::vector<std::string> written() {
    store::AuditQuery query;
    query.limit = 1000;
    std::vector<std::string> lines;
    store::Audit audit(*database, options.data);
    audit.verify();
    for (const store::AuditRecord& record : audit.list(query))
      lines.insert(lines.begin(),
                   record.entry.who + ' ' + record.entry.action + ' ' + record.entry.target);
    return lines;
  }
  /// One study that was read, sent under a name by a token that may.
  std::string sent(const std::string& name) {
    with_token({Right::upload, Right::read, Right::names});
    const json study = client->upload("sick", name);
    client->ended(study["job"]["id"]);
    return study["id"];
  }
};

TEST_F(SafetyTest, WhoSawAndDidWhatIsWrittenDown) {
  start_with(Role::admin);
  sign_in("anna", "wrong password");
  sign_in("kein Name, sondern ein Passwort", "x");
  const std::string csrf = signed_in();
  const json study =
      client->post("/api/v1/studies?name=a.zip", "sick", {{"X-CSRF-Token", csrf}}).json();
  const std::string id = study["id"], place = "/api/v1/studies/" + id;
  client->ended(study["job"]["id"]);
  client->get("/api/v1/studies");
  client->get(place);
  client->get(place);
  client->get(place + "/results/1/report.html");
  client->get(place + "/file");
  now += 6 * kMinute;
  client->get(place);
  client->raw().Delete(place.c_str(), {{"X-CSRF-Token", csrf}});
  client->raw().Delete("/api/v1/session", {{"X-CSRF-Token", csrf}});
  EXPECT_THAT(written(),
              ElementsAre(" sign_in_failed anna", " sign_in_failed ", "anna sign_in anna",
                          "anna upload " + id, "anna list_studies ", "anna view_study " + id,
                          "anna view_report " + id, "anna download " + id, "anna view_study " + id,
                          "anna delete " + id, "anna sign_out anna"));
}

TEST_F(SafetyTest, TheLogIsForAdministrators) {
  start_with(Role::operating);
  signed_in();
  EXPECT_EQ(client->get("/api/v1/audit").status, 403);
  EXPECT_THAT(written().back(), HasSubstr("anna refused GET /api/v1/audit"));
  with_token({Right::read, Right::admin});
  const json log = client->get("/api/v1/audit?limit=2&who=anna").json();
  EXPECT_EQ(log["total"], 2);
  EXPECT_EQ(log["records"][0]["action"], "refused");
  EXPECT_EQ(log["records"][1]["action"], "sign_in");
  EXPECT_EQ(log["records"][1]["address"], "127.0.0.1");
}

TEST_F(SafetyTest, NamesAreHiddenFromThoseWithoutTheRight) {
  start_with(Role::viewer);
  const std::string name = "Ivanov^Ivan<script>alert(1)<|script>.zip", id = sent(name);
  const std::string place = "/api/v1/studies/" + id;
  EXPECT_EQ(client->get(place).json()["name"], name) << "seen by those who may";
  EXPECT_EQ(client->get("/api/v1/studies?q=Ivanov").json()["total"], 1);
  signed_in();
  EXPECT_EQ(client->get("/api/v1/me").json()["names_hidden"], true);
  for (const std::string& path :
       {std::string("/api/v1/studies"), place, std::string("/api/v1/studies?sort=name"),
        place + "/results/1", place + "/results/1/report.html"}) {
    const Answer answer = client->get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("Ivanov"))) << path;
    for (const auto& [key, value] : answer.headers)
      EXPECT_THAT(value, Not(HasSubstr("Ivanov"))) << path << ' ' << key;
  }
  EXPECT_EQ(client->get("/api/v1/studies?q=Ivanov").json()["total"], 0);
  EXPECT_EQ(client->get(place + "/file").status, 403);
}

TEST_F(SafetyTest, NamesAreLeftOutOfTheNews) {
  start_with(Role::viewer);
  std::string heard;
  std::atomic<bool> listening{false};
  std::thread listener(
      [&, headers = httplib::Headers{
              {"Authorization", "Bearer " + people->create_token("blind", {Right::read}, 0)}}] {
        httplib::Client stream("127.0.0.1", service->port());
        stream.Get("/api/v1/events", headers, [&](const char* bytes, std::size_t size) {
          heard.append(bytes, size);
          listening = true;
          return heard.find("event: study") == std::string::npos;
        });
      });
  while (!listening) std::this_thread::yield();
  sent("Ivanov.zip");
  listener.join();
  EXPECT_THAT(heard, HasSubstr("event: study"));
  EXPECT_THAT(heard, Not(HasSubstr("Ivanov")));
}

TEST(HideTest, WordsThatNameAPatientAreFoundAndReplacedInTextsAlone) {
  const nlohmann::ordered_json result{{"study",
                                       {{"path", "Ivanov <I>.zip"},
                                        {"within", "Ivanov/1"},
                                        {"patient", {{"name", "IVANOV^IVAN"}, {"id", "12"}}}}},
                                      {"files_set_aside", {{{"path", "Ivanov <I>.zip/notes.txt"}}}},
                                      {"slices", {1, 2.5, true, nullptr}},
                                      {"notices", {{{"what", "IVANOV^IVAN was read"}}}}};
  const std::vector<std::string> words = naming_words(result);
  EXPECT_THAT(words,
              ElementsAre("Ivanov <I>.zip/notes.txt", "Ivanov <I>.zip", "IVANOV^IVAN", "Ivanov/1"));
  const std::string shown = without_words(result, words).dump();
  EXPECT_THAT(shown, Not(HasSubstr("vanov")));
  EXPECT_THAT(shown, HasSubstr("••• was read"));
  EXPECT_THAT(shown, HasSubstr("[1,2.5,true,null]"));
  EXPECT_EQ(html_without_words("<style>.Ivanov{}</style><p class=\"IVANOV^IVAN\">IVANOV^IVAN, "
                               "Ivanov &lt;I&gt;.zip</p>tail",
                               words),
            "<style>.Ivanov{}</style><p class=\"IVANOV^IVAN\">•••, •••</p>tail");
  EXPECT_EQ(html_without_words("no markup", {}), "no markup");
  EXPECT_EQ(html_without_words("<p", {}), "<p");
}

TEST(HideTest, WhyAStudyFailedDoesNotNameItsFile) {
  const nlohmann::ordered_json study{
      {"job",
       {{"failure",
         {{"code", "NOTHING_TO_READ"},
          {"arguments", {{"path", "Ivanov.zip"}, {"found", "0"}}},
          {"what", {{"en", "Ivanov.zip holds nothing"}}}}}}},
      {"results", {{{"failure", {{"arguments", {{"path", "Ivanov.zip/IVANOV/1"}}}}}}}}};
  Identity who;
  who.rights = {Right::read};
  const std::string hidden = shown_json(study, who).dump();
  EXPECT_THAT(hidden, Not(HasSubstr("Ivanov")));
  EXPECT_THAT(hidden, Not(HasSubstr("IVANOV")));
  EXPECT_THAT(hidden, HasSubstr("••• holds nothing"));
  who.rights.add(Right::names);
  EXPECT_EQ(shown_json(study, who), study);
}

TEST_F(SafetyTest, AHeadOfARequestIsBounded) {
  start();
  const auto good = client->raw().Get("/healthz", {{"X-Long", std::string(8000, 'x')}});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->status, 200);
  httplib::Headers many;
  for (int i = 0; i < 10; ++i) many.emplace("X-Long-" + std::to_string(i), std::string(8000, 'x'));
  const auto long_head = client->raw().Get("/healthz", many);
  ASSERT_TRUE(long_head);
  EXPECT_EQ(long_head->status, 431);
  EXPECT_EQ(json::parse(long_head->body)["code"], "HEADERS_TOO_LARGE");
  EXPECT_EQ(client->get("/healthz").status, 200) << "the next one is answered";
}

TEST_F(SafetyTest, ConnectionsOfOneMachineAreBounded) {
  options.connections = 2;
  start();
  EXPECT_EQ(client->get("/healthz").status, 200);
  httplib::Client second("127.0.0.1", service->port()), third("127.0.0.1", service->port());
  second.set_keep_alive(true);
  EXPECT_EQ(second.Get("/healthz")->status, 200);
  const auto refused = third.Get("/healthz");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(json::parse(refused->body)["code"], "TOO_MANY_CONNECTIONS");
}

/// Two ends of a connection.
struct Ends {
  Ends() {
    int both[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, both), 0);
    here = both[0];
    there = both[1];
  }
  ~Ends() {
    close(here);
    close(there);
  }
  int here = -1, there = -1;
};

TEST(ConnectionTest, AHeadThatTakesTooLongIsGivenUp) {
  const Ends ends;
  ASSERT_EQ(write(ends.there, "GET / HT", 8), 8);
  Connection connection(ends.here, nullptr, {1000, 0, 60});
  connection.begin_head();
  std::string head;
  for (char c = 0; connection.read(&c, 1) == 1;) head += c;
  EXPECT_EQ(head, "GET / HT") << "what came is read, and nothing is waited for";
  EXPECT_FALSE(connection.head_too_long());
}

TEST(ConnectionTest, OnlyTheHeadIsBounded) {
  const Ends ends;
  const std::string request = "POST / HTTP/1.1\r\n\r\n" + std::string(500, 'x');
  ASSERT_EQ(write(ends.there, request.data(), request.size()), std::ssize(request));
  Connection connection(ends.here, nullptr, {19, 30, 60});
  connection.begin_head();
  std::string read;
  for (char c = 0; read.size() < request.size() && connection.read(&c, 1) == 1;) read += c;
  EXPECT_EQ(read, request);
}

TEST(ConnectionTest, AHeadThatIsTooLongEndsThere) {
  const Ends ends;
  ASSERT_EQ(write(ends.there, "GET / HTTP/1.1\r\nA: b\r\n\r\n", 24), 24);
  Connection connection(ends.here, nullptr, {20, 30, 60});
  connection.begin_head();
  std::array<char, 64> bytes{};
  ssize_t count = 0;
  for (int i = 0; i < 20; ++i) count += connection.read(bytes.data(), 1);
  EXPECT_EQ(count, 20);
  EXPECT_EQ(connection.read(bytes.data(), 1), -1);
  EXPECT_TRUE(connection.head_too_long());
  EXPECT_EQ(connection.write("unseen", 6), 6);
  connection.end_head();
  EXPECT_EQ(connection.write("seen", 4), 4);
  EXPECT_EQ(recv(ends.there, bytes.data(), bytes.size(), 0), 4);
}

TEST_F(SafetyTest, OldStudiesGo) {
  start();
  const json study = client->upload("sick");
  client->ended(study["job"]["id"]);
  const std::string place = "/api/v1/studies/" + study["id"].get<std::string>();
  // The store says when a study came by its own clock.
  now = store::now_ms() + 2 * 86'400'000ll;
  options.keep_days = 3;
  start();
  EXPECT_EQ(client->get(place).status, 200);
  options.keep_days = 1;
  start();
  while (client->get(place).status == 200) std::this_thread::yield();
  const std::string deleted = "retention delete " + study["id"].get<std::string>();
  // It is written down a moment after it has gone.
  while (written().back() == "local view_study " + study["id"].get<std::string>())
    std::this_thread::yield();
  EXPECT_EQ(written().back(), deleted);
}

}  // namespace
}  // namespace thorax::serve
