/* SPDX-License-Identifier: MIT */
/* data_files.c - see data_files.h. */
#include "data_files.h"

#include <errno.h>
#include <ftw.h>
#include <libdeflate.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

bytes bytes_new(size_t size)
{
    bytes made = {calloc(size ? size : 1, 1), size};
    assert_non_null(made.data);
    return made;
}

bytes bytes_copy(const void *data, size_t size)
{
    const bytes made = bytes_new(size);
    memcpy(made.data, data, size);
    return made;
}

bytes bytes_append(bytes a, bytes b)
{
    const bytes made = bytes_new(a.size + b.size);
    memcpy(made.data, a.data, a.size);
    memcpy(made.data + a.size, b.data, b.size);
    free(a.data);
    free(b.data);
    return made;
}

bytes make_idx(int rank, const uint32_t *dimensions, unsigned modulus)
{
    size_t size = 1;
    for (int i = 0; i < rank; i++)
        size *= dimensions[i];
    const size_t header = 4 + 4 * (size_t)rank;
    const bytes made = bytes_new(header + size);
    made.data[2] = 0x08;
    made.data[3] = (unsigned char)rank;
    for (size_t i = 0; i < 4 * (size_t)rank; i++)
        made.data[4 + i] = (unsigned char)(dimensions[i / 4] >> (24 - 8 * (i % 4)) & 0xff);
    for (size_t i = 0; i < size; i++)
        made.data[header + i] = (unsigned char)(i % modulus);
    return made;
}

bytes gzip(bytes content)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(1);
    assert_non_null(compressor);
    const bytes room = bytes_new(libdeflate_gzip_compress_bound(compressor, content.size));
    const size_t size = libdeflate_gzip_compress(compressor, content.data, content.size, room.data, room.size);
    libdeflate_free_compressor(compressor);
    assert_true(size > 0);
    const bytes packed = bytes_copy(room.data, size);
    free(room.data);
    free(content.data);
    return packed;
}

/* The old tar header (POSIX ustar): text fields, numbers in octal, and a sum over all with its own field as blanks. */
bytes tar_member(const char *path, char type, const char *link, uint64_t claimed, bytes content)
{
    const bytes made = bytes_new(512 + (content.size + 511) / 512 * 512);
    char *header = (char *)made.data;
    snprintf(header, 100, "%s", path);
    snprintf(header + 100, 8, "%07o", 0644u);
    snprintf(header + 108, 8, "%07o", 0u);
    snprintf(header + 116, 8, "%07o", 0u);
    snprintf(header + 124, 12, "%011llo", (unsigned long long)claimed);
    snprintf(header + 136, 12, "%011o", 0u);
    memset(header + 148, ' ', 8);
    header[156] = type;
    snprintf(header + 157, 100, "%s", link);
    memcpy(header + 257, "ustar\00000", 8);
    unsigned sum = 0;
    for (int i = 0; i < 512; i++)
        sum += made.data[i];
    snprintf(header + 148, 8, "%06o", sum);
    memcpy(made.data + 512, content.data, content.size);
    free(content.data);
    return made;
}

bytes tar_end(void) { return bytes_new(1024); }

char *make_folder(void)
{
    const char *parent = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/lenet-test-XXXXXX", parent && *parent ? parent : "/tmp");
    assert_non_null(mkdtemp(path));
    char *folder = strdup(path);
    assert_non_null(folder);
    return folder;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void remove_folder(char *folder)
{
    assert_int_equal(nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(folder);
}

/* FOLDER/NAME open for writing, with the folders between. */
static FILE *open_in(const char *folder, const char *name, const char *mode)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        assert_true(mkdir(path, 0777) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(path, mode);
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    return file;
}

void put(const char *folder, const char *name, bytes content)
{
    FILE *file = open_in(folder, name, "wb");
    assert_int_equal(fwrite(content.data, 1, content.size, file), content.size);
    assert_int_equal(fclose(file), 0);
    free(content.data);
}

void put_zeros(const char *folder, const char *name, size_t size)
{
    FILE *file = open_in(folder, name, "wb");
    assert_int_equal(ftruncate(fileno(file), (off_t)size), 0);
    assert_int_equal(fclose(file), 0);
}

void poke(const char *folder, const char *name, size_t offset, unsigned char value)
{
    FILE *file = open_in(folder, name, "r+b");
    assert_int_equal(fseek(file, (long)offset, SEEK_SET), 0);
    assert_int_equal(fputc(value, file), value);
    assert_int_equal(fclose(file), 0);
}
