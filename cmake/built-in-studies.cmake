# SPDX-License-Identifier: MIT
#
# Writes the C file OUT that holds the files STUDIES as they are, byte for byte: lab_built_in_studies of lab/study/study.h. A script:
# cmake -DOUT=... -DSTUDIES=... -P built-in-studies.cmake
set(texts "")
set(rows "")
foreach(path IN LISTS STUDIES)
    cmake_path(GET path STEM name)
    string(MAKE_C_IDENTIFIER "${name}" identifier)
    file(READ "${path}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND texts "static const unsigned char ${identifier}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", (const char *)${identifier}, sizeof ${identifier} - 1},\n")
endforeach()
file(WRITE "${OUT}" "/* Made by cmake/built-in-studies.cmake of the files in studies/. */\n#include \"lab/study/study.h\"\n\n${texts}\n"
    "const lab_built_in lab_built_in_studies[] = {\n${rows}    {0, 0, 0},\n};\n")
