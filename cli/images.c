/* SPDX-License-Identifier: MIT */
/* images.c - see images.h. */
#include "cli/images.h"

#include "cli/terminal.h"
#include "lab/folders.h"

#include <stdio.h>

static void show(void *context, size_t done, size_t all)
{
    live *line = context;
    char text[96], some[32], whole[32];
    if (!live_is_due(line))
        return;
    snprintf(text, sizeof text, "reading images: %s of %s", format_count((double)done, some, sizeof some),
             format_count((double)all, whole, sizeof whole));
    live_show(line, text);
}

int open_images(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder, const lenet_shape *shape, bool quiet)
{
    live line;
    lenet_error error;
    live_open(&line, quiet);
    const lab_reading reading = {show, &line};
    const lenet_status status = lab_data_open(train, test, data, folder, shape, &reading, &error);
    live_clear(&line);
    if (status)
        return report_error(&error);
    const lenet_dataset *const opened[] = {train ? *train : NULL, test ? *test : NULL};
    for (int i = 0; i < 2; i++)
        if (opened[i] && lenet_dataset_doubt(opened[i]))
            complain("warning: %s", lenet_dataset_doubt(opened[i]));
    return LENET_OK;
}
