/* SPDX-License-Identifier: MIT */
/*
 * scatter.h - points in planes side by side, a colour for each class, as PATH.png (the points alone) and
 * PATH.svg (with titles, the classes and a caption; each point has a tooltip).
 */
#ifndef LENET_LAB_INSIDE_SCATTER_H
#define LENET_LAB_INSIDE_SCATTER_H

#include "lab/text/pool.h"

typedef struct lab_scatter {
    const char *title, *caption;
    size_t planes;
    const char *const *plane_titles; /* [planes] */
    const double *const *at;         /* [planes][count][2] */
    size_t count;
    const uint8_t *label;     /* [count]: the class */
    const char *const *names; /* [classes] */
    int classes;
    const char *const *words; /* [count]: what a point is */
} lab_scatter;

/* What fails ends the work of the pool. */
void lab_scatter_write(lab_pool *pool, const lab_scatter *scatter, const char *path);

#endif
