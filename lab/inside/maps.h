/* SPDX-License-Identifier: MIT */
/*
 * maps.h - what a network makes of one image, as maps of the image's size: where its answer comes from, and what
 * a unit answers to.
 *
 * Images are numbers 0..1, [channels][height][width]. Nothing is drawn, so the same model gives the same maps.
 */
#ifndef LENET_LAB_INSIDE_MAPS_H
#define LENET_LAB_INSIDE_MAPS_H

#include "lab/text/pool.h"
#include "lenet/lenet.h"

/* The numbers of a layer's output, or of an image. */
size_t lab_size_of(lenet_shape shape);

/* Layer `index`. What fails ends the work of the pool. */
lenet_layer lab_layer_of(lab_pool *pool, const lenet_model *model, size_t index);

/*
 * The layer called `name`: "conv1" or "fc2" of its tensors, or a number from 1 as in the table of layers.
 * Returns its index; LENET_USAGE ends the work of the pool.
 */
size_t lab_find_layer(lab_pool *pool, const lenet_model *model, const char *name);

/*
 * Saliency (Simonyan et al. 2014): the gradient of the logit of `label` by the image, in `gradient` of the
 * image's shape.
 */
void lab_saliency(lab_pool *pool, lenet_session *session, const lenet_model *model, const float *image, int label,
                  float *gradient);

/* Of each place the largest absolute value of its channels, map[height][width]. */
void lab_strongest_channel(lenet_shape shape, const float *values, float *map);

/*
 * Grad-CAM (Selvaraju et al. 2017): the channels of layer `layer` weighed by their mean gradient of the logit of
 * `label`, summed, what is below 0 left out; map[height][width] of that layer.
 */
void lab_grad_cam(lab_pool *pool, lenet_session *session, const lenet_model *model, const float *image, int label,
                  size_t layer, float *map);

/*
 * The layer for Grad-CAM: the last convolution, or the activation right after it. LENET_USAGE, if there is none,
 * ends the work of the pool.
 */
size_t lab_cam_layer(lab_pool *pool, const lenet_model *model);

/* `map` [height][width] to the size of `to`, bilinear, corners of pixels at corners of pixels. */
void lab_enlarge(const float *map, int height, int width, int to_height, int to_width, float *to);

/*
 * The image that a unit answers to most, by gradient ascent from middle grey: steps of one length, each followed
 * by a little smoothing, so that what comes out is a shape and no noise (Yosinski et al. 2015). *reached: the
 * unit's number at its end.
 */
void lab_maximise(lab_pool *pool, lenet_session *session, const lenet_model *model, size_t layer, size_t unit,
                  float *image, float *reached);

#endif
