# The one way a folder becomes a library, and a test file becomes a test.
#   packyard_library(NAME core SOURCES a.cpp b.cpp USES packyard::x third::party)
#   packyard_test(NAME core_tests SOURCES a_test.cpp USES packyard::core)
add_library(packyard_flags INTERFACE)
target_include_directories(packyard_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(packyard_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wconversion -Wno-sign-conversion -fstack-protector-strong -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(packyard_flags INTERFACE -Wno-restrict)  # false alarms on std::string operator+, GCC bug 105651
endif()
target_compile_definitions(packyard_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2> PACKYARD_VERSION="${PROJECT_VERSION}")
if(PACKYARD_SANITIZE)
  target_compile_options(packyard_flags INTERFACE -fsanitize=${PACKYARD_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(packyard_flags INTERFACE -fsanitize=${PACKYARD_SANITIZE})
endif()
if(PACKYARD_FUZZ)
  target_compile_options(packyard_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(packyard_flags INTERFACE -fsanitize=fuzzer-no-link)
  # clang before 19 reports an older concepts level than it has, which hides std::expected in libstdc++.
  target_compile_options(packyard_flags INTERFACE -U__cpp_concepts -D__cpp_concepts=202002L -Wno-builtin-macro-redefined -Wno-macro-redefined)
endif()
# Third-party headers come in as system headers: their warnings are not ours to fix.

function(packyard_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(packyard_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(packyard::${ARG_NAME} ALIAS packyard_${ARG_NAME})
  target_link_libraries(packyard_${ARG_NAME} PUBLIC packyard_flags ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES})
endfunction()

function(packyard_test)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE packyard_flags ${ARG_USES} GTest::gmock GTest::gtest_main)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT 1800 LABELS "${ARG_LABELS}"
    ENVIRONMENT "PACKYARD_SOURCE_DIR=${CMAKE_SOURCE_DIR};PACKYARD_BUILD_DIR=${CMAKE_BINARY_DIR}")
endfunction()
