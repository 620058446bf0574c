/* SPDX-License-Identifier: MIT */
/* images.c - see images.h. */
#include "cli/images.h"

#include "cli/terminal.h"
#include "lenet/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NAMED = 10 };

/* While a folder is read. */
typedef struct reader {
    live line;
    image_list *list; /* NULL: not wanted, or there is no memory for it */
    skipping *bad;    /* NULL: the command has no --skip-bad */
    bool is_stopped;  /* by a damaged file */
} reader;

/*
 * Room for one more of `count` paths, which are 1, 2, 4, 8, ...: then for as many again. NULL: there is none.
 */
static char **room_for(char **paths, size_t count)
{
    return count & (count - 1) ? paths : realloc(paths, (2 * count + 1) * sizeof *paths);
}

static bool append(image_list *list, char *path, lenet_split split)
{
    const size_t before = list->count[0] + list->count[1];
    char **paths = room_for(list->path[split], list->count[split]);
    if (!paths)
        return false;
    list->path[split] = paths;
    char **all = room_for(list->all, before);
    if (!all)
        return false;
    list->all = all;
    all[before] = paths[list->count[split]++] = path;
    return true;
}

static void add(void *context, const char *path, lenet_split split)
{
    reader *r = context;
    char *copy = r->list ? strdup(path) : NULL;
    if (copy && append(r->list, copy, split))
        return;
    free(copy);
    if (r->list)
        close_image_list(r->list);
    r->list = NULL;
}

void close_image_list(image_list *list)
{
    for (int split = 0; split < 2; split++) {
        for (size_t i = 0; i < list->count[split]; i++)
            free(list->path[split][i]);
        free(list->path[split]);
    }
    free(list->all);
    *list = (image_list){.all = NULL};
}

static void show(void *context, size_t done, size_t all)
{
    live *line = &((reader *)context)->line;
    char text[96], some[32], whole[32];
    if (!live_is_due(line))
        return;
    snprintf(text, sizeof text, "reading images: %s of %s", format_count((double)done, some, sizeof some),
             format_count((double)all, whole, sizeof whole));
    live_show(line, text);
}

static bool skip(void *context, const lenet_error *why)
{
    reader *r = context;
    r->is_stopped = !r->bad || !r->bad->is_on;
    if (r->is_stopped)
        return false;
    live_clear(&r->line);
    if (r->bad->count++ < MOST_NAMED)
        print_notice("skipped: %s", why->text);
    return true;
}

static int report(const reader *r, const lenet_error *error)
{
    if (!r->bad || !r->is_stopped)
        return report_error(error);
    print_notice("%s; to skip damaged files: --skip-bad", error->text);
    return (int)error->status;
}

static void report_skipped(const skipping *bad, const char *data)
{
    if (bad->count > MOST_NAMED)
        print_notice("skipped: %zu more", bad->count - MOST_NAMED);
    if (bad->count)
        print_notice("%s: %zu file%s skipped; the others are used", data, bad->count,
                     bad->count == 1 ? " was" : "s were");
}

int open_images_skipping(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                         const lab_preparation *intake, bool quiet, skipping *bad)
{
    return open_listed_images_skipping(train, test, data, folder, intake, quiet, bad, NULL);
}

int open_listed_images_skipping(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                                const lab_preparation *intake, bool quiet, skipping *bad, image_list *list)
{
    reader r = {.bad = bad, .list = list};
    lenet_error error;
    if (bad && bad->is_on && !lab_is_image_folder(data)) {
        print_notice("--skip-bad: %s is no folder of images", data);
        return LENET_USAGE;
    }
    live_open(&r.line, quiet);
    const lab_reading reading = {.show = show, .add = add, .skip = skip, .context = &r};
    const lenet_status status = lab_data_open(train, test, data, folder, intake, &reading, &error);
    live_clear(&r.line);
    if (bad && !status)
        report_skipped(bad, data);
    lab_lack lack = {data, folder};
    if (status == LENET_INPUT && lab_is_missing(data, folder))
        return refuse_missing(error.text, "", &(lab_lacks){1, &lack});
    if (status)
        return report(&r, &error);
    const lenet_dataset *const opened[] = {train ? *train : NULL, test ? *test : NULL};
    for (int i = 0; i < 2; i++)
        if (opened[i] && lenet_dataset_doubt(opened[i]))
            print_notice("warning: %s", lenet_dataset_doubt(opened[i]));
    return LENET_OK;
}

int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                const lab_preparation *intake, bool quiet)
{
    return open_images_skipping(train, test, data, folder, intake, quiet, NULL);
}

lenet_status open_listed_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                                image_list *list, lenet_error *error)
{
    reader r = {.list = list};
    *list = (image_list){.all = NULL};
    live_open(&r.line, false);
    const lab_reading reading = {.show = show, .add = add, .context = &r};
    const lenet_status status = lab_data_open(train, test, data, folder, NULL, &reading, error);
    live_clear(&r.line);
    if (status)
        close_image_list(list);
    return status;
}

int refuse_missing(const char *why, const char *otherwise, const lab_lacks *lacks)
{
    lab_pool pool = {.blocks = NULL};
    if (setjmp(pool.on_failure) == 0)
        print_notice("%s (LENET_DATA or --data-dir names its folder%s); to get it: %s", why, otherwise,
                     lab_lacks_command(&pool, lacks));
    lab_pool_close(&pool);
    return LENET_INPUT;
}
