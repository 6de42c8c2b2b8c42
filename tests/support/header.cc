// CMake compiles the header of a target that has a file.
#include "support/header.h"
