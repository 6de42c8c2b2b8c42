// Addresses of files on the net, and the proxy that is in between.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace thorax::datasets {

struct Address {
  std::string scheme, host;
  std::string origin;      ///< scheme://host[:port]
  std::string path = "/";  ///< with the query
};

/// scheme://host[:port][/path]; what does not look so has an empty host.
Address parse_address(const std::string& address);

/// Where a redirect of `from` leads: an address, or a path on the same host.
std::string resolved(const std::string& from, const std::string& location);

struct Proxy {
  std::string host;
  int port = 0;
  std::string user, key;
};

/// The proxy that the environment names for an address: https_proxy or http_proxy, in small or (but
/// for http) capital letters, unless a part of no_proxy is the host, a domain it is in, or "*".
std::optional<Proxy> proxy_for(const Address& address,
                               const std::function<std::string(const char*)>& environment);

}  // namespace thorax::datasets
