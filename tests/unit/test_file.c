/* SPDX-License-Identifier: MIT */
/*
 * test_file.c - files in and out: what is no regular file is refused and does not block, a file is written whole or not at all, and
 * a system call that fails ends the work with its reason.
 */
#include "util/file.h"
#include "util/memory.h"
#include "data_files.h"
#include "lab/data/fetch.h"
#include "util/file.h"
#include "lab/data/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int fstat_fails; /* so often from now on */

/* Takes the place of the C library's. */
int fstat(int fd, struct stat *about)
{
    if (fstat_fails > 0) {
        fstat_fails--;
        errno = EIO;
        return -1;
    }
    return fstatat(fd, "", about, AT_EMPTY_PATH);
}

static int entries_left = -1; /* of folders, until reading on fails; below 0: it does not */

struct dirent *readdir(DIR *folder)
{
    if (!entries_left) {
        errno = EIO;
        return NULL;
    }
    entries_left -= entries_left > 0;
    return (struct dirent *)(void *)readdir64(folder); /* the same, where a file's size has 64 bits anyway */
}

/* A folder with a file `old` in it. */
typedef struct scene {
    char *folder, path[256];
    lenet_error error;
} scene;

static int set_up(void **state)
{
    scene *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->folder = make_folder();
    snprintf(s->path, sizeof s->path, "%s/old", s->folder);
    put(s->folder, "old", bytes_copy("old", 3));
    alarm(60); /* a loop for ever fails */
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    fstat_fails = 0;
    entries_left = -1;
    alarm(0);
    remove_folder(s->folder);
    free(s);
    return 0;
}

static void expect_content(const char *path, const char *content)
{
    unsigned char *data = NULL;
    size_t size = 0;
    assert_int_equal(ln_read_file(path, 100, &data, &size, NULL), LENET_OK);
    assert_string_equal((const char *)data, content);
    assert_int_equal(size, strlen(content));
    ln_free(data);
}

static void expect_reason(const scene *s, const char *path, const char *reason)
{
    if (strncmp(s->error.text, path, strlen(path)) != 0 || !strstr(s->error.text, reason))
        fail_msg("'%s' is not about %s, or does not say '%s'", s->error.text, path, reason);
}

/* ---------------------------------------------------------------------------------------------------------- reading */

static void refuse_reading(scene *s, const char *path, lenet_status status, const char *reason)
{
    unsigned char *data = NULL;
    size_t size = 77;
    assert_int_equal(ln_read_file(path, 100, &data, &size, &s->error), status);
    expect_reason(s, path, reason);
    assert_null(data);
    assert_int_equal(size, 77);
}

static void only_regular_files_are_read(void **state)
{
    scene *s = *state;
    char fifo[300];
    snprintf(fifo, sizeof fifo, "%s/fifo", s->folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    refuse_reading(s, fifo, LENET_INPUT, "not a regular file");
    refuse_reading(s, s->folder, LENET_INPUT, "not a regular file");
    refuse_reading(s, "/dev/null", LENET_INPUT, "not a regular file");
    refuse_reading(s, "/tmp/lenet-no-such-file", LENET_INPUT, "No such file");
    expect_content(s->path, "old");
}

static void the_reason_of_the_system_is_kept(void **state)
{
    scene *s = *state;
    put_zeros(s->folder, "large", 101);
    char large[300];
    snprintf(large, sizeof large, "%s/large", s->folder);
    refuse_reading(s, large, LENET_INPUT, "101 bytes, more than the 100");
    fstat_fails = 2;
    refuse_reading(s, s->path, LENET_IO, strerror(EIO));
}

/* A part of a folder would be a smaller data set, without a word. */
static void a_folder_is_read_to_its_end(void **state)
{
    scene *s = *state;
    lenet_dataset *train = NULL, *test = NULL;
    char data[300];
    for (int i = 0; i < 6; i++) {
        char name[64];
        snprintf(name, sizeof name, "images/%d/%d.png", i / 2, i);
        put(s->folder, name, bytes_copy("no image", 8));
    }
    snprintf(data, sizeof data, "%s/images", s->folder);
    for (int left = 0; left < 15; left++) { /* 3 classes, then 2 files in each, "." and ".." in all */
        entries_left = left;
        assert_int_equal(lab_data_open(&train, &test, data, NULL, NULL, NULL, &s->error), LENET_IO);
        expect_reason(s, data, strerror(EIO));
    }
    entries_left = -1;
    assert_int_equal(lab_data_open(&train, &test, data, NULL, NULL, NULL, &s->error), LENET_INPUT);
}

/* ---------------------------------------------------------------------------------------------------------- writing */

static void writing_ends_where_a_file_cannot_be_looked_at(void **state)
{
    scene *s = *state;
    fstat_fails = 1000000;
    assert_int_equal(ln_write_file(s->path, "new", 3, &s->error), LENET_IO);
    fstat_fails = 0;
    expect_reason(s, s->path, strerror(EIO));
    expect_content(s->path, "old");
    assert_int_equal(unlink(s->path), 0);
    assert_int_equal(rmdir(s->folder), 0); /* and nothing was left */
    assert_int_equal(mkdir(s->folder, 0700), 0);
}

/* Someone else made what a temporary file is going to be called: a link to a file that is not ours to change. */
static void temporary_files_are_new(void **state)
{
    scene *s = *state;
    char victim[300], name[400];
    put(s->folder, "victim", bytes_copy("victim", 6));
    snprintf(victim, sizeof victim, "%s/victim", s->folder);
    for (int i = -1; i < 3; i++) {
        const int length = snprintf(name, sizeof name, "%s.%ld", s->path, (long)getpid());
        snprintf(name + length, sizeof name - (size_t)length, i < 0 ? ".tmp" : "%02d.tmp", i);
        assert_int_equal(i % 2 ? link(victim, name) : symlink(victim, name), 0);
    }
    assert_int_equal(ln_write_file(s->path, "new", 3, &s->error), LENET_OK);
    expect_content(s->path, "new");
    expect_content(victim, "victim");
}

/* ------------------------------------------------------------------------------------------------------- downloading */

static lenet_status accept_all(void *context, const char *part, lenet_error *error)
{
    (void)context, (void)part, (void)error;
    return LENET_OK;
}

static void a_download_ends_where_its_file_cannot_be_looked_at(void **state)
{
    scene *s = *state;
    const char *const urls[] = {"http://127.0.0.1:9/old", NULL};
    const lab_fetch fetch = {.urls = urls, .path = s->path, .verify = accept_all};
    char part[300];
    snprintf(part, sizeof part, "%s.part", s->path);
    fstat_fails = 1000000;
    assert_int_equal(lab_fetch_file(&fetch, &s->error), LENET_IO);
    fstat_fails = 0;
    expect_reason(s, part, strerror(EIO));
    unlink(part);
    assert_int_equal(mkfifo(part, 0600), 0);
    assert_int_equal(lab_fetch_file(&fetch, &s->error), LENET_IO);
    expect_reason(s, part, "not a regular file");
    expect_content(s->path, "old");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_regular_files_are_read),
        TEST(the_reason_of_the_system_is_kept),
        TEST(a_folder_is_read_to_its_end),
        TEST(writing_ends_where_a_file_cannot_be_looked_at),
        TEST(temporary_files_are_new),
        TEST(a_download_ends_where_its_file_cannot_be_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
