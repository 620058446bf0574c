/* SPDX-License-Identifier: MIT */
/*
 * inflate.c - gzip by libdeflate, which inflates whole buffers about twice as fast as zlib streams them.
 *
 * What always holds: no more memory is taken than the content may be long, whatever a file claims, so a bomb
 * cannot grow; and what is accepted is exactly one gzip member, checksum and length verified.
 */
#include "data/inflate.h"

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <libdeflate.h>

enum { BEST_RATIO = 1032 }; /* deflate's shortest code, 2 bits, stands for 258 bytes at most */

int ln_is_gzip(const unsigned char *data, size_t size) { return size >= 2 && data[0] == 0x1f && data[1] == 0x8b; }

/*
 * How long the content says that it is: gzip's last four bytes, little-endian, modulo 2^32. Only a hint for
 * the first try, since these bytes are not the trailer if something follows it.
 */
static size_t claimed_size(const unsigned char *packed, size_t size)
{
    const unsigned char *end = packed + size;
    return size < 4 ? 0 : end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
}

typedef struct inflation {
    unsigned char *data;
    size_t size;
    size_t consumed; /* of the packed bytes */
} inflation;

static lenet_status inflate_into(const char *path, const unsigned char *packed, size_t packed_size, size_t capacity,
                                 inflation *out, enum libdeflate_result *result, lenet_error *error)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    unsigned char *data = ln_alloc(capacity + 1, 1);
    if (!decompressor || !data) {
        libdeflate_free_decompressor(decompressor);
        ln_free(data);
        return ln_fail_memory(error, path, capacity + 1);
    }
    *result =
        libdeflate_gzip_decompress_ex(decompressor, packed, packed_size, data, capacity, &out->consumed, &out->size);
    libdeflate_free_decompressor(decompressor);
    if (*result == LIBDEFLATE_SUCCESS)
        out->data = data;
    else
        ln_free(data);
    return LENET_OK;
}

static lenet_status say_what_follows(const char *path, const unsigned char *rest, size_t size, lenet_error *error)
{
    if (ln_is_gzip(rest, size))
        return ln_fail(error, LENET_INPUT, "%s: several gzip files in one (concatenated members); only one is accepted",
                       path);
    return ln_fail(error, LENET_INPUT, "%s: %zu bytes of garbage after the end of the gzip data", path, size);
}

lenet_status ln_inflate(const char *path, const unsigned char *packed, size_t packed_size, size_t limit,
                        unsigned char **data, size_t *size, lenet_error *error)
{
    const size_t claimed = claimed_size(packed, packed_size);
    const size_t most = packed_size < limit / BEST_RATIO ? packed_size * BEST_RATIO : limit;
    const size_t capacity = claimed < most ? claimed : most;
    inflation out = {NULL, 0, 0};
    enum libdeflate_result result = LIBDEFLATE_BAD_DATA;
    lenet_status status = inflate_into(path, packed, packed_size, capacity, &out, &result, error);
    if (!status && result == LIBDEFLATE_INSUFFICIENT_SPACE && capacity < most) /* the hint was wrong: find out why */
        status = inflate_into(path, packed, packed_size, most, &out, &result, error);
    if (status)
        return status;
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
        return ln_fail(error, LENET_INPUT, "%s: unpacks to more than the %zu bytes that such a file has", path, limit);
    if (result != LIBDEFLATE_SUCCESS)
        return ln_fail(error, LENET_INPUT, "%s: damaged gzip file: truncated, or its checksum does not match", path);
    if (out.consumed != packed_size) {
        ln_free(out.data);
        return say_what_follows(path, packed + out.consumed, packed_size - out.consumed, error);
    }
    *data = out.data;
    *size = out.size;
    return LENET_OK;
}

lenet_status ln_load_packed(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error)
{
    const size_t slack =
        limit / 16 + 4096; /* deflate adds 5 bytes to each 64 KiB that it cannot compress, gzip a name */
    return ln_read_file(path, limit > SIZE_MAX - slack ? SIZE_MAX : limit + slack, data, size, error);
}

lenet_status ln_load(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error)
{
    unsigned char *packed = NULL;
    size_t packed_size = 0;
    lenet_status status = ln_load_packed(path, limit, &packed, &packed_size, error);
    if (status)
        return status;
    if (!ln_is_gzip(packed, packed_size)) {
        *data = packed;
        *size = packed_size;
        return LENET_OK;
    }
    status = ln_inflate(path, packed, packed_size, limit, data, size, error);
    ln_free(packed);
    return status;
}
