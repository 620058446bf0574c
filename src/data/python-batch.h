/* SPDX-License-Identifier: MIT */
/* python-batch.h - CIFAR's batches for Python, as Keras and torchvision keep them, made into binary ones. */
#ifndef LENET_DATA_PYTHON_BATCH_H
#define LENET_DATA_PYTHON_BATCH_H

#include "data/format.h"

/*
 * Makes a binary batch, in *batch (ln_free), of one of Python's: a pickled dictionary with an array `data`
 * [count][3072] of bytes and a list for each label. LENET_INPUT: it is no such thing; nothing in it is
 * executed (pickle.h).
 */
lenet_status ln_cifar_unpickle(const char *path, const unsigned char *data, size_t size, const ln_cifar_labels *kind,
                               unsigned char **batch, size_t *batch_size, lenet_error *error);

#endif
