// Runs the program as a user does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace thorax::testing_support {

struct Ended {
  int exit_code = 0;  ///< 128 + signal when one ended it
  std::string out, err;
  double cpu_seconds = 0;        ///< user and system time of the program and its children
  std::uint64_t peak_bytes = 0;  ///< largest resident set of any of them
};

/// `environment` adds to a clean one (PATH, LANG=C.UTF-8).
Ended run_thorax(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment = {});

/// Starts it, sends SIGINT as soon as `moment` returns true (asked every millisecond), and waits.
/// Fails the test when the program ended before.
Ended interrupt_thorax(const std::vector<std::string>& arguments, bool (*moment)(void*),
                       void* state);

}  // namespace thorax::testing_support
