/* SPDX-License-Identifier: MIT */
/* owner.c - see owner.h. */
#include "lab/runs/owner.h"

#include "util/error.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define FIRST_BYTE (INT64_C(1) << 61) /* SQLite locks bytes around 2^30 */

/* The lock of the owner with this token. */
static struct flock lock_of(uint64_t token)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = FIRST_BYTE + (off_t)(token >> 4), .l_len = 1};
}

/* Takes a byte that no other process has. */
static lenet_status become_owner(lab_owner *owner, const char *path, lenet_error *error)
{
    enum { MOST_TRIES = 100 };
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    for (int i = 0; i < MOST_TRIES; i++) {
        uint64_t token;
        if (getrandom(&token, sizeof token, 0) != sizeof token)
            break;
        struct flock lock = lock_of(token);
        if (!fcntl(owner->file, F_OFD_SETLK, &lock)) {
            snprintf(owner->name, sizeof owner->name, "%s:%ld:%016" PRIx64, host, (long)getpid(), token);
            return LENET_OK;
        }
        if (errno != EAGAIN && errno != EACCES)
            break;
    }
    return ln_fail(error, LENET_IO, "%s: cannot be locked: %s", path, strerror(errno));
}

lenet_status lab_owner_open(lab_owner *owner, const char *path, int write, lenet_error *error)
{
    *owner = (lab_owner){.file = open(path, (write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NONBLOCK, 0644)};
    if (owner->file < 0)
        return ln_fail(error, LENET_IO, "%s: cannot be opened: %s", path, strerror(errno));
    return write ? become_owner(owner, path, error) : LENET_OK;
}

void lab_owner_close(lab_owner *owner)
{
    if (owner->file >= 0)
        close(owner->file);
    owner->file = -1;
}

bool lab_owner_is_dead(const lab_owner *self, const char *name)
{
    const char *token = name ? strrchr(name, ':') : NULL;
    if (!token || strlen(token + 1) != 16) /* no owner, or one of an older lenet */
        return true;
    if (!strcmp(name, self->name))
        return false;
    struct flock lock = lock_of(strtoull(token + 1, NULL, 16));
    return !fcntl(self->file, F_OFD_GETLK, &lock) && lock.l_type == F_UNLCK;
}
