/* SPDX-License-Identifier: MIT */
/*
 * source.c - the table of known data sets: what they are, the files that belong to them, and how to prove them.
 *
 * A hash that is NULL is not published. Fashion-MNIST's hashes of content follow from the published ones of its .gz files;
 * KMNIST's publisher gives the .gz files alone.
 */
#include "data/source.h"

#include "util/error.h"
#include "util/nearest.h"
#include "lenet/tools.h"

#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum {
    IDX_TRAIN_IMAGES = 16 + 60000 * 28 * 28,
    IDX_TRAIN_LABELS = 8 + 60000,
    IDX_TEST_IMAGES = 16 + 10000 * 28 * 28,
    IDX_TEST_LABELS = 8 + 10000,
    CIFAR_BATCH = 10000 * (1 + 3 * 32 * 32),
    CIFAR100_TRAIN = 50000 * (2 + 3 * 32 * 32),
    CIFAR100_TEST = 10000 * (2 + 3 * 32 * 32),
};

static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
static const char *const clothes[] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                      "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
static const char *const objects[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                      "dog",      "frog",       "horse", "ship", "truck"};
static const char *const fine_objects[] = {
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish",
    "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
    "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
    "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
    "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
    "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank",
    "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm"};
static const char *const coarse_objects[] = {
    "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
    "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes", "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates",
    "people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2"};
