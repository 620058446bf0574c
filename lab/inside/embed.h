/* SPDX-License-Identifier: MIT */
/*
 * embed.h - points of many dimensions laid out in a plane: principal components, and t-SNE.
 *
 * Always: the same points give the same plane, whatever the threads. Nothing is drawn: t-SNE begins with the
 * principal components. What fails ends the work of the pool.
 */
#ifndef LENET_LAB_INSIDE_EMBED_H
#define LENET_LAB_INSIDE_EMBED_H

#include "lab/text/pool.h"

/* [count][dimensions], count >= 3. */
typedef struct lab_points {
    size_t count, dimensions;
    const float *values;
} lab_points;

/*
 * The first two principal components of each point, plane[count][2]. The largest weight of a component is
 * positive. share[2]: of the whole variance (0 if there is none). Points of one dimension have 0 as second.
 */
void lab_pca(lab_pool *pool, const lab_points *points, double *plane, double share[2]);

/*
 * t-SNE (van der Maaten and Hinton 2008), exact: each point's 3 `perplexity` nearest neighbours,
 * plane[count][2]. `start` is what lab_pca gave. The schedule is scikit-learn's: 250 iterations exaggerated 12
 * times, 750 more. Quadratic in count. perplexity: 1..count / 3.
 */
void lab_tsne(lab_pool *pool, const lab_points *points, double perplexity, const double *start, double *plane);

#endif
