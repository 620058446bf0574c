/* SPDX-License-Identifier: MIT */
/* mnist.c - MNIST: handwritten digits. */
#include "data/source.h"
#include "lenet/tools.h"

static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

static const lenet_source_file mnist_files[] = {
    {"train-images-idx3-ubyte", LN_IDX_IMAGES(60000),
     "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
     "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
    {"train-labels-idx1-ubyte", LN_IDX_LABELS(60000),
     "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
     "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
    {"t10k-images-idx3-ubyte", LN_IDX_IMAGES(10000), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
     "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
    {"t10k-labels-idx1-ubyte", LN_IDX_LABELS(10000), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
     "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
};

static const char *const mnist_mirrors[] = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                            "https://storage.googleapis.com/cvdf-datasets/mnist/", NULL};

static const char *const mnist_folders[] = {"mnist", "MNIST/raw", NULL};

/* Keras's archive. */
static const char *const mnist_arrays[] = {"x_train", "y_train", "x_test", "y_test"};
static const ln_packing mnist_keras = {"mnist.npz", mnist_arrays};

const ln_known ln_source_mnist = {
    .source = {.name = "mnist",
               .title = "MNIST handwritten digits",
               .license = "CC BY-SA 3.0",
               .folder = "mnist",
               .shape = {1, 28, 28},
               .classes = LN_COUNT_OF(digits),
               .class_names = digits,
               .count = {60000, 10000},
               .file_count = LN_COUNT_OF(mnist_files),
               .files = mnist_files,
               .mirrors = mnist_mirrors},
    .format = &ln_idx_format,
    .folders = mnist_folders,
    .packing = &mnist_keras,
    .sha256 = {"d5f6ca52f64bafdc1847863c31154a5bea4e39409e8a9701e013add61851aa16",
               "ba3f2782ee26d834193251d973d4aa523353487992a0d12d2ed9edf0a54b7ab2"},
};
