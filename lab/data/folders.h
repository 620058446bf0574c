/* SPDX-License-Identifier: MIT */
/*
 * folders.h - data sets by the value of --data: one that the library knows by name, a folder of one's own
 * images, or files of many.
 *
 * Which files of a folder are images of what is the business of tree.h, files of many images (IDX, .npz, CSV)
 * are files.h's. After a folder, @HEIGHTxWIDTH or @HEIGHTxWIDTHxCHANNELS gives the size of all images,
 * after a table of pixels what its rows are. docs/data.md shows all forms. Always: the same files give the
 * same bytes in the same order, whatever the file system.
 */
#ifndef LENET_LAB_DATA_FOLDERS_H
#define LENET_LAB_DATA_FOLDERS_H

#include "lab/data/classes.h"
#include "lenet/lenet.h"

#include <stdbool.h>

/* An existing folder or a file of images, and no known name. */
bool lab_is_own_data(const char *data);

/* The same, but its images are files of their own. */
bool lab_is_image_folder(const char *data);

/* Both are own data, and the same, however they are spelled. */
bool lab_is_same_folder(const char *a, const char *b);

/* A folder with its own test images: DIR/train and DIR/test. */
bool lab_is_split_folder(const char *data);

/* LENET_USAGE: neither a known data set nor own data; with the nearest name. */
lenet_status lab_data_check(const char *data, lenet_error *error);

/* What is called while images are read; a NULL is not. */
typedef struct lab_reading {
    void (*show)(void *context, size_t done, size_t all); /* now and then */
    /*
     * For each image of a folder, in the order of its data set. `path` is below the folder, and lasts for the
     * call.
     */
    void (*add)(void *context, const char *path, lenet_split split);
    /* A file is damaged or no image, for the reason `why`: whether to go on without it. NULL: never. */
    bool (*skip)(void *context, const lenet_error *why);
    void *context;
} lab_reading;

/* A model that images are to be measured with. */
typedef struct lab_preparation {
    lenet_shape shape;          /* size to which images of a folder are scaled if `data` has none */
    const lab_classes *classes; /* labels become places among these, by name; NULL: they stay */
    lenet_dataset **all;        /* gets the images of both parts; NULL: not wanted */
} lab_preparation;

/*
 * The training and the test images of `data`; a pointer that is NULL is not wanted. `folder` is as for
 * lenet_dataset_open, and for known data sets alone. `reading` may be NULL.
 *
 * `intake` NULL: images of a folder must be of one size if `data` has none, are grey if all of them
 * are, and each class must have one to train and one to test. Else a folder may have some of the classes, and
 * one image of a class; a part that is empty then becomes NULL.
 *
 * LENET_INPUT: what is wrong with which file. LENET_USAGE: `data` is nothing, or a class is none of the
 * model's. What is skipped counts nowhere: the data sets and their hashes are those of the folder without it.
 */
lenet_status lab_data_open(lenet_dataset **train, lenet_dataset **test, const char *data, const char *folder,
                           const lab_preparation *intake, const lab_reading *reading, lenet_error *error);

#endif
