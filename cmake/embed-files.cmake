# SPDX-License-Identifier: MIT
#
# Writes the C file OUT with the table TABLE (of lab/text/built-in.h): the files FILES as they are, byte for byte. A file is called by its
# name without its folder, and with STEMS without its ending too. A script:
# cmake -DOUT=... -DTABLE=... "-DFILES=a;b" [-DSTEMS=ON] -P embed-files.cmake
set(texts "")
set(rows "")
foreach(path IN LISTS FILES)
    cmake_path(GET path FILENAME name)
    if(STEMS)
        cmake_path(GET path STEM name)
    endif()
    string(MAKE_C_IDENTIFIER "${name}" identifier)
    file(READ "${path}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND texts "static const unsigned char ${identifier}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", (const char *)${identifier}, sizeof ${identifier} - 1},\n")
endforeach()
file(WRITE "${OUT}" "/* Made by cmake/embed-files.cmake. */\n#include \"lab/text/built-in.h\"\n\n${texts}\n"
    "extern const lab_built_in ${TABLE}[];\nconst lab_built_in ${TABLE}[] = {\n${rows}    {0, 0, 0},\n};\n")
