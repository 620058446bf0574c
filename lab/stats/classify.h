/* SPDX-License-Identifier: MIT */
/*
 * classify.h - metrics of a classifier's predictions: averages over classes, agreement beyond chance, ROC
 * curves, calibration.
 *
 * Definitions are those of scikit-learn, which tests/unit/test_classify.c compares with; docs/statistics.md has
 * the formulas. Nothing here allocates, or knows images or models. A confusion matrix is [classes][classes],
 * rows the truth. Probabilities are [count][classes].
 */
#ifndef LENET_LAB_STATS_CLASSIFY_H
#define LENET_LAB_STATS_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lab_predictions {
    size_t count;
    int classes;                /* 2..256 */
    const uint8_t *truth;       /* [count] */
    const float *probabilities; /* [count][classes] */
} lab_predictions;

/* The most probable class of image `index`; of several the lowest. */
int lab_predicted(const lab_predictions *p, size_t index);

/* Precision, recall and F1; a share of nothing counts as 0. */
typedef struct lab_averages {
    double precision, recall, f1;
} lab_averages;

typedef struct lab_scores {
    double accuracy;
    double balanced_accuracy; /* mean recall of the classes that have images */
    double kappa;             /* Cohen's; NaN if chance alone would give 1 */
    double mcc;               /* Matthews' correlation, of any number of classes; 0 where it is 0 / 0 */
    lab_averages macro;       /* means over the classes that have images or are predicted */
    lab_averages weighted;    /* the same by their number of images */
} lab_scores;
lab_scores lab_scores_of(const uint32_t *confusion, int classes);

/* The share of images whose class is among the `k` most probable; a tie goes to the lower class. NaN of no image. */
double lab_top_k(const lab_predictions *p, int k);

/*
 * Means over images: -log p of the true class, p no less than the least positive float; the sum over classes of
 * (p - truth)^2.
 */
double lab_log_loss(const lab_predictions *p);
double lab_brier(const lab_predictions *p);

/* ------------------------------------------------------------------------------------------------------------- ROC */

/*
 * One class against all others: a threshold of its probability, and the shares of other and of own images at or
 * above it.
 */
typedef struct lab_roc_point {
    double threshold, false_positive, true_positive;
} lab_roc_point;

/* Scratch of the ROC functions: one for each image. */
typedef struct lab_ranked {
    float score;
    bool is_own;
} lab_ranked;

/*
 * The curve of a class from (0, 0), whose threshold is infinite, to (1, 1), a point for each different
 * probability that changes its direction. Returns how many; points[count + 1]. 0: the class has no images, or no
 * other class has.
 */
size_t lab_roc(const lab_predictions *p, int label, lab_ranked *scratch, lab_roc_point *points);

/*
 * The area below that curve: the chance that an image of the class gets a higher probability than another one,
 * ties half. NaN as above.
 */
double lab_roc_area(const lab_predictions *p, int label, lab_ranked *scratch);

/* ----------------------------------------------------------------------------------------------------- calibration */

enum { LAB_CALIBRATION_BINS = 15 };

/* Images whose confidence, the largest probability, is above `low` and at most `high` (the first bin has 0 too). */
typedef struct lab_calibration_bin {
    double low, high;
    size_t count;
    double confidence, accuracy; /* means; NaN of an empty bin */
} lab_calibration_bin;

typedef struct lab_calibration {
    lab_calibration_bin bins[LAB_CALIBRATION_BINS]; /* of equal width */
    double expected_error;                          /* mean |accuracy - confidence| of bins, by their images */
    double largest_error;                           /* of the bins that are not empty */
} lab_calibration;

/*
 * At a temperature: probabilities in proportion to p^(1 / temperature), which are those of logits divided by it.
 * 1: as they are.
 */
lab_calibration lab_calibrate(const lab_predictions *p, double temperature);
double lab_log_loss_at(const lab_predictions *p, double temperature);

/* The temperature, within 0.01..100, at which the log loss is least. */
double lab_best_temperature(const lab_predictions *p);

/* ------------------------------------------------------------------------------------------------------ two models */

/* Two models on the same images. */
typedef struct lab_agreement {
    size_t both_right, first_right, second_right, both_wrong; /* first_right: only the first */
    size_t same_wrong;                                        /* of both_wrong: with the same class */
} lab_agreement;
lab_agreement lab_compare_predictions(const lab_predictions *first, const lab_predictions *second);

#endif
