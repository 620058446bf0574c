/* SPDX-License-Identifier: MIT */
/*
 * drawing.h - the drawing page of a model: one HTML file that holds its weights and a forward pass in
 * JavaScript, and asks for nothing else. On it one draws, and sees every layer and the probabilities of the
 * classes, which are those of `lenet predict`.
 *
 * Always: names of classes and data are data in it, never markup; its content security policy allows its own
 * style and script alone.
 */
#ifndef LENET_LAB_LIVE_DRAWING_H
#define LENET_LAB_LIVE_DRAWING_H

#include "lab/text/pool.h"
#include "lenet/lenet.h"

/* What page files and answers of the server hold: documents for browsers, with their sizes. */
typedef struct lab_page_text {
    const char *text; /* of the pool */
    size_t size;
} lab_page_text;

/*
 * The page of models[count], the states of one network after some epochs (note `epoch`), in their order; a
 * slider chooses among several. Gives up with LENET_USAGE if they differ in architecture, input or classes,
 * or take images that are neither grey nor of three channels.
 */
lab_page_text lab_drawing_page(lab_pool *pool, lenet_model *const *models, size_t count);

#endif