static const char *const kana[] = {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"};

static const lenet_source_file mnist_files[] = {
    {"train-images-idx3-ubyte", IDX_TRAIN_IMAGES, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
     "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
    {"train-labels-idx1-ubyte", IDX_TRAIN_LABELS, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
     "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
    {"t10k-images-idx3-ubyte", IDX_TEST_IMAGES, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
     "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
    {"t10k-labels-idx1-ubyte", IDX_TEST_LABELS, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
     "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
};
static const lenet_source_file fashion_files[] = {
    {"train-images-idx3-ubyte", IDX_TRAIN_IMAGES, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
     "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
    {"train-labels-idx1-ubyte", IDX_TRAIN_LABELS, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
     "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
    {"t10k-images-idx3-ubyte", IDX_TEST_IMAGES, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
     "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
    {"t10k-labels-idx1-ubyte", IDX_TEST_LABELS, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
     "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
};
static const lenet_source_file cifar10_files[] = {
    {"data_batch_1.bin", CIFAR_BATCH, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5", NULL},
    {"data_batch_2.bin", CIFAR_BATCH, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed", NULL},
    {"data_batch_3.bin", CIFAR_BATCH, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67", NULL},
    {"data_batch_4.bin", CIFAR_BATCH, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48", NULL},
    {"data_batch_5.bin", CIFAR_BATCH, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add", NULL},
    {"test_batch.bin", CIFAR_BATCH, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b", NULL},
};
static const lenet_source_file cifar100_files[] = {
    {"train.bin", CIFAR100_TRAIN, "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29", NULL},
    {"test.bin", CIFAR100_TEST, "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a", NULL},
};
static const lenet_source_file kmnist_files[] = {
    {"train-images-idx3-ubyte", IDX_TRAIN_IMAGES, NULL,
     "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"},
    {"train-labels-idx1-ubyte", IDX_TRAIN_LABELS, NULL,
     "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"},
    {"t10k-images-idx3-ubyte", IDX_TEST_IMAGES, NULL,
     "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"},
    {"t10k-labels-idx1-ubyte", IDX_TEST_LABELS, NULL,
     "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"},
};

static const char *const mnist_mirrors[] = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                            "https://storage.googleapis.com/cvdf-datasets/mnist/", NULL};
static const char *const fashion_mirrors[] = {
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", NULL};
static const char *const cifar_mirrors[] = {"https://www.cs.toronto.edu/~kriz/", NULL};
static const char *const kmnist_mirrors[] = {"http://codh.rois.ac.jp/kmnist/dataset/kmnist/", NULL};

/* Our own name, then torchvision's (below its root) and where Keras unpacks. Else Keras and Debian use ours. */
static const char *const mnist_folders[] = {"mnist", "MNIST/raw", NULL};
static const char *const fashion_folders[] = {"fashion-mnist", "FashionMNIST/raw", NULL};
static const char *const cifar10_folders[] = {"cifar-10-batches-bin", "cifar10", "cifar-10-batches-py",
                                              "cifar-10-batches-py-target/cifar-10-batches-py", NULL};
static const char *const cifar100_folders[] = {"cifar-100-binary", "cifar100", "cifar-100-python",
                                               "cifar-100-python-target/cifar-100-python", NULL};
static const char *const kmnist_folders[] = {"kmnist", "KMNIST/raw", NULL};

/* Keras has MNIST as an archive of arrays; Keras and torchvision have CIFAR's version for Python. */
static const char *const mnist_arrays[] = {"x_train", "y_train", "x_test", "y_test"};
static const ln_packing mnist_keras = {"mnist.npz", mnist_arrays};
static const char *const cifar10_pickles[] = {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"};
static const ln_packing cifar10_python = {NULL, cifar10_pickles};
static const char *const cifar100_pickles[] = {"train", "test"};
static const ln_packing cifar100_python = {NULL, cifar100_pickles};

static const ln_cifar_labels one_label = {1, 0, {"labels", NULL}};
static const ln_cifar_labels coarse_label = {2, 0, {"coarse_labels", "fine_labels"}}, fine_label = {2, 1, {"coarse_labels", "fine_labels"}};

#define CIFAR_LICENSE "none stated; its authors ask to cite Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"

static const ln_known known[] = {
    {.source = {.name = "mnist",
                .title = "MNIST handwritten digits",
                .license = "CC BY-SA 3.0",
                .folder = "mnist",
                .shape = {1, 28, 28},
                .classes = COUNT_OF(digits),
                .class_names = digits,
                .count = {60000, 10000},
                .file_count = COUNT_OF(mnist_files),
                .files = mnist_files,
                .mirrors = mnist_mirrors},
     .format = &ln_idx_format,
     .folders = mnist_folders,
     .packing = &mnist_keras,
     .sha256 = {"d5f6ca52f64bafdc1847863c31154a5bea4e39409e8a9701e013add61851aa16",
                "ba3f2782ee26d834193251d973d4aa523353487992a0d12d2ed9edf0a54b7ab2"}},
    {.source = {.name = "fashion-mnist",
                .title = "Fashion-MNIST articles of clothing",
                .license = "MIT",
                .folder = "fashion-mnist",
                .shape = {1, 28, 28},
                .classes = COUNT_OF(clothes),
                .class_names = clothes,
                .count = {60000, 10000},
                .file_count = COUNT_OF(fashion_files),
                .files = fashion_files,
                .mirrors = fashion_mirrors},
     .format = &ln_idx_format,
     .folders = fashion_folders,
     .sha256 = {"dcfd0a416e8fbf34c073f79b49805caff38844bdb2ea3d3a5aaa2858479e5452",
                "5fc6dbba861652ce729b77ef7be9176e4653d4163ff4576f85b79880eefe9bdf"}},
    {.source = {.name = "cifar10",
                .title = "CIFAR-10 small colour photographs",
                .license = CIFAR_LICENSE,
                .folder = "cifar-10-batches-bin",
                .shape = {3, 32, 32},
                .classes = COUNT_OF(objects),
                .class_names = objects,
                .count = {50000, 10000},
                .file_count = COUNT_OF(cifar10_files),
                .files = cifar10_files,
                .archive = "cifar-10-binary.tar.gz",
                .mirrors = cifar_mirrors},
     .format = &ln_cifar_format,
     .folders = cifar10_folders,
     .packing = &cifar10_python,
     .labels = &one_label,
     .sha256 = {"4ff75dfb17e8c2fabbc45b692ccadb69378b8d26d01fdc938e55d502f4b28450",
                "125b06f4ad0c45b49da7218786fd3f7ff799573941de2574c827a5ebc7b56ca7"}},
    {.source = {.name = "cifar100",
                .title = "CIFAR-100 small colour photographs, 100 classes",
                .license = CIFAR_LICENSE,
                .folder = "cifar-100-binary",
                .shape = {3, 32, 32},
                .classes = COUNT_OF(fine_objects),
                .class_names = fine_objects,
                .count = {50000, 10000},
                .file_count = COUNT_OF(cifar100_files),
                .files = cifar100_files,
                .archive = "cifar-100-binary.tar.gz",
                .mirrors = cifar_mirrors},
     .format = &ln_cifar_format,
     .folders = cifar100_folders,
     .packing = &cifar100_python,
     .labels = &fine_label},
    {.source = {.name = "cifar100-coarse",
                .title = "CIFAR-100 by its 20 groups of classes",
                .license = CIFAR_LICENSE,
                .folder = "cifar-100-binary",
                .shape = {3, 32, 32},
                .classes = COUNT_OF(coarse_objects),
                .class_names = coarse_objects,
                .count = {50000, 10000},
                .file_count = COUNT_OF(cifar100_files),
                .files = cifar100_files,
                .archive = "cifar-100-binary.tar.gz",
                .mirrors = cifar_mirrors},
     .format = &ln_cifar_format,
     .folders = cifar100_folders,
     .packing = &cifar100_python,
     .labels = &coarse_label},
    {.source = {.name = "kmnist",
                .title = "Kuzushiji-MNIST cursive Japanese characters",
                .license = "CC BY-SA 4.0",
                .folder = "kmnist",
                .shape = {1, 28, 28},
                .classes = COUNT_OF(kana),
                .class_names = kana,
                .count = {60000, 10000},
                .file_count = COUNT_OF(kmnist_files),
                .files = kmnist_files,
                .mirrors = kmnist_mirrors},
     .format = &ln_idx_format,
     .folders = kmnist_folders},
};

static const lenet_source *const list[] = {&known[0].source, &known[1].source, &known[2].source, &known[3].source,
                                           &known[4].source, &known[5].source, NULL};
_Static_assert(COUNT_OF(list) == COUNT_OF(known) + 1, "every known data set is in the list");

const char *const ln_source_names[] = {"mnist", "fashion-mnist", "cifar10", "cifar100", "cifar100-coarse", "kmnist", NULL};
_Static_assert(COUNT_OF(ln_source_names) == COUNT_OF(list), "every known data set has its name");

const lenet_source *const *lenet_source_list(void) { return list; }

const lenet_source *lenet_source_find(const char *name)
{
    for (size_t i = 0; name && i < COUNT_OF(known); i++)
        if (strcmp(known[i].source.name, name) == 0)
            return &known[i].source;
    return NULL;
}

const ln_known *ln_source_known(const lenet_source *source)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (&known[i].source == source)
            return &known[i];
    return NULL;
}

lenet_status ln_source_require(const char *name, const ln_known **row, lenet_error *error)
{
    const lenet_source *source = lenet_source_find(name);
    if (source) {
        *row = ln_source_known(source);
        return LENET_OK;
    }
    char names[128] = "";
    for (size_t i = 0, used = 0; i < COUNT_OF(known) && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", known[i].source.name);
    const char *nearest = name ? ln_nearest_name(name, ln_source_names) : NULL;
    if (nearest)
        return ln_fail(error, LENET_USAGE, "unknown data set '%.64s': did you mean '%s'? Known are %s", name, nearest,
                       names);
    return ln_fail(error, LENET_USAGE, "unknown data set '%.64s': known are %s", name ? name : "", names);
}

const lenet_source *ln_source_of_content(const char *sha256, int packed, size_t *index)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        for (size_t j = 0; j < known[i].source.file_count; j++) {
            const lenet_source_file *file = &known[i].source.files[j];
            const char *published = packed ? file->gz_sha256 : file->sha256;
            if (published && strcmp(published, sha256) == 0) {
                *index = j;
                return &known[i].source;
            }
        }
    return NULL;
}
