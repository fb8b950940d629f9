# The fuzz preset's compiler: clang 16 or newer (older ones reject std::expected<void>); Debian 12 has clang-16 beside 14.
find_program(fuzz_cxx NAMES clang++-19 clang++-18 clang++-17 clang++-16 clang++ REQUIRED)
find_program(fuzz_c NAMES clang-19 clang-18 clang-17 clang-16 clang REQUIRED)
set(CMAKE_CXX_COMPILER ${fuzz_cxx})
set(CMAKE_C_COMPILER ${fuzz_c})
