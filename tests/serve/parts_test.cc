// The parts of the service that need no network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "serve/call.h"
#include "serve/events.h"
#include "serve/metrics.h"
#include "serve/problem.h"
#include "serve/upload.h"
#include "serve/views.h"

namespace thorax::serve {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::vector<std::string> types(const std::vector<Event>& events) {
  std::vector<std::string> out;
  for (const Event& event : events) out.push_back(event.type + event.data);
  return out;
}

TEST(EventHubTest, AListenerHearsWhatComesAfterIt) {
  EventHub hub;
  hub.publish("job", "1");
  EventHub::Listener listener = hub.listen();
  EXPECT_TRUE(listener.next(0ms).empty());
  hub.publish("job", "2");
  hub.publish("job", "3");
  EXPECT_THAT(types(listener.next(0ms)), ElementsAre("job2", "job3"));
}

TEST(EventHubTest, AConnectionThatBrokeGoesOnWhereItWas) {
  EventHub hub;
  EventHub::Listener first = hub.listen();
  hub.publish("job", "1");
  const std::string last = first.next(0ms).back().id;
  hub.publish("job", "2");
  EventHub::Listener again = hub.listen(last);
  EXPECT_THAT(types(again.next(0ms)), ElementsAre("job2"));
}

TEST(EventHubTest, WhoMissedEventsIsToldSo) {
  EventHub hub(2), other;
  EventHub::Listener slow = hub.listen();
  const std::string start = slow.place();
  for (const char* data : {"1", "2", "3"}) hub.publish("job", data);
  EXPECT_THAT(types(slow.next(0ms)), ElementsAre("reset{}", "job2", "job3"));
  EXPECT_THAT(types(hub.listen(start).next(0ms)), ElementsAre("reset{}"));
  EXPECT_THAT(types(hub.listen(other.listen().place()).next(0ms)), ElementsAre("reset{}"));
  EXPECT_THAT(types(hub.listen("nonsense").next(0ms)), ElementsAre("reset{}"));
}

TEST(EventHubTest, AClosedHubLetsEverybodyGo) {
  EventHub hub;
  EventHub::Listener listener = hub.listen();
  hub.close();
  EXPECT_TRUE(listener.next(1h).empty());
  EXPECT_TRUE(hub.closed());
}

TEST(ProblemTest, TheLanguageIsTheOneAskedForMost) {
  EXPECT_EQ(accepted_language(""), Language::en);
  EXPECT_EQ(accepted_language("ru"), Language::ru);
  EXPECT_EQ(accepted_language("ru-RU, en;q=0.7"), Language::ru);
  EXPECT_EQ(accepted_language("en-GB,ru;q=0.9"), Language::en);
  EXPECT_EQ(accepted_language("de, ru;q=0.5, en;q=0.4"), Language::ru);
  EXPECT_EQ(accepted_language("ru;q=0"), Language::en);
}

TEST(ProblemTest, HasTheMembersOfTheStandard) {
  const auto json = problem({"queue_full"_code, {{"count", "5"}}}, Language::ru);
  EXPECT_EQ(json["status"], 429);
  EXPECT_EQ(json["code"], "QUEUE_FULL");
  EXPECT_EQ(json["title"], "В очереди уже 5 исследований; новые пока не принимаются.");
}

TEST(MetricsTest, LabelsAreEscaped) {
  Metrics metrics;
  metrics.count("thorax_errors_total", {{"code", "a\"b\\c\nd"}}, 2);
  EXPECT_THAT(metrics.text({}),
              testing::HasSubstr("thorax_errors_total{code=\"a\\\"b\\\\c\\nd\"} 2\n"));
}

TEST(UploadTest, NamesAreMadeSafe) {
  EXPECT_EQ(safe_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(safe_name("C:\\scans\\a.zip"), "a.zip");
  EXPECT_EQ(safe_name("a\nb\x7f.zip"), "ab.zip");
  EXPECT_EQ(safe_name(".."), "study");
  EXPECT_EQ(safe_name(""), "study");
  std::string longest = "x";
  for (int i = 0; i < 200; ++i) longest += "я";
  EXPECT_EQ(safe_name(longest), longest.substr(0, 255));
  EXPECT_EQ(safe_name('y' + longest), 'y' + longest.substr(0, 253));
}

TEST(CallTest, PathsThatClimbAreNothing) {
  EXPECT_THAT(path_parts("/a/b.c"), ElementsAre("a", "b.c"));
  EXPECT_TRUE(path_parts("/").empty());
  for (const char* bad : {"", "a", "//", "/a//b", "/..", "/a/../b", "/./a", "/a\\b"})
    EXPECT_THROW(path_parts(bad), Error) << bad;
}

TEST(ViewsTest, TimesAreUtcWithMilliseconds) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'700'000'000'007), "2023-11-14T22:13:20.007Z");
}

}  // namespace
}  // namespace thorax::serve
