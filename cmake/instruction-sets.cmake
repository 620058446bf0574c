# SPDX-License-Identifier: MIT
#
# The files of src/kernels that are named after an instruction set: each is compiled for it alone, and only where the target
# processor can have it. All other code is for the plain processor.

# -mprfchw: to ask for a line to be written. Nobody is asked for it: processors that have not got the instruction take it for none.
set(instruction_sets avx2 avx512 neon)
set(flags_of_avx2 -mavx2 -mfma -mprfchw)
set(flags_of_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mprfchw)
set(flags_of_neon) # part of every aarch64

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(target_instruction_sets avx2 avx512)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    set(target_instruction_sets neon)
else()
    set(target_instruction_sets)
endif()

foreach(set IN LISTS instruction_sets)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/src/kernels/${set}.c)
    if(NOT set IN_LIST target_instruction_sets)
        list(REMOVE_ITEM library_sources ${source})
    else()
        set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS ${flags_of_${set}})
    endif()
endforeach()

# Link-time optimisation could carry code of one instruction set into functions that run on every processor. And the kernels read no foreign
# bytes, so a fuzzer need not watch them: clang takes minutes for the sanitizers of their unrolled loops (asan and tsan do check them, by gcc).
set(flags_of_kernels -fno-lto)
if(LENET_FUZZ)
    list(APPEND flags_of_kernels -fno-sanitize=all)
elseif(LENET_SANITIZE MATCHES "address" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # gcc 12 places a 64-byte vector at 32 bytes of a frame that detect_stack_use_after_return has moved to the heap, and stores it as if it
    # lay at 64 (its bug 110027): a kernel of AVX-512 then ends in a fault. No kernel gives away an address of its frame.
    list(APPEND flags_of_kernels --param=asan-use-after-return=0)
endif()
foreach(source IN LISTS library_sources)
    if(source MATCHES "/src/kernels/")
        set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS ${flags_of_kernels})
    endif()
endforeach()
