/* SPDX-License-Identifier: MIT */
/*
 * image.c - image files: what they are, and PNG in and out.
 *
 * libpng decodes, but it stops at the last pixel and never sees a file that lacks its end. So the file's frame is
 * walked first:
 *
 *     signature 8 bytes | chunk: u32 length, 4 letters, data, u32 CRC-32 of letters and data | ... | chunk IEND
 *
 * Only a file whose every chunk is whole and ends in IEND goes on to libpng. jpeg.c has the other format.
 */
#include "lab/image.h"

#include "lab/error.h"
#include "lab/jpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t png_signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static lenet_status check_size(int width, int height, const char *path, lenet_error *error)
{
    if (width < 1 || height < 1)
        return lab_fail(error, LENET_INPUT, "%s: an image of %d x %d pixels", path, width, height);
    if ((uint64_t)width * (uint64_t)height > LAB_IMAGE_PIXELS)
        return lab_fail(error, LENET_INPUT, "%s: %d x %d pixels, more than the %d million that an image can have here",
                        path, width, height, LAB_IMAGE_PIXELS / 1000000);
    return LENET_OK;
}

lenet_status lab_image_create(lab_image *image, int width, int height, int channels, const char *path,
                              lenet_error *error)
{
    const lenet_status status = check_size(width, height, path, error);
    if (status)
        return status;
    uint8_t *pixels = calloc((size_t)width * (size_t)height, (size_t)channels);
    if (!pixels)
        return lab_fail(error, LENET_FAILURE, "%s: out of memory for %d x %d pixels", path, width, height);
    *image = (lab_image){width, height, channels, pixels};
    return LENET_OK;
}

void lab_image_close(lab_image *image)
{
    free(image->pixels);
    *image = (lab_image){0, 0, 0, NULL};
}

/* ----------------------------------------------------------------------------------------------------------- PNG */

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The frame of the file: see above. A chunk's letters are printed only where they are letters. */
static lenet_status check_png_frame(const uint8_t *data, size_t size, const char *path, lenet_error *error)
{
    for (size_t at = sizeof png_signature;;) {
        if (size - at < 12)
            return lab_fail(error, LENET_INPUT, "%s: truncated: the PNG ends at byte %zu without its end mark", path,
                            size);
        const uint32_t length = big_endian(data + at);
        const uint8_t *name = data + at + 4;
        for (int i = 0; i < 4; i++)
            if ((name[i] | 0x20) < 'a' || (name[i] | 0x20) > 'z')
                return lab_fail(error, LENET_INPUT, "%s: damaged: no PNG chunk at byte %zu", path, at);
        if (length > size - at - 12)
            return lab_fail(error, LENET_INPUT,
                            "%s: truncated: %zu bytes are missing in the PNG's chunk %.4s at byte %zu", path,
                            (size_t)length - (size - at - 12), (const char *)name, at);
        if (libdeflate_crc32(0, name, 4 + (size_t)length) != big_endian(name + 4 + length))
            return lab_fail(error, LENET_INPUT, "%s: damaged: wrong CRC of the PNG's chunk %.4s at byte %zu", path,
                            (const char *)name, at);
        if (at == sizeof png_signature && (memcmp(name, "IHDR", 4) != 0 || length != 13))
            return lab_fail(error, LENET_INPUT, "%s: damaged: the PNG does not begin with its header", path);
        if (!memcmp(name, "IEND", 4))
            return LENET_OK;
        at += 12 + (size_t)length;
    }
}

static lenet_status decode_png(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error)
{
    lenet_status status = check_png_frame(data, size, path, error);
    if (status)
        return status;
    /* From the header, before libpng is asked to think about them. */
    const uint32_t width = big_endian(data + 16), height = big_endian(data + 20);
    if (width > INT32_MAX || height > INT32_MAX)
        return lab_fail(error, LENET_INPUT, "%s: damaged: a PNG of %u x %u pixels", path, width, height);
    status = check_size((int)width, (int)height, path, error);
    if (status)
        return status;
    png_image png = {.version = PNG_IMAGE_VERSION};
    lab_image made = {0, 0, 0, NULL};
    if (png_image_begin_read_from_memory(&png, data, size))
        status =
            lab_image_create(&made, (int)width, (int)height, png.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1, path, error);
    else
        status = lab_fail(error, LENET_INPUT, "%s: damaged PNG: %s", path, png.message);
    if (!status) {
        const png_color white = {255, 255, 255};
        png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* or 16-bit files that do not say would be taken for linear light */
        png.format = made.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
        if (!png_image_finish_read(&png, &white, made.pixels, 0, NULL))
            status = lab_fail(error, LENET_INPUT, "%s: damaged PNG: %s", path, png.message);
    }
    png_image_free(&png);
    if (status)
        lab_image_close(&made);
    else
        *image = made;
    return status;
}

lenet_status lab_image_write(const lab_image *image, const char *path, lenet_error *error)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)image->width,
                     .height = (png_uint_32)image->height,
                     .format = image->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    uint8_t *data = malloc(size);
    if (!data)
        return lab_fail(error, LENET_FAILURE, "%s: out of memory", path);
    lenet_status status = LENET_OK;
    if (png_image_write_to_memory(&png, data, &size, 0, image->pixels, 0, NULL))
        status = lenet_write_file(path, data, size, error);
    else
        status = lab_fail(error, LENET_FAILURE, "%s: cannot be made: %s", path, png.message);
    free(data);
    return status;
}

/* --------------------------------------------------------------------------------------------------------- files */

lenet_status lab_image_decode(lab_image *image, const uint8_t *data, size_t size, const char *path, lenet_error *error)
{
    if (size >= sizeof png_signature && !memcmp(data, png_signature, sizeof png_signature))
        return decode_png(image, data, size, path, error);
    if (size >= 3 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff)
        return lab_jpeg_decode(image, data, size, path, error);
    if (size == 0)
        return lab_fail(error, LENET_INPUT, "%s: the file is empty", path);
    return lab_fail(error, LENET_INPUT, "%s: not a PNG or JPEG image", path);
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
        return lab_fail(error, LENET_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(file.st_mode))
        return lab_fail(error, LENET_INPUT, "%s: not a file", path);
    if (file.st_size > LAB_IMAGE_BYTES)
        return lab_fail(error, LENET_INPUT, "%s: %jd bytes, more than an image can have here", path,
                        (intmax_t)file.st_size);
    const size_t size = (size_t)file.st_size;
    uint8_t *data = malloc(size + 1);
    if (!data)
        return lab_fail(error, LENET_FAILURE, "%s: out of memory for %zu bytes", path, size);
    const ssize_t got = read_fully(fd, data, size);
    const lenet_status status = got < 0 ? lab_fail(error, LENET_IO, "%s: reading failed: %s", path, strerror(errno))
                                        : lab_image_decode(image, data, (size_t)got, path, error);
    free(data);
    return status;
}

lenet_status lab_image_read(lab_image *image, const char *path, lenet_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */
    if (fd < 0)
        return lab_fail(error, LENET_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    const lenet_status status = read_and_decode(image, fd, path, error);
    close(fd);
    return status;
}
