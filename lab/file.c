/* SPDX-License-Identifier: MIT */
/* file.c - see file.h. */
#include "lab/file.h"

#include "lab/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

lenet_status lab_status_of(int reason)
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
    case ENXIO: /* a FIFO or a socket */
        return LENET_INPUT;
    default: return LENET_IO;
    }
}

/* Reads `size` bytes and sees that there are no more. */
static lenet_status read_all(int fd, const char *path, char *bytes, size_t size, lenet_error *error)
{
    size_t done = 0;
    ssize_t got;
    while ((got = read(fd, bytes + done, size + 1 - done)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lab_fail(error, LENET_IO, "%s: reading failed: %s", path, strerror(errno));
        done += (size_t)got;
        if (done > size)
            break;
    }
    return done == size ? LENET_OK : lab_fail(error, LENET_IO, "%s: the file changed while it was read; try again", path);
}

static lenet_status read_open_file(int fd, const char *path, size_t most, char **bytes, size_t *size, lenet_error *error)
{
    struct stat about;
    if (fstat(fd, &about))
        return lab_fail(error, LENET_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return lab_fail(error, LENET_INPUT, "%s: not a regular file", path);
    if ((uintmax_t)about.st_size > most)
        return lab_fail(error, LENET_INPUT, "%s: %jd bytes, more than the %zu that such a file can have", path,
                        (intmax_t)about.st_size, most);
    const size_t count = (size_t)about.st_size;
    char *content = malloc(count + 1);
    if (!content)
        return lab_fail(error, LENET_FAILURE, "%s: out of memory for %zu bytes", path, count);
    const lenet_status status = read_all(fd, path, content, count, error);
    if (status) {
        free(content);
        return status;
    }
    content[count] = '\0';
    *bytes = content;
    *size = count;
    return LENET_OK;
}

lenet_status lab_read_file(const char *path, size_t most, char **bytes, size_t *size, lenet_error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block */
    if (fd < 0)
        return lab_fail(error, lab_status_of(errno), "%s: cannot be opened: %s", path, strerror(errno));
    const lenet_status status = read_open_file(fd, path, most, bytes, size, error);
    close(fd);
    return status;
}
