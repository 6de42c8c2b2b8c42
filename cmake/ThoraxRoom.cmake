# thorax_room(NAME [GLUE] DEPENDS room... LINK library...)
# A room is src/NAME, built as the static library thorax_NAME. Files are found by glob, so that
# adding a measurement or a command is adding a file. tools/check_layers.py proves that the
# includes follow DEPENDS.
# GLUE: the room calls others to do the work; optimising its own code would only cost time of building.
function(thorax_room name)
  cmake_parse_arguments(ROOM "GLUE" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  if(NOT sources)
    add_library(thorax_${name} INTERFACE)
    list(TRANSFORM ROOM_DEPENDS PREPEND thorax_)
    target_link_libraries(thorax_${name} INTERFACE ${ROOM_DEPENDS} ${ROOM_LINK})
    return()
  endif()
  add_library(thorax_${name} STATIC ${sources})
  target_include_directories(thorax_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  set(rooms ${ROOM_DEPENDS})
  list(TRANSFORM rooms PREPEND thorax_)
  target_link_libraries(thorax_${name} PUBLIC ${rooms} PRIVATE thorax_flags)
  target_link_libraries(thorax_${name} PUBLIC ${ROOM_LINK})
  if(ROOM_GLUE)
    thorax_glue(thorax_${name})
  endif()
endfunction()

function(thorax_glue target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# GCC 12 forgets with a precompiled header that it should not warn of the standard library's own code.
set(THORAX_PRECOMPILED_WARNINGS
  $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)

# ccache keeps the files of a target that uses a precompiled header only when told that macros and
# times of it do not matter.
function(thorax_keep_precompiled target)
  target_compile_options(${target} PRIVATE -fpch-preprocess ${ARGN})
  if(THORAX_CCACHE)
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${THORAX_CCACHE}")
  endif()
endfunction()

# What every file that includes libtorch is compiled with: its headers once, as the precompiled
# header src/nets/pch.h, which halves the time of a file. The rooms become part of a shared library
# (libthorax_torch.so), so they are position-independent; the tests are compiled with the same flags
# because a precompiled header fits only those.
function(thorax_torch_target target)
  target_compile_options(${target} PRIVATE -fPIC)
  target_link_libraries(${target} PRIVATE torch_library)
  if(TARGET thorax_nets AND NOT target STREQUAL thorax_nets)
    target_precompile_headers(${target} REUSE_FROM thorax_nets)
  else()
    target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src/nets/pch.h)
  endif()
  thorax_keep_precompiled(${target})
endfunction()

# thorax_torch_room(NAME DEPENDS room... LINK library...): a room that includes libtorch. Not built
# without THORAX_TORCH.
function(thorax_torch_room name)
  if(NOT THORAX_TORCH)
    return()
  endif()
  thorax_room(${name} ${ARGN})
  thorax_torch_target(thorax_${name})
  target_link_libraries(thorax_${name} PUBLIC torch_library)
endfunction()

# thorax_plugin(ROOM OUTPUT name DEPENDS room... LINK library...): a room that is a shared library
# beside the program, loaded at run time, with everything it depends on inside.
function(thorax_plugin room)
  cmake_parse_arguments(PLUGIN "" "OUTPUT" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cc)
  add_library(${PLUGIN_OUTPUT} MODULE ${sources})
  set(rooms ${PLUGIN_DEPENDS})
  list(TRANSFORM rooms PREPEND thorax_)
  target_link_libraries(${PLUGIN_OUTPUT} PRIVATE ${rooms} ${PLUGIN_LINK} thorax_flags)
  set_target_properties(${PLUGIN_OUTPUT} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin
    CXX_VISIBILITY_PRESET hidden)
endfunction()

# thorax_torch_plugin(…): a plugin that includes libtorch. Not built without THORAX_TORCH.
function(thorax_torch_plugin room)
  if(NOT THORAX_TORCH)
    return()
  endif()
  cmake_parse_arguments(PLUGIN "" "OUTPUT" "" ${ARGN})
  thorax_plugin(${room} ${ARGN})
  thorax_torch_target(${PLUGIN_OUTPUT})
endfunction()

# Tests are compiled often and run seldom.
set(THORAX_TEST_FLAGS $<$<CONFIG:Release>:-O0 -g0> $<$<CONFIG:RelWithDebInfo>:-O0>)

# thorax_test_target(TARGET): the flags and the precompiled header of tests without libtorch.
function(thorax_test_target target)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE GTest::gmock GTest::gtest nlohmann_json::nlohmann_json thorax_flags)
  target_compile_options(${target} PRIVATE ${THORAX_TEST_FLAGS})
  target_compile_definitions(${target} PRIVATE THORAX_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    THORAX_BINARY="$<TARGET_FILE:thorax>")
  if(TARGET thorax_test_header AND NOT target STREQUAL thorax_test_header)
    target_precompile_headers(${target} REUSE_FROM thorax_test_header)
  else()
    target_precompile_headers(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/header.h)
  endif()
  thorax_keep_precompiled(${target} ${THORAX_PRECOMPILED_WARNINGS})
endfunction()

# What tests share, compiled once: the header of those without libtorch, and what compares with
# goldens.
function(thorax_test_support)
  add_library(thorax_test_header STATIC ${CMAKE_CURRENT_SOURCE_DIR}/support/header.cc)
  thorax_test_target(thorax_test_header)
  add_library(thorax_test_golden STATIC ${CMAKE_CURRENT_SOURCE_DIR}/support/golden.cc
    ${CMAKE_CURRENT_SOURCE_DIR}/support/npy.cc ${CMAKE_CURRENT_SOURCE_DIR}/support/golden_main.cc)
  thorax_test_target(thorax_test_golden)
  target_link_libraries(thorax_test_golden PRIVATE thorax_base)
endfunction()

# thorax_test(ROOM [CHILD] [GOLDEN] [TORCH] [SHARED] [LINK library...]): every tests/ROOM/*_test.cc in one
# GoogleTest binary.
# CHILD: the tests open a Source, so the binary must be able to become its decoding child.
# GOLDEN: they compare with tests/golden, and the binary prints the parity table on --parity.
# TORCH: they include libtorch; not built without THORAX_TORCH.
# SHARED: they share phantoms that take long to draw. Where code runs many times slower (sanitizers,
# coverage) they run in two processes, which draw each once; slow ones, and the many sizes of one
# finding (the suites called Phantoms), left out.
function(thorax_test room)
  cmake_parse_arguments(TEST "CHILD;GOLDEN;TORCH;SHARED" "" "LINK" ${ARGN})
  if(TEST_TORCH AND NOT THORAX_TORCH)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${room} ${sources})
  if(TEST_CHILD)
    target_sources(test_${room} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/main.cc)
    set(test_main GTest::gtest)
  elseif(TEST_GOLDEN)
    set(test_main thorax_test_golden)
  else()
    set(test_main GTest::gtest_main)
  endif()
  target_link_libraries(test_${room} PRIVATE ${TEST_LINK} ${test_main})
  if(TEST_TORCH)
    target_include_directories(test_${room} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(test_${room} PRIVATE GTest::gmock GTest::gtest thorax_flags)
    target_compile_definitions(test_${room} PRIVATE THORAX_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    thorax_torch_target(test_${room})
  else()
    thorax_test_target(test_${room})
  endif()
  if(TEST_SHARED AND (THORAX_SANITIZE OR THORAX_COVERAGE))
    foreach(half 0 1)
      add_test(NAME ${room}.half_${half} COMMAND test_${room} "--gtest_filter=-*Slow*:Phantoms/*")
      set_tests_properties(${room}.half_${half} PROPERTIES TIMEOUT 1800 COST 500
        ENVIRONMENT "GTEST_TOTAL_SHARDS=2;GTEST_SHARD_INDEX=${half}")
    endforeach()
    return()
  endif()
  gtest_discover_tests(test_${room} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
    TEST_PREFIX "${room}." PROPERTIES TIMEOUT 900)
endfunction()
