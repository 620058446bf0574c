/* SPDX-License-Identifier: MIT */
/* cifar100.c - CIFAR-100: small colour photographs, with 100 classes or with the 20 groups of these. */
#include "data/source.h"
#include "lenet/tools.h"

static const char *const fine_objects[] = {
    "apple",      "aquarium_fish", "baby",         "bear",       "beaver",      "bed",         "bee",
    "beetle",     "bicycle",       "bottle",       "bowl",       "boy",         "bridge",      "bus",
    "butterfly",  "camel",         "can",          "castle",     "caterpillar", "cattle",      "chair",
    "chimpanzee", "clock",         "cloud",        "cockroach",  "couch",       "crab",        "crocodile",
    "cup",        "dinosaur",      "dolphin",      "elephant",   "flatfish",    "forest",      "fox",
    "girl",       "hamster",       "house",        "kangaroo",   "keyboard",    "lamp",        "lawn_mower",
    "leopard",    "lion",          "lizard",       "lobster",    "man",         "maple_tree",  "motorcycle",
    "mountain",   "mouse",         "mushroom",     "oak_tree",   "orange",      "orchid",      "otter",
    "palm_tree",  "pear",          "pickup_truck", "pine_tree",  "plain",       "plate",       "poppy",
    "porcupine",  "possum",        "rabbit",       "raccoon",    "ray",         "road",        "rocket",
    "rose",       "sea",           "seal",         "shark",      "shrew",       "skunk",       "skyscraper",
    "snail",      "snake",         "spider",       "squirrel",   "streetcar",   "sunflower",   "sweet_pepper",
    "table",      "tank",          "telephone",    "television", "tiger",       "tractor",     "train",
    "trout",      "tulip",         "turtle",       "wardrobe",   "whale",       "willow_tree", "wolf",
    "woman",      "worm"};

static const char *const coarse_objects[] = {"aquatic_mammals",
                                             "fish",
                                             "flowers",
                                             "food_containers",
                                             "fruit_and_vegetables",
                                             "household_electrical_devices",
                                             "household_furniture",
                                             "insects",
                                             "large_carnivores",
                                             "large_man-made_outdoor_things",
                                             "large_natural_outdoor_scenes",
                                             "large_omnivores_and_herbivores",
                                             "medium_mammals",
                                             "non-insect_invertebrates",
                                             "people",
                                             "reptiles",
                                             "small_mammals",
                                             "trees",
                                             "vehicles_1",
                                             "vehicles_2"};

enum {
    CIFAR100_TRAIN = 50000 * (2 + 3 * 32 * 32),
    CIFAR100_TEST = 10000 * (2 + 3 * 32 * 32),
};

static const lenet_source_file cifar100_files[] = {
    {"train.bin", CIFAR100_TRAIN, "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29", NULL},
    {"test.bin", CIFAR100_TEST, "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a", NULL},
};

static const char *const cifar100_mirrors[] = {"https://www.cs.toronto.edu/~kriz/", NULL};

/* The binary version; the version for Python, as torchvision and as Keras unpack it. */
static const char *const cifar100_folders[] = {"cifar-100-binary", "cifar100", "cifar-100-python",
                                               "cifar-100-python-target/cifar-100-python", NULL};

static const char *const cifar100_pickles[] = {"train", "test"};
static const ln_packing cifar100_python = {NULL, cifar100_pickles};

static const ln_cifar_labels coarse_label = {2, 0, {"coarse_labels", "fine_labels"}};
static const ln_cifar_labels fine_label = {2, 1, {"coarse_labels", "fine_labels"}};

/* The two differ in their labels alone. */
#define CIFAR100(label, called, words, names)                                                                          \
    {                                                                                                                  \
        .source = {.name = (called),                                                                                   \
                   .title = (words),                                                                                   \
                   .license = LN_CIFAR_LICENSE,                                                                        \
                   .folder = "cifar-100-binary",                                                                       \
                   .shape = {3, 32, 32},                                                                               \
                   .classes = LN_COUNT_OF(names),                                                                      \
                   .class_names = (names),                                                                             \
                   .count = {50000, 10000},                                                                            \
                   .file_count = LN_COUNT_OF(cifar100_files),                                                          \
                   .files = cifar100_files,                                                                            \
                   .archive = "cifar-100-binary.tar.gz",                                                               \
                   .mirrors = cifar100_mirrors},                                                                       \
        .format = &ln_cifar_format, .folders = cifar100_folders, .packing = &cifar100_python, .labels = &(label),      \
    }

const ln_known ln_source_cifar100 =
    CIFAR100(fine_label, "cifar100", "CIFAR-100 small colour photographs, 100 classes", fine_objects);

const ln_known ln_source_cifar100_coarse =
    CIFAR100(coarse_label, "cifar100-coarse", "CIFAR-100 by its 20 groups of classes", coarse_objects);
