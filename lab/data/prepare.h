/* SPDX-License-Identifier: MIT */
/*
 * prepare.h - turns a picture of any size into what a model was trained on, and keeps a record of how.
 *
 * A network knows only pictures made the way its training set was made. So the steps of that making are
 * repeated here, each of them written down in words as it is done. An image that went through them already
 * comes out (nearly) as it went in.
 */
#ifndef LENET_LAB_DATA_PREPARE_H
#define LENET_LAB_DATA_PREPARE_H

#include "lab/pictures/image.h"
#include "lenet/tools.h"

/* The way a kind of data set was made. */
typedef enum lab_style {
    /* MNIST: light ink on black, its larger side 20/28 of the image, its centre of mass in the middle */
    LAB_STYLE_DIGIT,
    LAB_STYLE_ARTICLE, /* Fashion-MNIST, KMNIST: light on black, the larger side fills the image, centred by its edges */
    LAB_STYLE_PHOTO,   /* CIFAR-10: the middle of the picture, colours as they are */
    LAB_STYLE_RAW,     /* the whole picture, resized whatever its proportions, and nothing else */
} lab_style;

enum { LAB_STEPS = 8 };

/* What was done, in words. */
typedef struct lab_steps {
    int count;
    char text[LAB_STEPS][128];
} lab_steps;

/*
 * The style for models of `channels` trained on `data` (a name of lenet_source_list; NULL or another name:
 * judged by channels).
 */
lab_style lab_style_of(const char *data, int channels);

/* The style of a model: that in its file, else that of its data. */
lab_style lab_style_of_model(const lenet_model *model);

/*
 * Makes `pixels` u8 [channels][height][width] of `shape` (1 or 3 channels) from the image. `path` is what
 * errors call it. LENET_INPUT: there is nothing on it but background. LENET_USAGE: the model wants neither 1
 * nor 3 channels.
 */
lenet_status lab_prepare(const lab_image *image, lab_style style, lenet_shape shape, uint8_t *pixels, lab_steps *steps,
                         const char *path, lenet_error *error);

/*
 * The part `width` x `height` at (left, top) of an image, resized to `to_width` x `to_height` by area
 * averaging.
 */
typedef struct lab_box {
    int left, top, width, height;
} lab_box;
lenet_status lab_resize(const lab_image *image, lab_box box, int to_width, int to_height, lab_image *resized,
                        const char *path, lenet_error *error);

#endif
