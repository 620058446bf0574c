/* SPDX-License-Identifier: MIT */
/* files.c - see files.h. */
#include "lab/live/files.h"

#include <assert.h>
#include <string.h>

const lab_built_in *lab_live_file(const char *name)
{
    const lab_built_in *file = lab_live_files;
    while (file->name && strcmp(file->name, name) != 0)
        file++;
    assert(file->name);
    return file;
}
