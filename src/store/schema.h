// The layout of the database, and how one layout becomes the next.
#pragma once

#include "store/database.h"

namespace thorax::store {

/// Newest layout this program knows.
int schema_version();

/// Brings the database from whatever layout it has (an empty file: none) to `version`, a step at a
/// time, each whole or not at all. Throws Error("database_newer"_code) when its layout is newer
/// than this program's.
void migrate(Database& database, int version = schema_version());

}  // namespace thorax::store
