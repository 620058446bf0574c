/* SPDX-License-Identifier: MIT */
/*
 * file.c - reading a file whole, and replacing one so that a crash leaves the old content or the new, never a
 * mixture: write a temporary file in the same folder, fsync it, rename it over the target, fsync the folder.
 */
#include "util/file.h"

#include "util/error.h"
#include "util/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static lenet_status read_all(int fd, const char *path, unsigned char *data, size_t size, lenet_error *error)
{
    size_t done = 0;
    while (done < size) {
        const ssize_t got = read(fd, data + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ln_fail(error, LENET_IO, "%s: reading failed: %s", path, strerror(errno));
        if (got == 0)
            return ln_fail(error, LENET_INPUT, "%s: the file shrank while it was read", path);
        done += (size_t)got;
    }
    return LENET_OK;
}

static lenet_status read_open_file(int fd, const char *path, size_t limit, unsigned char **data, size_t *size,
                                   lenet_error *error)
{
    struct stat status;
    if (fstat(fd, &status))
        return ln_fail(error, LENET_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return ln_fail(error, LENET_INPUT, "%s: not a regular file", path);
    if ((uintmax_t)status.st_size > limit)
        return ln_fail(error, LENET_INPUT, "%s: %jd bytes, more than the %zu that such a file can have", path,
                       (intmax_t)status.st_size, limit);
    const size_t bytes = (size_t)status.st_size;
    unsigned char *content = ln_alloc(bytes + 1, 1);
    if (!content)
        return ln_fail_memory(error, path, bytes + 1);
    const lenet_status failed = read_all(fd, path, content, bytes, error);
    if (failed) {
        ln_free(content);
        return failed;
    }
    *data = content;
    *size = bytes;
    return LENET_OK;
}

lenet_status ln_status_of(int reason)
{
    switch (reason) {
    case ENOMEM: return LENET_FAILURE;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EACCES:
    case EPERM:
    case ENXIO: /* a FIFO or a socket */ return LENET_INPUT;
    default: return LENET_IO;
    }
}

lenet_status ln_read_file(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block */
    if (fd < 0)
        return ln_fail(error, ln_status_of(errno), "%s: cannot be opened: %s", path, strerror(errno));
    const lenet_status status = read_open_file(fd, path, limit, data, size, error);
    close(fd);
    return status;
}

static int write_all(int fd, const unsigned char *data, size_t size)
{
    while (size) {
        const ssize_t put = write(fd, data, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        data += put;
        size -= (size_t)put;
    }
    return 0;
}

/*
 * Makes a rename in the folder of `path` durable. Some file systems refuse fsync on a folder: nothing more
 * can be done there.
 */
static void sync_folder_of(const char *path)
{
    char *folder = ln_copy_string(path);
    if (!folder)
        return;
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    const int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    ln_free(folder);
}

/* Whether the open file still has this name: 1, 0, or -1 if that cannot be known: errno. */
static int is_same_file(int fd, int folder, const char *name)
{
    struct stat open_file, named;
    if (fstat(fd, &open_file))
        return -1;
    if (fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : -1;
    return open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

/*
 * Removes the entry if it is a temporary file of `name` that no process writes any more: a writer holds its
 * lock.
 */
static void remove_if_left(int folder, const char *entry, const char *name)
{
    const size_t length = strlen(name);
    if (strncmp(entry, name, length) || entry[length] != '.')
        return;
    const char *rest = entry + length + 1;
    rest += strspn(rest, "0123456789");
    if (rest == entry + length + 1 || strcmp(rest, ".tmp"))
        return;
    const int fd = openat(folder, entry, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (!flock(fd, LOCK_EX | LOCK_NB) && is_same_file(fd, folder, entry) == 1)
        unlinkat(folder, entry, 0);
    close(fd);
}

void ln_remove_leftovers(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *place = slash ? ln_copy_string(path) : NULL;
    if (place)
        place[slash - path + 1] = '\0';
    DIR *folder = opendir(place ? place : ".");
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        remove_if_left(dirfd(folder), entry->d_name, name);
    if (folder)
        closedir(folder);
    ln_free(place);
}

/*
 * Makes a new file of this name and locks it, as far as the file system knows locks; -1: errno, EEXIST if it
 * has the name no more.
 */
static int create_locked(const char *name)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    while (flock(fd, LOCK_EX) && errno == EINTR)
        ;
    const int same = is_same_file(fd, AT_FDCWD, name);
    if (same == 1)
        return fd;
    const int reason = same ? errno : EEXIST;
    if (same)
        unlink(name);
    close(fd);
    errno = reason;
    return -1;
}

/*
 * A new temporary file PATH.NUMBER.tmp. NUMBER is the process's with two digits after it: the name may be
 * taken by another thread, by a process of another PID namespace, or by what a killed process left; and
 * between its making and its locking another process may take it for such a leftover. *name (of `capacity`
 * bytes) receives it. -1: errno.
 */
static int open_temporary(const char *path, char *name, size_t capacity)
{
    enum { MOST_TRIES = 100 };
    for (int i = 0; i < MOST_TRIES; i++) {
        snprintf(name, capacity, "%s.%ld%02d.tmp", path, (long)getpid(), i);
        const int fd = create_locked(name);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

lenet_status ln_write_file(const char *path, const void *data, size_t size, lenet_error *error)
{
    const size_t capacity = strlen(path) + 32;
    char *temporary = ln_alloc(capacity, 1);
    if (!temporary)
        return ln_fail_memory(error, path, capacity);
    lenet_status status = LENET_OK;
    const int fd = open_temporary(path, temporary, capacity);
    if (fd < 0) {
        status = ln_fail(error, LENET_IO, "%s: cannot be written: %s", path, strerror(errno));
    } else if (write_all(fd, data, size) || fsync(fd) || rename(temporary, path)) {
        status = ln_fail(error, LENET_IO, "%s: writing failed: %s", path, strerror(errno));
        unlink(temporary);
    } else {
        sync_folder_of(path);
        ln_remove_leftovers(path);
    }
    if (fd >= 0)
        close(fd);
    ln_free(temporary);
    return status;
}

char *ln_close_text(FILE *file, char **text)
{
    bool failed = !file || ferror(file);
    if (file && fclose(file))
        failed = true;
    if (failed) {
        free(*text);
        *text = NULL;
    }
    return *text;
}
