#include "datasets/address.h"

#include <gtest/gtest.h>

#include <map>

namespace thorax::datasets {
namespace {

TEST(Address, IsTakenApart) {
  const Address address = parse_address("https://example.org:8443/a/b.zip?x=1");
  EXPECT_EQ(address.scheme, "https");
  EXPECT_EQ(address.host, "example.org");
  EXPECT_EQ(address.origin, "https://example.org:8443");
  EXPECT_EQ(address.path, "/a/b.zip?x=1");
  EXPECT_EQ(parse_address("http://example.org").path, "/");
  EXPECT_TRUE(parse_address("example.org/a").host.empty());
}

TEST(Address, ARedirectMayLeaveTheHostOut) {
  EXPECT_EQ(resolved("http://a.org/x/y", "https://b.org/z"), "https://b.org/z");
  EXPECT_EQ(resolved("http://a.org/x/y", "/z"), "http://a.org/z");
  EXPECT_EQ(resolved("http://a.org/x/y", "z"), "http://a.org/x/z");
}

std::optional<Proxy> proxy(const std::string& address, std::map<std::string, std::string> known) {
  return proxy_for(parse_address(address), [known](const char* name) {
    const auto found = known.find(name);
    return found == known.end() ? std::string() : found->second;
  });
}

TEST(ProxyFor, ReadsTheEnvironmentAsCurlDoes) {
  const auto found =
      proxy("https://example.org/a", {{"https_proxy", "http://me:k@proxy.lan:3128/"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->host, "proxy.lan");
  EXPECT_EQ(found->port, 3128);
  EXPECT_EQ(found->user, "me");
  EXPECT_EQ(found->key, "k");
  EXPECT_EQ(proxy("https://example.org/a", {{"HTTPS_PROXY", "proxy.lan:8080"}})->port, 8080);
  EXPECT_FALSE(proxy("http://example.org/a", {{"HTTP_PROXY", "proxy.lan:8080"}}));
  EXPECT_FALSE(proxy("http://example.org/a", {{"https_proxy", "proxy.lan:8080"}}));
  for (const char* without : {"example.org", "a.org, .example.org", "*", "org"})
    EXPECT_FALSE(proxy("http://www.example.org/a", {{"http_proxy", "p:1"}, {"no_proxy", without}}))
        << without;
  EXPECT_TRUE(
      proxy("http://myexample.org/a", {{"http_proxy", "p:1"}, {"no_proxy", "example.org"}}));
}

}  // namespace
}  // namespace thorax::datasets
