# Flags for our own code only; third-party headers come in as SYSTEM includes.
add_library(thorax_flags INTERFACE)
target_compile_options(thorax_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  -Wno-missing-field-initializers -Wunused -Wnull-dereference -Wdouble-promotion -Wformat=2 -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives of these from inlined standard library code.
  target_compile_options(thorax_flags INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(THORAX_SANITIZE)
  # The vptr check looks at memory through a pipe, which the decoding child's sandbox forbids: it
  # would call every object there a wrong one.
  add_compile_options(-fsanitize=${THORAX_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${THORAX_SANITIZE})
endif()
if(THORAX_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(THORAX_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
find_program(THORAX_CCACHE ccache)
if(THORAX_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${THORAX_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${THORAX_CCACHE})
endif()
# DCMTK's package names every one of its libraries; only those that are called need loading, and
# each one left out makes the program start sooner.
add_link_options(-Wl,--as-needed)
