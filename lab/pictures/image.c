/* SPDX-License-Identifier: MIT */
/*
 * image.c - image files: what they are, by their first bytes, and from what is stored to what is seen. The readers of
 * single formats are in files of their own; see codec.h.
 */
#include "lab/pictures/image.h"

#include "lab/pictures/codec.h"
#include "util/error.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* -------------------------------------------------------------------------------------------------------- memory */

lenet_status lab_check_size(int64_t width, int64_t height, const char *path, lenet_error *error)
{
    if (width < 1 || height < 1)
        return ln_fail(error, LENET_INPUT, "%s: damaged: an image of %jd x %jd pixels", path, (intmax_t)width,
                        (intmax_t)height);
    if (width > LAB_IMAGE_PIXELS || height > LAB_IMAGE_PIXELS || width * height > LAB_IMAGE_PIXELS)
        return ln_fail(error, LENET_INPUT,
                        "%s: %jd x %jd pixels, more than the %d million that an image can have here", path,
                        (intmax_t)width, (intmax_t)height, LAB_IMAGE_PIXELS / 1000000);
    return LENET_OK;
}

lenet_status lab_image_create(lab_image *image, int width, int height, int channels, const char *path,
                              lenet_error *error)
{
    const lenet_status status = lab_check_size(width, height, path, error);
    if (status)
        return status;
    uint8_t *pixels = calloc((size_t)width * (size_t)height, (size_t)channels);
    if (!pixels)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory for %d x %d pixels", path, width, height);
    *image = (lab_image){width, height, channels, pixels};
    return LENET_OK;
}

void lab_image_close(lab_image *image)
{
    free(image->pixels);
    *image = (lab_image){0, 0, 0, NULL};
}

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
        return ln_fail(error, LENET_FAILURE, "%s: this build of lenet cannot read %s; install %s and build again",
                        path, f->name, f->package);
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

/* Reads until `size` bytes are there or the file ends; -1: errno. */
static ssize_t read_fully(int fd, uint8_t *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const ssize_t got = read(fd, data + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static lenet_status read_and_decode(lab_image *image, int fd, const char *path, lenet_error *error)
{
    struct stat file;
    if (fstat(fd, &file))
        return ln_fail(error, LENET_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(file.st_mode))
        return ln_fail(error, LENET_INPUT, "%s: not a file", path);
    if (file.st_size > LAB_IMAGE_BYTES)
        return ln_fail(error, LENET_INPUT, "%s: %jd bytes, more than an image can have here", path,
                        (intmax_t)file.st_size);
    const size_t size = (size_t)file.st_size;
    uint8_t *data = malloc(size + 1);
    if (!data)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory for %zu bytes", path, size);
    const ssize_t got = read_fully(fd, data, size);
    const lenet_status status = got < 0 ? ln_fail(error, LENET_IO, "%s: reading failed: %s", path, strerror(errno))
                                        : lab_image_decode(image, data, (size_t)got, path, error);
    free(data);
    return status;
}

lenet_status lab_image_read(lab_image *image, const char *path, lenet_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */
    if (fd < 0)
        return ln_fail(error, ln_status_of(errno), "%s: cannot be opened: %s", path, strerror(errno));
    const lenet_status status = read_and_decode(image, fd, path, error);
    close(fd);
    return status;
}
