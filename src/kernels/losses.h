/* SPDX-License-Identifier: MIT */
/*
 * losses.h - the table of losses. A new one is a file of tmpl/losses/ with its value and gradient, as vectors and as the plain
 * reference, and here a row; tests/unit/test_losses.c and docs/recipe.md want one, too.
 *
 * X(KIND, id, name, help, {key, least, most, default}, ...): LN_KIND, functions id_..., the name in settings, one line for people,
 * and the numbers that may follow the name, each with a comma after it. numbers[0] of a loss without is 1 if its name ends in -sum,
 * else 1 / K.
 *
 * p is the softmax of the network's outputs z, y the label, t = one-hot(y), K the number of classes.
 */
#ifndef LENET_KERNELS_LOSSES_H
#define LENET_KERNELS_LOSSES_H

#define LN_LOSS_LIST(X)                                                                                          \
    X(CROSS_ENTROPY, cross_entropy, "cross-entropy", "-log p[y]", )                                              \
    X(SMOOTHING, smoothing, "label-smoothing",                                                                   \
      "label-smoothing[:share=0.1]  cross-entropy with t (1 - share) + share / K for t", {"share", 0, 1, 0.1}, ) \
    X(BCE, bce, "bce", "mean over the classes of -t log p - (1-t) log(1-p), as Keras takes it of a softmax", )   \
    X(BCE_SIGMOID, bce_sigmoid, "bce-sigmoid", "the same of sigmoid(z) for p, as PyTorch's BCEWithLogitsLoss", ) \
    X(MSE, mse, "mse", "mean over the classes of (p - t)^2", )                                                   \
    X(MSE_SUM, mse_sum, "mse-sum", "sum over the classes of (p - t)^2", )                                        \
    X(L1, l1, "l1", "mean over the classes of |p - t|", )                                                        \
    X(L1_SUM, l1_sum, "l1-sum", "sum over the classes of |p - t|", )                                             \
    X(FOCAL, focal, "focal", "focal[:gamma=2][:alpha=0.25]  -alpha (1-p[y])^gamma log p[y]",                     \
      {"gamma", 0, 10, 2}, {"alpha", 0.001, 1000, 0.25}, )                                                       \
    X(GCE, gce, "gce", "gce[:q=0.7]  (1 - p[y]^q) / q, generalised cross-entropy for noisy labels",              \
      {"q", 0.01, 1, 0.7}, )                                                                                     \
    X(SYMMETRIC, symmetric, "symmetric-cross-entropy",                                                           \
      "symmetric-cross-entropy[:alpha=0.1][:beta=1][:log-zero=-4]  -alpha log p[y] - beta log-zero (1-p[y])",    \
      {"alpha", 0, 100, 0.1}, {"beta", 0, 100, 1}, {"log-zero", -100, 0, -4}, )                                  \
    X(BOOTSTRAP, bootstrap, "bootstrap", "bootstrap[:beta=0.95]  cross-entropy with beta t + (1-beta) p for t",  \
      {"beta", 0, 1, 0.95}, )                                                                                    \
    X(BOOTSTRAP_HARD, bootstrap_hard, "bootstrap-hard",                                                          \
      "bootstrap-hard[:beta=0.8]  the same with 1 at the largest p and 0 elsewhere for p in t",                  \
      {"beta", 0, 1, 0.8}, )                                                                                     \
    X(FORWARD, forward, "forward",                                                                               \
      "-log of the sum of p[k] T[k][y], T the matrix of --noise-matrix (forward correction)", )

#endif
