/* SPDX-License-Identifier: MIT */
/* kmnist.c - Kuzushiji-MNIST: cursive Japanese characters. Its publisher gives the hashes of the .gz files alone. */
#include "data/source.h"
#include "lenet/tools.h"

static const char *const kana[] = {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"};

static const lenet_source_file kmnist_files[] = {
    {"train-images-idx3-ubyte", LN_IDX_IMAGES(60000), NULL,
     "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"},
    {"train-labels-idx1-ubyte", LN_IDX_LABELS(60000), NULL,
     "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"},
    {"t10k-images-idx3-ubyte", LN_IDX_IMAGES(10000), NULL,
     "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"},
    {"t10k-labels-idx1-ubyte", LN_IDX_LABELS(10000), NULL,
     "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"},
};

static const char *const kmnist_mirrors[] = {"http://codh.rois.ac.jp/kmnist/dataset/kmnist/", NULL};

static const char *const kmnist_folders[] = {"kmnist", "KMNIST/raw", NULL};

const ln_known ln_source_kmnist = {
    .source = {.name = "kmnist",
               .title = "Kuzushiji-MNIST cursive Japanese characters",
               .license = "CC BY-SA 4.0",
               .folder = "kmnist",
               .shape = {1, 28, 28},
               .classes = LN_COUNT_OF(kana),
               .class_names = kana,
               .count = {60000, 10000},
               .file_count = LN_COUNT_OF(kmnist_files),
               .files = kmnist_files,
               .mirrors = kmnist_mirrors},
    .format = &ln_idx_format,
    .folders = kmnist_folders,
};
