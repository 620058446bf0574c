/* SPDX-License-Identifier: MIT */
/*
 * show.h - `lenet show`: the inside of a model. show.c reads the command line and prints the table of layers,
 * show-maps.c and show-embed.c make the pictures.
 */
#ifndef LENET_CLI_SHOW_H
#define LENET_CLI_SHOW_H

#include "lab/data/classes.h"
#include "lab/text/pool.h"
#include "lenet/lenet.h"

#include <stdbool.h>

typedef struct show_request {
    const char *model, *db, *data, *folder, *out;                               /* as the options of these names */
    const char *filters, *features, *saliency, *cam, *maximise, *label, *layer; /* NULL: not asked for */
    size_t embed;                                                               /* images; 0: not asked for */
    bool json;
    lab_classes classes; /* of the model; count 0: it does not name them */
} show_request;

/* Whether a picture is asked for. */
bool wants_maps(const show_request *q);

/*
 * Writes the pictures that are asked for into the folder `out`, which is made, and prints their files and
 * captions. What fails ends the work of the pool.
 */
void write_maps(lab_pool *pool, const show_request *q, const lenet_model *model, lenet_session *session);

/* The same for --embed: the test images as points, by principal components and t-SNE. */
void write_embedding(lab_pool *pool, const show_request *q, const lenet_model *model, lenet_session *session);

#endif
