# SPDX-License-Identifier: MIT
#
# The parts that lenet does not write itself. All that are missing are named at once.

find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

set(missing_parts)
foreach(part libdeflate libarchive jansson libcrypto libcurl libpng libjpeg sqlite3 yaml-0.1)
    pkg_check_modules(${part} QUIET IMPORTED_TARGET ${part})
    if(NOT ${part}_FOUND)
        list(APPEND missing_parts ${part})
    endif()
endforeach()
if(missing_parts)
    list(JOIN missing_parts ", " missing_parts)
    message(FATAL_ERROR "pkg-config does not find: ${missing_parts}. 'make deps' installs what is missing")
endif()

# gzip, the tar.gz of CIFAR-10, JSON in files, SHA-256
set(lenet_library_requires libdeflate libarchive jansson libcrypto) # also into lenet.pc and lenetConfig.cmake
set(lenet_library_parts ${lenet_library_requires})
list(TRANSFORM lenet_library_parts PREPEND PkgConfig::)
list(APPEND lenet_library_parts Threads::Threads m)

# downloads, images, the database of runs, recipes; JSON and hashes of its own
set(lenet_program_parts PkgConfig::libcurl PkgConfig::libpng PkgConfig::libjpeg PkgConfig::sqlite3 PkgConfig::yaml-0.1
    PkgConfig::jansson PkgConfig::libcrypto PkgConfig::libdeflate PkgConfig::libarchive Threads::Threads m)

# Formats of images that are read where their library is found, and named as not readable where it is not.
set(lenet_optional_parts)
foreach(format "GIF libgif" "TIFF libtiff-4>=4.5" "WEBP libwebp libwebpdemux")
    separate_arguments(modules UNIX_COMMAND "${format}")
    list(POP_FRONT modules format)
    pkg_check_modules(image_${format} QUIET IMPORTED_TARGET ${modules})
    if(image_${format}_FOUND)
        list(APPEND lenet_program_parts PkgConfig::image_${format})
        list(APPEND lenet_optional_parts LENET_${format}=1)
    else()
        list(APPEND lenet_optional_parts LENET_${format}=0)
    endif()
endforeach()

# The server of `lenet serve`, which says what to install where its library is not found.
pkg_check_modules(microhttpd QUIET IMPORTED_TARGET libmicrohttpd>=0.9.60)
if(microhttpd_FOUND)
    list(APPEND lenet_program_parts PkgConfig::microhttpd)
    list(APPEND lenet_optional_parts LENET_MICROHTTPD=1)
else()
    list(APPEND lenet_optional_parts LENET_MICROHTTPD=0)
endif()
