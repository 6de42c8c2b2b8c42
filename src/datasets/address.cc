#include "datasets/address.h"

#include <cstdlib>
#include <sstream>

namespace thorax::datasets {
namespace {

/// Whether a part of no_proxy means the host.
bool names(std::string part, const std::string& host) {
  std::erase(part, ' ');
  if (part == "*" || part == host) return true;
  if (part.starts_with('.')) part.erase(0, 1);
  return !part.empty() && host.ends_with("." + part);
}

}  // namespace

Address parse_address(const std::string& address) {
  Address parsed;
  const std::size_t scheme = address.find("://");
  if (scheme == std::string::npos) return parsed;
  const std::size_t begin = scheme + 3, path = address.find('/', begin);
  const std::string authority = address.substr(begin, path - begin);
  parsed.scheme = address.substr(0, scheme);
  parsed.origin = address.substr(0, path);
  parsed.host = authority.substr(0, authority.find(':'));
  if (path != std::string::npos) parsed.path = address.substr(path);
  return parsed;
}

std::string resolved(const std::string& from, const std::string& location) {
  if (location.find("://") != std::string::npos) return location;
  const Address parsed = parse_address(from);
  if (location.starts_with('/')) return parsed.origin + location;
  return parsed.origin + parsed.path.substr(0, parsed.path.rfind('/') + 1) + location;
}

std::optional<Proxy> proxy_for(const Address& address,
                               const std::function<std::string(const char*)>& environment) {
  // HTTP_PROXY could come from a request's header in a CGI program, so that nobody reads it.
  std::string named = environment(address.scheme == "https" ? "https_proxy" : "http_proxy");
  if (named.empty() && address.scheme == "https") named = environment("HTTPS_PROXY");
  if (named.empty()) return {};
  std::string without = environment("no_proxy");
  if (without.empty()) without = environment("NO_PROXY");
  std::istringstream parts(without);
  for (std::string part; std::getline(parts, part, ',');)
    if (names(part, address.host)) return {};
  if (named.find("://") == std::string::npos) named = "http://" + named;
  std::string authority = parse_address(named).origin;
  authority.erase(0, authority.find("://") + 3);
  Proxy proxy;
  if (const std::size_t sign = authority.rfind('@'); sign != std::string::npos) {
    const std::string who = authority.substr(0, sign);
    authority.erase(0, sign + 1);
    proxy.user = who.substr(0, who.find(':'));
    if (const std::size_t colon = who.find(':'); colon != std::string::npos)
      proxy.key = who.substr(colon + 1);
  }
  const std::size_t colon = authority.rfind(':');
  proxy.host = authority.substr(0, colon);
  proxy.port = colon == std::string::npos ? 80 : std::atoi(authority.c_str() + colon + 1);
  return proxy;
}

}  // namespace thorax::datasets
