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

#if LENET_MICROHTTPD
#include <microhttpd.h>
#endif
#if LENET_GIF
#include <gif_lib.h>
#endif
#if LENET_TIFF
#include <tiffio.h>
#endif
#if LENET_WEBP
#include <webp/decode.h>
#endif

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

#if LENET_GIF
#define GIF_VERSION TEXT_OF_2(GIFLIB_MAJOR) "." TEXT_OF_2(GIFLIB_MINOR) "." TEXT_OF_2(GIFLIB_RELEASE)
#else
#define GIF_VERSION NULL
#endif
#if LENET_MICROHTTPD
#define MICROHTTPD_VERSION MHD_get_version()
#else
#define MICROHTTPD_VERSION NULL
#endif
/* libtiff calls itself "LIBTIFF, Version 4.5.0", and a copyright follows. NULL: it is not in this build. */
static const char *tiff_version(char text[16])
{
#if LENET_TIFF
    return sscanf(TIFFGetVersion(), "LIBTIFF, Version %15[0-9.]", text) == 1 ? text : "unknown";
#else
    (void)text;
    return NULL;
#endif
}

static const char *webp_version(char text[16])
{
#if LENET_WEBP
    const int version = WebPGetDecoderVersion();
    snprintf(text, 16, "%d.%d.%d", version >> 16 & 255, version >> 8 & 255, version & 255);
    return text;
#else
    (void)text;
    return NULL;
#endif
}

part part_at(size_t index)
{
    static char tiff[16], webp[16];
    const part all[] = {
        {"giflib", GIF_VERSION},
        {"jansson", jansson_version_str()},
        {"libarchive", archive_version()},
        {"libcrypto", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"libcurl", curl_version_info(CURLVERSION_NOW)->version},
        {"libdeflate", LIBDEFLATE_VERSION_STRING},
        {JPEG_NAME, JPEG_VERSION},
        {"libmicrohttpd", MICROHTTPD_VERSION},
        {"libpng", png_get_libpng_ver(NULL)},
        {"libtiff", tiff_version(tiff)},
        {"libwebp", webp_version(webp)},
        {"libyaml", yaml_get_version_string()},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].version && index-- == 0)
            return all[i];
    return (part){NULL, NULL};
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
