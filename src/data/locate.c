/* SPDX-License-Identifier: MIT */
/*
 * locate.c - where the files of a known data set are. A folder that the caller names is searched alone;
 * otherwise, in this order:
 *
 *     each folder of $LENET_DATA           separated by colons
 *     $XDG_DATA_HOME/lenet                 or ~/.local/share/lenet
 *     /usr/share/datasets                  Debian's packages
 *     $KERAS_HOME/datasets                 or ~/.keras/datasets
 *     ./data                               where torchvision's examples put it
 *
 * In each of these data folders the files may lie in a folder of the data set (source.c names it, and
 * torchvision's) or directly, as NAME, NAME.gz, the old spelling train-images.idx3-ubyte of either, inside
 * the data set's archive, or as Keras and torchvision have it: an .npz of arrays, Python's pickles.
 *
 * Relative paths in XDG_DATA_HOME and HOME are ignored, as the XDG specification wants. A path longer than
 * LN_PATH is not found.
 */
#include "data/locate.h"

#include "data/source.h"
#include "lenet/tools.h"
#include "util/error.h"
#include "util/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A full path from pieces; 0 if it does not fit. */
static int join(char path[LN_PATH], const char *folder, const char *name, const char *ending)
{
    const int length = snprintf(path, LN_PATH, "%s/%s%s", folder, name, ending);
    return length > 0 && length < LN_PATH;
}

static int is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int find_spelled(const char *folder, const char *name, char path[LN_PATH])
{
    return (join(path, folder, name, "") && is_file(path)) || (join(path, folder, name, ".gz") && is_file(path));
}

/* train-images.idx3-ubyte for train-images-idx3-ubyte: how the first distributions of MNIST unpacked. */
static int find_old_spelling(const char *folder, const char *name, char path[LN_PATH])
{
    char old[64];
    const char *idx = strstr(name, "-idx");
    if (!idx || strlen(name) >= sizeof old)
        return 0;
    strcpy(old, name);
    old[idx - name] = '.';
    return find_spelled(folder, old, path);
}

ln_found ln_find_file(const lenet_source *source, size_t index, const char *folder, char path[LN_PATH])
{
    const char *name = source->files[index].name;
    if (find_spelled(folder, name, path) || find_old_spelling(folder, name, path))
        return LN_FILE;
    if (source->archive && join(path, folder, source->archive, "") && is_file(path))
        return LN_MEMBER;
    const ln_packing *packing = ln_source_known(source)->packing;
    if (packing && packing->archive && join(path, folder, packing->archive, "") && is_file(path))
        return LN_ARRAY;
    if (packing && !packing->archive && join(path, folder, packing->names[index], "") && is_file(path))
        return LN_PICKLE;
    path[0] = '\0';
    return LN_ABSENT;
}

/* ------------------------------------------------------------------------------------------------------- searching */

typedef struct search {
    const ln_known *known;
    ln_place *place;
    size_t best;      /* how many files `place` holds */
    char looked[384]; /* the data folders, for the error */
    size_t looked_size;
} search;

static void consider(search *s, const char *folder)
{
    char path[LN_PATH];
    size_t found = 0;
    for (size_t i = 0; i < s->known->source.file_count; i++)
        found += ln_find_file(&s->known->source, i, folder, path) != LN_ABSENT;
    const size_t length = strlen(folder);
    if (found > s->best && (!s->best || found == s->known->source.file_count) && length < LN_PATH) {
        s->best = found;
        memcpy(s->place->folder, folder, length + 1);
    }
}

/* Looks in one data folder; true when nothing better can come. */
static int look_in(search *s, const char *root)
{
    const int printed = snprintf(s->looked + s->looked_size, sizeof s->looked - s->looked_size, "%s%s",
                                 s->looked_size ? ", " : "", root);
    s->looked_size += (size_t)printed;
    if (s->looked_size >= sizeof s->looked)
        s->looked_size = sizeof s->looked - 1;
    char folder[LN_PATH];
    for (size_t i = 0; s->known->folders[i]; i++)
        if (join(folder, root, s->known->folders[i], ""))
            consider(s, folder);
    consider(s, root);
    return s->best == s->known->source.file_count;
}

/* The environment's folder `variable`, or ~/`otherwise` if it is unset, and in it `below`. */
static int look_in_home(search *s, const char *variable, const char *otherwise, const char *below)
{
    char root[LN_PATH], home[LN_PATH];
    const char *base = getenv(variable);
    if (!base || base[0] != '/') {
        const char *user = getenv("HOME");
        if (!user || user[0] != '/' || !join(home, user, otherwise, ""))
            return 0;
        base = home;
    }
    return join(root, base, below, "") && look_in(s, root);
}

static int look_in_list(search *s, const char *folders)
{
    char root[LN_PATH];
    while (folders && *folders) {
        const size_t length = strcspn(folders, ":");
        if (length && length < sizeof root) {
            memcpy(root, folders, length);
            root[length] = '\0';
            if (look_in(s, root))
                return 1;
        }
        folders += length + (folders[length] == ':');
    }
    return 0;
}

static void look_everywhere(search *s)
{
    if (look_in_list(s, getenv("LENET_DATA")) || look_in_home(s, "XDG_DATA_HOME", ".local/share", "lenet") ||
        look_in(s, "/usr/share/datasets") || look_in_home(s, "KERAS_HOME", ".keras", "datasets"))
        return;
    look_in(s, "./data");
}

static lenet_status require_folder(const char *folder, lenet_error *error)
{
    struct stat status;
    if (stat(folder, &status))
        return ln_fail(error, ln_status_of(errno), "%s: the data folder cannot be opened: %s", folder, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return ln_fail(error, LENET_INPUT, "%s: not a folder, and data is looked for in folders", folder);
    return LENET_OK;
}

lenet_status ln_locate(const lenet_source *source, const char *folder, ln_place *place, lenet_error *error)
{
    search s = {ln_source_known(source), place, 0, "", 0};
    if (!s.known)
        return ln_fail(error, LENET_USAGE, "a source that lenet_source_list does not have");
    if (folder) {
        const lenet_status status = require_folder(folder, error);
        if (status)
            return status;
        look_in(&s, folder);
    } else {
        look_everywhere(&s);
    }
    if (s.best)
        return LENET_OK;
    const char *name = source->files[0].name;
    return ln_fail(error, LENET_INPUT, "%s: not found: no %s or %s%s, directly or in a folder %s, in: %s", source->name,
                   name, source->archive ? source->archive : name, source->archive ? "" : ".gz", source->folder,
                   s.looked);
}

lenet_status lenet_source_locate(const lenet_source *source, const char *folder, char *path, size_t capacity,
                                 lenet_error *error)
{
    ln_place place;
    char file[LN_PATH];
    const lenet_status status = ln_locate(source, folder, &place, error);
    if (status)
        return status;
    const char *answer = place.folder; /* unless everything that there is lies in the archive */
    for (size_t i = 0; i < source->file_count; i++) {
        const ln_found found = ln_find_file(source, i, place.folder, file);
        if (found == LN_FILE || found == LN_PICKLE) {
            answer = place.folder;
            break;
        }
        if (found == LN_MEMBER || found == LN_ARRAY)
            answer = file;
    }
    if (strlen(answer) >= capacity)
        return ln_fail(error, LENET_USAGE, "%s: longer than the %zu bytes given for it", answer, capacity);
    strcpy(path, answer);
    return LENET_OK;
}
