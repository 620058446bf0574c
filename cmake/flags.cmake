# SPDX-License-Identifier: MIT
#
# The flags of every file of the project. Those of single files are in instruction-sets.cmake.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
# -O2, not -O3: where speed is made, in the kernels, the loops are written out by hand.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "-Og -g")

if(NOT CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    message(FATAL_ERROR "lenet needs gcc or clang (it uses their intrinsics and flags), not ${CMAKE_C_COMPILER_ID}")
endif()
if("${CMAKE_C_FLAGS} $ENV{CFLAGS}" MATCHES "(-ffast-math|-Ofast|-funsafe-math-optimizations|-ffp-contract=(fast|on))")
    message(FATAL_ERROR "${CMAKE_MATCH_1} in CFLAGS: it changes the results of floating-point arithmetic, and lenet promises "
        "the same bits from every build. Take it out of CFLAGS")
endif()

add_compile_definitions(_GNU_SOURCE)
add_compile_options(-ffp-contract=off
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wstrict-prototypes -Wmissing-prototypes)

if(LENET_SANITIZE)
    add_compile_options(-O1 -fsanitize=${LENET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${LENET_SANITIZE})
endif()
if(LENET_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "LENET_FUZZ needs clang: cmake --preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
