/* SPDX-License-Identifier: MIT */
/* parts.c - asking each library for its version, for `lenet --version` and `lenet info`. */
#include "cli/parts.h"

#include <stdio.h> /* before jpeglib.h, which needs it */

#include <archive.h>
#include <curl/curl.h>
#include <jansson.h>
#include <jpeglib.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <png.h>
#include <yaml.h>

#define TEXT_OF(tokens)  #tokens
#define TEXT_OF_2(macro) TEXT_OF(macro)

#ifdef LIBJPEG_TURBO_VERSION
#define JPEG_NAME    "libjpeg-turbo"
#define JPEG_VERSION TEXT_OF_2(LIBJPEG_TURBO_VERSION)
#else
#define JPEG_NAME    "libjpeg"
#define JPEG_VERSION TEXT_OF_2(JPEG_LIB_VERSION)
#endif

/* libarchive calls itself by name and version: "libarchive 3.6.2". */
static const char *archive_version(void)
{
    static const char prefix[] = "libarchive ";
    const char *text = archive_version_string();
    return text + (sizeof prefix - 1);
}

part part_at(size_t index)
{
    switch (index) {
    case 0: return (part){"jansson", jansson_version_str()};
    case 1: return (part){"libarchive", archive_version()};
    case 2: return (part){"libcrypto", OpenSSL_version(OPENSSL_VERSION_STRING)};
    case 3: return (part){"libcurl", curl_version_info(CURLVERSION_NOW)->version};
    case 4: return (part){"libdeflate", LIBDEFLATE_VERSION_STRING};
    case 5: return (part){JPEG_NAME, JPEG_VERSION};
    case 6: return (part){"libpng", png_get_libpng_ver(NULL)};
    case 7: return (part){"libyaml", yaml_get_version_string()};
    default: return (part){NULL, NULL};
    }
}

const char *compiler_name(void)
{
#if defined(__clang__)
    return "clang " TEXT_OF_2(__clang_major__) "." TEXT_OF_2(__clang_minor__) "." TEXT_OF_2(__clang_patchlevel__);
#else
    return "gcc " TEXT_OF_2(__GNUC__) "." TEXT_OF_2(__GNUC_MINOR__) "." TEXT_OF_2(__GNUC_PATCHLEVEL__);
#endif
}

const char *source_commit(void)
{
    static const char commit[] = LENET_COMMIT; /* from CMakeLists.txt */
    return *commit ? commit : NULL;
}
