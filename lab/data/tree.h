/* SPDX-License-Identifier: MIT */
/*
 * tree.h - which files of a folder of one's own images are images of which class and part.
 *
 * DIR/CLASS/..., or DIR/train/CLASS/... beside DIR/test or DIR/val (or valid, validation), or images that a
 * file of labels lists, labels.csv: a column of files, one of labels, and if need be one of parts. Always:
 * classes and files are sorted by their bytes. No image is read here.
 */
#ifndef LENET_LAB_DATA_TREE_H
#define LENET_LAB_DATA_TREE_H

#include "lenet/lenet.h"

#include <stdbool.h>

/* Parts beside LENET_TRAIN and LENET_TEST. */
enum { LAB_VALIDATION = 2, LAB_PARTS = 3 };

enum { LAB_PATH_LENGTH = 4096 }; /* of a folder; longer ones are refused */

/* Sorted texts. */
typedef struct lab_names {
    char **name;
    size_t count;
} lab_names;

/* The images of a class in one part: PATH/FILE. */
typedef struct lab_class_files {
    char path[LAB_PATH_LENGTH + 300];
    lab_names files;
} lab_class_files;

typedef struct lab_tree {
    bool has_tests;      /* the folder has its own test images */
    size_t least_images; /* of a class in each part that is there */
    size_t count;        /* of all files */
    lab_names classes;
    lab_class_files *files[LAB_PARTS]; /* [classes]; NULL: it has no such part */
} lab_tree;

/*
 * Lists the folder `path`, or the files that the table `labels` (NULL: none) has, which are below `path`.
 * `some_classes`: there may be one class only; `some_images`: and one image of a class, for they are measured
 * and not trained on. LENET_INPUT: it is no such folder; the error has the place and the reason. The tree is to
 * be closed even then.
 */
lenet_status lab_tree_open(lab_tree *tree, const char *path, const char *labels, bool some_classes, bool some_images,
                           lenet_error *error);
void lab_tree_close(lab_tree *tree);

/* Both DIR/train and a folder of this part (LENET_TEST, LAB_VALIDATION) are there. */
bool lab_has_part(const char *path, int part);

/* A table whose first row names a column of files and one of labels. A file that cannot be read is none. */
bool lab_is_labels_file(const char *path);

bool lab_is_directory(const char *path);

/* What lies in the folder, hidden entries apart, sorted. */
lenet_status lab_list_folder(const char *path, lab_names *names, lenet_error *error);
void lab_names_close(lab_names *names);

#endif
