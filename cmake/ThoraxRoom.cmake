# thorax_room(NAME DEPENDS room... LINK library...)
# A room is src/NAME, built as the static library thorax_NAME. Files are found by glob, so that
# adding a measurement or a command is adding a file. tools/check_layers.py proves that the
# includes follow DEPENDS.
function(thorax_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LINK" ${ARGN})
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
endfunction()

# thorax_test(ROOM [CHILD] [LINK library...]): every tests/ROOM/*_test.cc in one GoogleTest binary.
# CHILD: the tests open a Source, so the binary must be able to become its decoding child.
function(thorax_test room)
  cmake_parse_arguments(TEST "CHILD" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${room} ${sources})
  target_include_directories(test_${room} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  if(TEST_CHILD)
    target_sources(test_${room} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/main.cc)
    set(test_main GTest::gtest)
  else()
    set(test_main GTest::gtest_main)
  endif()
  target_link_libraries(test_${room} PRIVATE ${TEST_LINK} GTest::gmock ${test_main} thorax_flags)
  # Tests are compiled often and run seldom.
  target_compile_options(test_${room} PRIVATE $<$<CONFIG:Release>:-O1 -g0>)
  target_compile_definitions(test_${room} PRIVATE
    THORAX_SOURCE_DIR="${CMAKE_SOURCE_DIR}" THORAX_BINARY="$<TARGET_FILE:thorax>")
  gtest_discover_tests(test_${room} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST
    TEST_PREFIX "${room}." PROPERTIES TIMEOUT 900)
endfunction()
