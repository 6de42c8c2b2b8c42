// A password that is on no command line, in no history, in no list of processes.
#pragma once

#include <string>

#include "cli/program.h"

namespace thorax::cli {

/// The first line that the descriptor gives; asked for twice at the terminal, without showing it,
/// when `descriptor` is negative. Throws Error: passwords_differ, bad_option when there is neither
/// a descriptor nor a terminal.
std::string read_password(const Program& program, int descriptor);

}  // namespace thorax::cli
