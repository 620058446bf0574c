/* SPDX-License-Identifier: MIT */
/* layers.c - the table of layer kinds. A new kind is a row here and a file. */
#include "nn/layer.h"

#include <string.h>

#define ROWS(ROW)                                                                                                      \
    ROW("conv", ln_conv_kind)                                                                                          \
    ROW("dense", ln_dense_kind)                                                                                        \
    ROW("maxpool", ln_maxpool_kind)                                                                                    \
    ROW("avgpool", ln_avgpool_kind)                                                                                    \
    ROW("relu", ln_relu_kind)                                                                                          \
    ROW("leaky-relu", ln_leaky_relu_kind)                                                                              \
    ROW("elu", ln_elu_kind)                                                                                            \
    ROW("tanh", ln_tanh_kind)                                                                                          \
    ROW("sigmoid", ln_sigmoid_kind)                                                                                    \
    ROW("selu", ln_selu_kind)                                                                                          \
    ROW("gelu", ln_gelu_kind)                                                                                          \
    ROW("gelu-tanh", ln_gelu_tanh_kind)                                                                                \
    ROW("dropout", ln_dropout_kind)                                                                                    \
    ROW("batchnorm", ln_batchnorm_kind)

const ln_layer_kind *const ln_layer_kinds[] = {
#define ROW(name, kind) &kind,
    ROWS(ROW)
#undef ROW
    NULL};

const char *const ln_layer_kind_names[] = {
#define ROW(name, kind) name,
    ROWS(ROW)
#undef ROW
    NULL};

const ln_layer_kind *ln_layer_kind_find(const char *name)
{
    for (const ln_layer_kind *const *kind = ln_layer_kinds; *kind; kind++)
        if (!strcmp((*kind)->name, name))
            return *kind;
    return NULL;
}

int ln_read_whole(const char **text)
{
    int value = 0, digits = 0;
    for (; **text >= '0' && **text <= '9'; ++*text, digits++) {
        value = 10 * value + (**text - '0');
        if (value > 1000000)
            return -1;
    }
    return digits ? value : -1;
}
