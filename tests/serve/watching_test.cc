// What watches the service, and what tells about it: dashboard, tables, the page of the API, news
// that were missed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "base/files.h"
#include "serve/openapi.h"
#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsSubsetOf;
using testing::Not;
using testing_support::Answer;
using testing_support::Client;
using testing_support::TemporaryFolder;
using Names = std::set<std::string>;

const std::filesystem::path kSource = THORAX_SOURCE_DIR;

Names found(const std::string& text, const std::regex& pattern) {
  Names names;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    names.insert((*at)[1]);
  return names;
}

class WatchingTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
  Service service{options, testing_support::stub_worker(folder)};
  Client client{service.port()};
};

TEST_F(WatchingTest, TheDashboardAndTheDocsKnowTheMetricsThereAre) {
  const Names given = found(client.get("/metrics").body, std::regex("# TYPE (\\w+)"));
  EXPECT_GT(given.size(), 10u);
  EXPECT_EQ(found(read_file(kSource / "docs/deploy.md"), std::regex("\\| `(thorax_\\w+)` \\|")),
            given);
  Names shown;
  for (const json dashboard = json::parse(read_file(kSource / "deploy/grafana.json"));
       const json& panel : dashboard.at("panels"))
    for (const json& target : panel.at("targets"))
      for (const std::string& name : found(target.at("expr"), std::regex("\\b(thorax_\\w+)")))
        shown.insert(std::regex_replace(name, std::regex("_(sum|count)$"), ""));
  EXPECT_EQ(shown, given);
}

TEST_F(WatchingTest, TheDescriptionIsAPageThatNeedsNothing) {
  const Answer page = client.get("/api");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.header("Content-Security-Policy"),
              HasSubstr("default-src 'none'; style-src 'self'"));
  EXPECT_THAT(page.body, Not(HasSubstr("<script")));
  EXPECT_THAT(page.body, Not(HasSubstr("=\"http")));
  EXPECT_THAT(page.body, Not(HasSubstr("<img")));
  const json api = json::parse(openapi_text());
  for (const auto& [path, unused] : api.at("paths").items())
    EXPECT_THAT(page.body, HasSubstr("</span>" + path + "</h2>"));
  for (const auto& [name, unused] : api.at("components").at("schemas").items())
    EXPECT_THAT(page.body, HasSubstr("id=\"schema-" + name + "\""));
  const Names links = found(page.body, std::regex("href=\"#([^\"]+)\""));
  EXPECT_THAT(links, IsSubsetOf(found(page.body, std::regex("id=\"([^\"]+)\""))));
  const auto style = client.raw().Get("/api/style.css");
  ASSERT_TRUE(style);
  EXPECT_EQ(style->get_header_value("Content-Type"), "text/css; charset=utf-8");
}

TEST_F(WatchingTest, NewsThatWereMissedComeAfterAReconnect) {
  /// Listens until a text has come; returns everything and the id of the last event.
  const auto heard = [&](const std::string& last, const std::string& wanted) {
    httplib::Client stream("127.0.0.1", service.port());
    std::string text;
    httplib::Headers headers;
    if (!last.empty()) headers.emplace("Last-Event-ID", last);
    stream.Get("/api/v1/events", headers, [&](const char* bytes, std::size_t size) {
      text.append(bytes, size);
      return text.find(wanted) == std::string::npos;
    });
    return text;
  };
  client.ended(client.upload("sick")["job"]["id"]);
  const std::string hello = heard("", "event: hello");
  const std::size_t at = hello.find("id: ") + 4;
  const std::string place = hello.substr(at, hello.find('\n', at) - at);
  const json study = client.upload("sick");
  client.ended(study["job"]["id"]);
  const std::string missed = heard(place, "\"state\":\"done\"");
  EXPECT_THAT(missed, HasSubstr("event: study\ndata: {\"id\":\"" + study["id"].get<std::string>()));
  EXPECT_THAT(missed, HasSubstr("\"state\":\"running\""));
  EXPECT_THAT(missed, HasSubstr("\"state\":\"done\""));
}

}  // namespace
}  // namespace thorax::serve
