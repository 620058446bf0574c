/* SPDX-License-Identifier: MIT */
/*
 * decode.c - image files: their format by their first bytes, and from what is stored to what is seen. The readers of
 * single formats are in files of their own; see codec.h.
 */
#include "lab/pictures/decode.h"

#include "lab/pictures/codec.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <string.h>
#include <strings.h>

/* ------------------------------------------------------------------------------------------------------- formats */

typedef struct format {
    const char *name;
    size_t length;
    const char *begins; /* the first `length` bytes of a file; '?' is any byte */
    lenet_status (*decode)(lab_stored *stored, const lab_coded *file); /* NULL: this build has no reader */
    const char *package;                                               /* with which it would have one */
} format;

#if LENET_GIF
#define GIF lab_gif_decode
#else
#define GIF NULL
#endif
#if LENET_TIFF
#define TIFF lab_tiff_decode
#else
#define TIFF NULL
#endif
#if LENET_WEBP
#define WEBP lab_webp_decode
#else
#define WEBP NULL
#endif

static const format formats[] = {
    {"PNG", 8, "\x89PNG\r\n\x1a\n", lab_png_decode, NULL},
    {"JPEG", 3, "\xff\xd8\xff", lab_jpeg_decode, NULL},
    {"BMP", 18, "BM?????????????\0\0\0", lab_bmp_decode, NULL}, /* the header has fewer than 256 bytes */
    {"GIF", 6, "GIF87a", GIF, "libgif-dev"},
    {"GIF", 6, "GIF89a", GIF, "libgif-dev"},
    {"TIFF", 4, "II*\0", TIFF, "libtiff-dev"},
    {"TIFF", 4, "MM\0*", TIFF, "libtiff-dev"},
    {"TIFF", 4, "II+\0", TIFF, "libtiff-dev"}, /* of more than 4 GB */
    {"TIFF", 4, "MM\0+", TIFF, "libtiff-dev"},
    {"WebP", 12, "RIFF????WEBP", WEBP, "libwebp-dev"},
};
enum { FORMATS = sizeof formats / sizeof *formats };

static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", NULL};

const char *lab_image_format(size_t index, bool *is_readable)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (i && !strcmp(formats[i].name, formats[i - 1].name))
            continue;
        if (index-- == 0) {
            *is_readable = formats[i].decode != NULL;
            return formats[i].name;
        }
    }
    return NULL;
}

bool lab_image_is_named(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (const char *const *suffix = suffixes; dot && *suffix; suffix++)
        if (!strcasecmp(dot, *suffix))
            return true;
    return false;
}

static const format *find_format(const lab_coded *file)
{
    for (size_t i = 0; i < FORMATS; i++) {
        size_t same = 0;
        while (same < formats[i].length && same < file->size &&
               (formats[i].begins[same] == '?' || (uint8_t)formats[i].begins[same] == file->data[same]))
            same++;
        if (same == formats[i].length)
            return &formats[i];
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------------------------- files */

lenet_status lab_image_decode(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error)
{
    const lab_coded file = {data, size, path, error};
    const format *f = find_format(&file);
    if (!f)
        return ln_fail(error, LENET_INPUT,
                       size ? "%s: not a PNG, JPEG, BMP, GIF, TIFF or WebP image" : "%s: the file is empty", path);
    if (!f->decode)
        return ln_fail(error, LENET_FAILURE, "%s: this build of lenet cannot read %s; install %s and build again", path,
                       f->name, f->package);
    lab_stored stored = {.orientation = 1};
    lenet_status status = f->decode(&stored, &file);
    if (!status) {
        lab_lay_on_ground(&stored.image);
        status = lab_turn(&stored.image, stored.orientation, path, error);
    }
    if (status)
        lab_image_close(&stored.image);
    else
        *image = stored.image;
    return status;
}

lenet_status lab_image_read(lab_image *image, const char *path, lenet_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0;
    lenet_status status = ln_read_file(path, LAB_IMAGE_BYTES, &data, &size, error);
    if (!status)
        status = lab_image_decode(image, data, size, path, error);
    ln_free(data);
    return status;
}
