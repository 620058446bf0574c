/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - the numbers of an epoch: one table of metrics, and the diagnosis of a network.
 * Included by lenet.h.
 */
#ifndef LENET_METRICS_H
#define LENET_METRICS_H

#include <lenet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One layer with weights, as settings.diagnose measures it. A unit is an output channel or a dense
 * layer's unit.
 */
typedef struct lenet_layer_diagnosis {
    char name[32]; /* "conv1" */
    /*
     * dead: never above 0 after the layer's activation, for any training image (of relu: always 0);
     * of tanh and sigmoid, which have no off side: always 0. 0 where the layer has no activation.
     */
    size_t units, dead;
    int has_activation;
    double weight_norm;   /* L2, biases left out */
    double gradient_norm; /* the same of the gradient in the epoch's last step */
} lenet_layer_diagnosis;

/*
 * A diagnosis of the network after an epoch, on all its training images; its numbers for the whole
 * network are metrics. It does not depend on threads.
 */
typedef struct lenet_diagnosis {
    size_t layer_count;
    const lenet_layer_diagnosis *layers; /* in the network's order */
    size_t count;                        /* training images */
    int largest_class;                   /* the most frequent among them, */
    double largest_class_share;          /* and its share: the accuracy of a constant prediction */
} lenet_diagnosis;

/* When a metric is measured; else its value is NaN. */
typedef enum lenet_when {
    LENET_ALWAYS,
    LENET_WITH_VALIDATION, /* images are held out */
    LENET_WITH_TEST,       /* settings.test_each_epoch, or LENET_KEEP_TEST */
    LENET_WITH_NOISE,      /* training labels are noisy */
    LENET_WITH_DIAGNOSIS,  /* settings.diagnose */
} lenet_when;

/*
 * X(NAME, words, brief, unit, better, when, about): every number of an epoch, once; the fields are
 * those of lenet_metric. Files, databases, displays and reports are made from it. Rows
 * LENET_WITH_DIAGNOSIS come last: checkpoints end with them.
 *
 * Losses are means of settings.loss. seconds: of training alone, shuffling and optimiser included,
 * evaluation not; learning_rate: of the last step; train_*: means while the weights were changing,
 * as Keras logs them; val_*, test_*: after the epoch; is_best: 1 if it is the best so far by
 * settings.keep, else 0. noisy_*: of the training images with a wrong label, the shares predicted
 * as the given label, the true one, another; clean_right: of the others, the share right. after_*:
 * on the training images after the epoch; classes_predicted: how many are predicted at least once
 * there.
 */
#define LENET_RUNNING_MEAN                                                                    \
    "training accuracy is the running mean of an epoch, while the weights were changing, as " \
    "Keras logs it"
#define LENET_AS_TRAIN "running as training accuracy is"
#define LENET_METRIC_LIST(X)                                                                       \
    X(SECONDS, seconds, "time of an epoch", "", "s", -1, ALWAYS, NULL)                             \
    X(LEARNING_RATE, learning_rate, "learning rate", NULL, NULL, 0, ALWAYS, NULL)                  \
    X(TRAIN_LOSS, train_loss, "training loss", "train", NULL, -1, ALWAYS,                          \
      "the running mean of an epoch")                                                              \
    X(TRAIN_ACCURACY, train_accuracy, "training accuracy", "train", "%", 1, ALWAYS,                \
      LENET_RUNNING_MEAN)                                                                          \
    X(VAL_LOSS, val_loss, "validation loss", "validation", NULL, -1, WITH_VALIDATION, NULL)        \
    X(VAL_ACCURACY, val_accuracy, "validation accuracy", "validation", "%", 1, WITH_VALIDATION,    \
      NULL)                                                                                        \
    X(TEST_LOSS, test_loss, "test loss", "test", NULL, -1, WITH_TEST, NULL)                        \
    X(TEST_ACCURACY, test_accuracy, "test accuracy", "test", "%", 1, WITH_TEST, NULL)              \
    X(IS_BEST, is_best, "best so far", NULL, NULL, 0, ALWAYS, NULL)                                \
    X(NOISY_MEMORISED, noisy_memorised, "noisy images predicted as their wrong label",             \
      "wrong labels memorised", "%", -1, WITH_NOISE, LENET_AS_TRAIN)                               \
    X(NOISY_CORRECTED, noisy_corrected, "noisy images predicted as their true class",              \
      "wrong labels corrected", "%", 1, WITH_NOISE, LENET_AS_TRAIN)                                \
    X(NOISY_OTHER, noisy_other, "noisy images predicted as a third class", NULL, "%", -1,          \
      WITH_NOISE, LENET_AS_TRAIN)                                                                  \
    X(CLEAN_RIGHT, clean_right, "clean training images predicted right", NULL, "%", 1, WITH_NOISE, \
      LENET_AS_TRAIN)                                                                              \
    X(AFTER_LOSS, after_loss, "training loss after the epoch", NULL, NULL, -1, WITH_DIAGNOSIS,     \
      NULL)                                                                                        \
    X(AFTER_ACCURACY, after_accuracy, "training accuracy after the epoch", NULL, "%", 1,           \
      WITH_DIAGNOSIS, NULL)                                                                        \
    X(CLASSES_PREDICTED, classes_predicted, "classes predicted", NULL, NULL, 0, WITH_DIAGNOSIS,    \
      NULL)

/*
 * LENET_TRAIN_LOSS is the place of "train_loss" in lenet_epoch.values and lenet_metric_list();
 * LENET_METRICS: how many there are.
 */
enum {
#define LENET_METRIC_ENUM(NAME, name, words, brief, unit, better, when, about) LENET_##NAME,
    LENET_METRIC_LIST(LENET_METRIC_ENUM)
#undef LENET_METRIC_ENUM
        LENET_METRICS
};

typedef struct lenet_metric {
    const char *name;  /* "train_accuracy": a column of files and databases */
    const char *words; /* "training accuracy" */
    /* before the value on a line for an epoch, "" if it needs none; NULL: it is not on that line */
    const char *brief;
    const char *unit; /* "s"; "%" of a share in 0..1, which is shown times 100; NULL: none */
    int better;       /* which way: -1 lower, 1 higher, 0 neither */
    lenet_when when;
    const char *about; /* what a reader of its numbers must know; NULL: nothing */
} lenet_metric;
LENET_API const lenet_metric *lenet_metric_list(void); /* [LENET_METRICS] */

/* One finished epoch. */
typedef struct lenet_epoch {
    int epoch;                        /* from 1 */
    double values[LENET_METRICS];     /* by LENET_TRAIN_LOSS and so on; NaN where not measured */
    const lenet_diagnosis *diagnosis; /* with settings.diagnose, valid during on_epoch; else NULL */
} lenet_epoch;

#ifdef __cplusplus
}
#endif
#endif
