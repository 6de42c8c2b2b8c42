// The log: what the program did, on standard error, for whoever runs it. It never carries names of
// patients; studies are named by path and UID.
#pragma once

#include <string_view>

namespace thorax::log {

enum class Level { debug, info, warning, error, off };

/// Messages below `level` are dropped. Warnings and errors are shown until this is called.
void set_level(Level level);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

}  // namespace thorax::log
