/* SPDX-License-Identifier: MIT */
/* images.c - see images.h. */
#include "cli/images.h"

#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* While a folder is read. */
typedef struct reader {
    live line;
    image_list *list; /* NULL: not wanted, or there is no memory for it */
} reader;

static void add(void *context, const char *path, lenet_split split)
{
    reader *r = context;
    image_list *list = r->list;
    char *copy = list ? strdup(path) : NULL, **paths = NULL;
    if (copy) /* 1, 2, 4, 8, ...: room for as many again */
        paths = list->count[split] & (list->count[split] - 1)
                    ? list->path[split]
                    : realloc(list->path[split], (2 * list->count[split] + 1) * sizeof *paths);
    if (paths) {
        list->path[split] = paths;
        paths[list->count[split]++] = copy;
        return;
    }
    free(copy);
    if (list)
        close_image_list(list);
    r->list = NULL;
}

void close_image_list(image_list *list)
{
    for (int split = 0; split < 2; split++) {
        for (size_t i = 0; i < list->count[split]; i++)
            free(list->path[split][i]);
        free(list->path[split]);
    }
    *list = (image_list){{0, 0}, {NULL, NULL}};
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

int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                const lab_intake *intake, bool quiet)
{
    lenet_error error;
    reader r = {.list = NULL};
    live_open(&r.line, quiet);
    const lab_reading reading = {.show = show, .context = &r};
    const lenet_status status = lab_data_open(train, test, data, folder, intake, &reading, &error);
    live_clear(&r.line);
    return status ? report_error(&error) : LENET_OK;
}

lenet_status open_listed_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                                image_list *list, lenet_error *error)
{
    reader r = {.list = list};
    *list = (image_list){{0, 0}, {NULL, NULL}};
    live_open(&r.line, false);
    const lab_reading reading = {show, add, &r};
    const lenet_status status = lab_data_open(train, test, data, folder, NULL, &reading, error);
    live_clear(&r.line);
    if (status)
        close_image_list(list);
    return status;
}
