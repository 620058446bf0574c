/* SPDX-License-Identifier: MIT */
/*
 * tmpl.h - all kernels, written once on the vector type of simd/. An instruction set's file includes its simd header,
 * names its table LN_TABLE and its instruction set LN_ISA, and includes this. How to add one: docs/kernels.md.
 */
#include "kernels/kernels.h"
#include "simd/unroll.h"

#include <math.h>
#include <string.h>

#define LN_GROUPS (LN_BLOCK / LN_WIDTH)

#include "kernels/tmpl/rest.h"
#include "kernels/tmpl/math.h"
#include "kernels/tmpl/gather.h"
#include "kernels/tmpl/conv.h"
#include "kernels/tmpl/sparse.h"
#include "kernels/tmpl/pool.h"
#include "kernels/tmpl/dense.h"
#include "kernels/tmpl/elementwise.h"
#include "kernels/tmpl/dropout.h"
#include "kernels/tmpl/norm.h"
#include "kernels/tmpl/loss.h"

const ln_kernels LN_TABLE = {
    .isa = LN_ISA,
    .width = LN_WIDTH,
    .gather = gather,
    .find_box = find_box,
    .pad = pad,
    .conv_forward = conv_forward,
    .conv_dilate = conv_dilate,
    .conv_backward_data = conv_backward_data,
    .conv_backward_weights = conv_backward_weights,
    .conv_backward_first = conv_backward_first,
    .conv_list_nonzeros = conv_list_nonzeros,
    .conv_sparse_data = conv_sparse_data,
    .conv_sparse_weights = conv_sparse_weights,
    .max_pool_forward = max_pool_forward,
    .max_pool_backward = max_pool_backward,
    .average_pool_forward = average_pool_forward,
    .average_pool_backward = average_pool_backward,
    .activation_forward = activation_forward,
    .activation_backward = activation_backward,
    .dropout_forward = dropout_forward,
    .dropout_backward = dropout_backward,
    .norm_reduce = norm_reduce,
    .norm_forward = norm_forward,
    .norm_reduce_back = norm_reduce_back,
    .norm_backward = norm_backward,
    .dense_forward = dense_forward,
    .dense_backward_data = dense_backward_data,
    .transpose = transpose,
    .dense_backward_weights = dense_backward_weights,
    .loss = loss_of_block,
    .softmax = softmax,
    .sum_parts = sum_parts,
    .sgd = sgd,
    .momentum = momentum,
    .nesterov = nesterov,
    .velocity = velocity,
    .adam = adam,
    .nadam = nadam,
    .rmsprop = rmsprop,
    .adagrad = adagrad,
    .approach = approach,
    .scale = scale,
    .sum_of_squares = sum_of_squares,
    .multiply_adds = multiply_adds,
    .exp = exp_all,
    .log = log_all,
    .tanh = tanh_all,
    .erf = erf_all,
};
