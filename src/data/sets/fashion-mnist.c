/* SPDX-License-Identifier: MIT */
/*
 * fashion-mnist.c - Fashion-MNIST: articles of clothing. The hashes of its content follow from the published
 * ones of its .gz files.
 */
#include "data/source.h"
#include "lenet/tools.h"

static const char *const clothes[] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                      "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

static const lenet_source_file fashion_files[] = {
    {"train-images-idx3-ubyte", LN_IDX_IMAGES(60000),
     "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
     "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
    {"train-labels-idx1-ubyte", LN_IDX_LABELS(60000),
     "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
     "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
    {"t10k-images-idx3-ubyte", LN_IDX_IMAGES(10000), "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
     "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
    {"t10k-labels-idx1-ubyte", LN_IDX_LABELS(10000), "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
     "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
};

static const char *const fashion_mirrors[] = {
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", NULL};

static const char *const fashion_folders[] = {"fashion-mnist", "FashionMNIST/raw", NULL};

const ln_known ln_source_fashion_mnist = {
    .source = {.name = "fashion-mnist",
               .title = "Fashion-MNIST articles of clothing",
               .license = "MIT",
               .folder = "fashion-mnist",
               .shape = {1, 28, 28},
               .classes = LN_COUNT_OF(clothes),
               .class_names = clothes,
               .count = {60000, 10000},
               .file_count = LN_COUNT_OF(fashion_files),
               .files = fashion_files,
               .mirrors = fashion_mirrors},
    .format = &ln_idx_format,
    .folders = fashion_folders,
    .sha256 = {"dcfd0a416e8fbf34c073f79b49805caff38844bdb2ea3d3a5aaa2858479e5452",
               "5fc6dbba861652ce729b77ef7be9176e4653d4163ff4576f85b79880eefe9bdf"},
};
