// How a program becomes the decoding child of itself.
#pragma once

#include <filesystem>

namespace thorax::intake {

/// The hidden command: `thorax --decode-child FD`. The main of every program that opens a Source
/// hands it to decode_child_main() before it does anything else.
inline constexpr const char* kDecodeChildCommand = "--decode-child";

/// Serves requests on the socket `fd` until the other side closes it; returns the exit status.
int decode_child_main(int fd);

/// Calls decode_child_main() when the arguments are the hidden command; returns whether they were.
bool run_decode_child(int argc, char** argv, int& exit_status);

/// Program that is started as the child: the running one (/proc/self/exe) unless set.
void set_child_executable(const std::filesystem::path& path);

}  // namespace thorax::intake
