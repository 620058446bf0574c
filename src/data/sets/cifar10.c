/* SPDX-License-Identifier: MIT */
/* cifar10.c - CIFAR-10: small colour photographs. */
#include "data/source.h"
#include "lenet/tools.h"

static const char *const objects[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                      "dog",      "frog",       "horse", "ship", "truck"};

enum { CIFAR_BATCH = 10000 * (1 + 3 * 32 * 32) };

static const lenet_source_file cifar10_files[] = {
    {"data_batch_1.bin", CIFAR_BATCH, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5", NULL},
    {"data_batch_2.bin", CIFAR_BATCH, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed", NULL},
    {"data_batch_3.bin", CIFAR_BATCH, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67", NULL},
    {"data_batch_4.bin", CIFAR_BATCH, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48", NULL},
    {"data_batch_5.bin", CIFAR_BATCH, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add", NULL},
    {"test_batch.bin", CIFAR_BATCH, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b", NULL},
};

static const char *const cifar10_mirrors[] = {"https://www.cs.toronto.edu/~kriz/", NULL};

/* The binary version; the version for Python, as torchvision and as Keras unpack it. */
static const char *const cifar10_folders[] = {"cifar-10-batches-bin", "cifar10", "cifar-10-batches-py",
                                              "cifar-10-batches-py-target/cifar-10-batches-py", NULL};
static const char *const cifar10_pickles[] = {"data_batch_1", "data_batch_2", "data_batch_3",
                                              "data_batch_4", "data_batch_5", "test_batch"};
static const ln_packing cifar10_python = {NULL, cifar10_pickles};

static const ln_cifar_labels one_label = {1, 0, {"labels", NULL}};

const ln_known ln_source_cifar10 = {
    .source = {.name = "cifar10",
               .title = "CIFAR-10 small colour photographs",
               .license = LN_CIFAR_LICENSE,
               .folder = "cifar-10-batches-bin",
               .shape = {3, 32, 32},
               .classes = LN_COUNT_OF(objects),
               .class_names = objects,
               .count = {50000, 10000},
               .file_count = LN_COUNT_OF(cifar10_files),
               .files = cifar10_files,
               .archive = "cifar-10-binary.tar.gz",
               .mirrors = cifar10_mirrors},
    .format = &ln_cifar_format,
    .folders = cifar10_folders,
    .packing = &cifar10_python,
    .labels = &one_label,
    .sha256 = {"4ff75dfb17e8c2fabbc45b692ccadb69378b8d26d01fdc938e55d502f4b28450",
               "125b06f4ad0c45b49da7218786fd3f7ff799573941de2574c827a5ebc7b56ca7"},
};
