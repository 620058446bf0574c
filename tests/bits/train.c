/* SPDX-License-Identifier: MIT */
/*
 * train.c - trains some networks on a few real images and prints "ISA NETWORK SHA-256-OF-THE-WEIGHTS" for each, with every instruction set that runs
 * here: what tests/bits/bits builds for several processors and compares. The images are 28x28 and lie uncompressed behind an IDX header, because the
 * readers of other formats need libraries.
 *
 *   train IMAGES LABELS
 */
#include "lenet/lenet.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1000, PIXELS = 28 * 28 };

typedef struct network {
    const char *name, *architecture, *optimizer, *initializer;
    int batch;
    const char *also[6][2]; /* more settings: name and value; ended by NULL */
} network;

static const network networks[] = {
    {"lenet5-adam-64", "lenet5", "adam", "glorot-uniform", 64, {{NULL}}},
    {"lenet5-momentum-17", "lenet5", "momentum", "he-normal", 17, {{NULL}}},
    {"smooth-adam-17", "conv:5@5x5:stride=2,tanh,avgpool:2,conv:8@3x3:pad=1,elu,dense:21,sigmoid,dense:10", "adam", "glorot-normal", 17, {{NULL}}},
    {"smooth-momentum-64", "conv:4@7x7:stride=3,elu,avgpool:3:stride=2,dense:33,tanh,dense:10", "momentum", "truncated-normal", 64, {{NULL}}},
    {"strided-sgd-32", "maxpool:3:stride=2,conv:20@3x3,leaky-relu:slope=0.2,maxpool:2,dense:10", "sgd", "he-uniform", 32, {{NULL}}},
    {"noisy-adam-20", "conv:4@5x5:stride=2,gelu,avgpool:2,dense:20,selu,dense:10", "adam", "lecun-normal", 20,
     {{"noise", "0.4"}, {"loss", "symmetric-cross-entropy"}, {NULL}}},
    {"scheduled-nadam-20", "conv:4@5x5:stride=2,relu,dense:10", "nadam", "glorot-uniform", 20,
     {{"decay", "1"}, {"schedule", "cosine"}, {"ema", "0.9"}, {"clip-norm", "1"}, {"weight-decay", "0.01"}, {NULL}}},
    {"one-cycle-adamw-17", "maxpool:4,dense:20,relu,dense:10", "adamw", "he-normal", 17,
     {{"decay", "1"}, {"schedule", "one-cycle-momentum"}, {"max-norm", "1"}, {NULL}}},
    {"polynomial-rmsprop-32", "maxpool:4,dense:20,relu,dense:10", "rmsprop", "he-normal", 32,
     {{"decay", "1"}, {"schedule", "polynomial"}, {"warmup", "0.5"}, {NULL}}},
};

/* What stands in a file behind `header` bytes: `items` of `size` bytes. Returns how many there are. */
static size_t read_items(const char *path, size_t header, size_t size, uint8_t *items)
{
    FILE *file = fopen(path, "rb");
    uint8_t skipped[16];
    if (!file || fread(skipped, 1, header, file) != header) {
        perror(path);
        exit(1);
    }
    const size_t count = fread(items, size, MOST, file);
    fclose(file);
    return count;
}

static void set(lenet_settings *settings, const char *const also[2])
{
    lenet_error error;
    if (lenet_settings_set(settings, also[0], also[1], &error)) {
        fprintf(stderr, "train: %s\n", error.text);
        exit(2);
    }
}

static int train(const network *n, const char *isa, const lenet_dataset *images)
{
    lenet_model *model = NULL;
    lenet_settings settings;
    lenet_result result;
    lenet_error error;
    lenet_settings_default(&settings);
    settings.optimizer = n->optimizer;
    settings.initializer = n->initializer;
    settings.batch = n->batch;
    settings.epochs = 2;
    settings.decay = 0.7;
    settings.compute = (lenet_compute){2, isa};
    for (int i = 0; n->also[i][0]; i++)
        set(&settings, n->also[i]);
    const int failed = lenet_model_create(&model, n->architecture, lenet_dataset_shape(images), 10, &error) ||
                       lenet_train(model, images, NULL, &settings, &result, &error);
    lenet_model_close(&model);
    if (failed)
        fprintf(stderr, "%s, %s: %s\n", isa, n->name, error.text);
    else
        printf("%s %s %s\n", isa, n->name, result.weights_sha256);
    return failed;
}

int main(int argc, char **argv)
{
    static uint8_t images[MOST * PIXELS], labels[MOST];
    lenet_dataset *dataset = NULL;
    lenet_error error;
    int failed = 0;
    if (argc != 3)
        return 2;
    const size_t count = read_items(argv[1], 16, PIXELS, images);
    if (read_items(argv[2], 8, 1, labels) != count ||
        lenet_dataset_create(&dataset, (lenet_shape){1, 28, 28}, 10, count, images, labels, &error)) {
        fprintf(stderr, "train: %s and %s are not images and their labels\n", argv[1], argv[2]);
        return 1;
    }
    for (const char *const *isa = lenet_isa_list(); *isa; isa++)
        for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
            failed |= train(&networks[i], *isa, dataset);
    lenet_dataset_close(&dataset);
    return failed;
}
