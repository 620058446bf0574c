/* SPDX-License-Identifier: MIT */
/*
 * file.c - reading a file whole, and replacing one so that a crash leaves the old content or the new, never a mixture:
 * write a temporary file in the same folder, fsync it, rename it over the target, fsync the folder.
 */
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

lenet_status ln_read_file(const char *path, size_t limit, unsigned char **data, size_t *size, lenet_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ln_fail(error, LENET_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
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
 * Makes a rename in the folder of `path` durable. Some file systems refuse fsync on a folder: nothing more can be done
 * there.
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

/* Is it one that a process left behind which is gone? Its name is `name`.PID.tmp, and nobody holds its lock. */
static int is_leftover(int folder, const char *entry, const char *name)
{
    const size_t length = strlen(name);
    char *rest;
    if (strncmp(entry, name, length) || entry[length] != '.')
        return 0;
    const long owner = strtol(entry + length + 1, &rest, 10);
    if (owner <= 0 || strcmp(rest, ".tmp") || !kill((pid_t)owner, 0) || errno != ESRCH)
        return 0;
    const int fd = openat(folder, entry, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    const int is_free = fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB);
    if (fd >= 0)
        close(fd);
    return is_free;
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
        if (is_leftover(dirfd(folder), entry->d_name, name))
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    ln_free(place);
}

static int fill_temporary(int fd, const void *data, size_t size)
{
    flock(fd, LOCK_EX | LOCK_NB); /* as far as the file system knows locks */
    if (write_all(fd, data, size) || fsync(fd)) {
        const int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return close(fd);
}

lenet_status lenet_write_file(const char *path, const void *data, size_t size, lenet_error *error)
{
    const size_t capacity = strlen(path) + 32;
    char *temporary = ln_alloc(capacity, 1);
    if (!temporary)
        return ln_fail_memory(error, path, capacity);
    snprintf(temporary, capacity, "%s.%ld.tmp", path, (long)getpid());
    lenet_status status = LENET_OK;
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        status = ln_fail(error, LENET_IO, "%s: cannot be written: %s", path, strerror(errno));
    } else if (fill_temporary(fd, data, size) || rename(temporary, path)) {
        status = ln_fail(error, LENET_IO, "%s: writing failed: %s", path, strerror(errno));
        unlink(temporary);
    } else {
        sync_folder_of(path);
        ln_remove_leftovers(path);
    }
    ln_free(temporary);
    return status;
}
