/* SPDX-License-Identifier: MIT */
/*
 * tools.h - liblenet for programs that look after data, measure and explain: the known data sets
 * and their files, what a training does with its images, the inside of a network, curves of
 * activations and losses, the speed of the machine. Training and using networks needs lenet.h
 * alone, whose rules hold here too.
 */
#ifndef LENET_TOOLS_H
#define LENET_TOOLS_H

#include <lenet/lenet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------ known data sets */

/* One file of a known data set. */
typedef struct lenet_source_file {
    const char *name; /* "train-images-idx3-ubyte"; for CIFAR-10 "data_batch_1.bin" */
    size_t bytes;     /* decompressed */
    /*
     * of the decompressed content, hexadecimal; NULL if only that of the published NAME.gz is
     * known
     */
    const char *sha256;
    /*
     * of NAME.gz as its publisher packed it; NULL if unknown. One of the two is always known.
     */
    const char *gz_sha256;
} lenet_source_file;

/*
 * A data set that the library knows by name: what it is, what belongs to it, and from where it can
 * be had.
 */
typedef struct lenet_source {
    const char *name;    /* "mnist" */
    const char *title;   /* "MNIST handwritten digits" */
    const char *license; /* in words */
    const char *folder;  /* the folder below a data folder that holds its files: "mnist" */
    lenet_shape shape;   /* of an image */
    int classes;         /* number of them */
    const char *const *class_names;
    size_t count[2]; /* images in [LENET_TRAIN], [LENET_TEST] */
    size_t file_count;
    const lenet_source_file *files;
    /*
     * the one file to fetch that holds them all ("cifar-10-binary.tar.gz"), or NULL: each file is
     * fetched alone as NAME.gz
     */
    const char *archive;
    const char *const *mirrors; /* URLs that end in '/', the best first, ended by NULL */
} lenet_source;

LENET_API const lenet_source *const *lenet_source_list(void);      /* ended by NULL */
LENET_API const lenet_source *lenet_source_find(const char *name); /* NULL: unknown */

/* The state of one file of a source, as found on this machine. */
typedef enum lenet_file_state {
    LENET_FILE_MISSING,
    LENET_FILE_GOOD, /* the content, or the .gz as it lies there, has the published SHA-256 */
    /* the content is that of another known file (`other_name` of `other_source`) */
    LENET_FILE_SWAPPED,
    LENET_FILE_BAD, /* unreadable, truncated, or unknown content: `reason` */
    /* well-formed, but not the published NAME.gz, and no hash of its content is known: `reason` */
    LENET_FILE_UNPROVEN,
} lenet_file_state;

typedef struct lenet_file_check {
    lenet_file_state state;
    /* where it was found ("" if missing); a member of an archive is "ARCHIVE:MEMBER" */
    char path[1024];
    char sha256[65];          /* of the decompressed content ("" if unread) */
    const char *other_source; /* with LENET_FILE_SWAPPED */
    const char *other_name;   /* with LENET_FILE_SWAPPED */
    char reason[256];         /* with LENET_FILE_BAD and LENET_FILE_UNPROVEN */
} lenet_file_check;

/*
 * Where the data set `source` is found with `folder` (as for lenet_dataset_open): writes the
 * folder, or the archive, into path (terminated). LENET_INPUT: nowhere; the error names the folders
 * searched.
 */
LENET_API lenet_status lenet_source_locate(const lenet_source *source, const char *folder,
                                           char *path, size_t capacity, lenet_error *error);

/*
 * Reads and hashes file `index` of `source` and compares; what is wrong with the file is in
 * `check`. LENET_FAILURE: no memory. LENET_IO: the system could not read it, which says nothing
 * about the file.
 */
LENET_API lenet_status lenet_source_check(const lenet_source *source, size_t index,
                                          const char *folder, lenet_file_check *check,
                                          lenet_error *error);

/*
 * The same for what lies at `path`, whatever it is called: the file, plain or gzipped; where the
 * source has an archive, the archive.
 */
LENET_API lenet_status lenet_source_check_file(const lenet_source *source, size_t index,
                                               const char *path, lenet_file_check *check,
                                               lenet_error *error);

/*
 * Of a dataset that lenet_dataset_open read: NULL, or one line that says that it has as many images
 * as the published data set and other content, for which reading is no error: content that was
 * changed on purpose may be used. NULL for data sets of another size, for those made from memory,
 * and where the published content is not known (KMNIST).
 */
LENET_API const char *lenet_dataset_doubt(const lenet_dataset *dataset);

/* --------------------------------------------------------------------------- what is trained on */

/* What a training does with an image of its training set. */
typedef enum lenet_use {
    LENET_USE_NONE, /* settings.train_limit leaves it out */
    LENET_USE_TRAIN,
    LENET_USE_HOLD_OUT, /* for validation */
} lenet_use;

/*
 * What a training with these settings does with each image of `train`: use[count], a lenet_use
 * each. With settings.validation_resample this is the draw before the first epoch. A function of
 * data and settings alone. LENET_USAGE: as of lenet_train.
 */
LENET_API lenet_status lenet_measure_split(const lenet_dataset *train,
                                           const lenet_settings *settings, uint8_t *use,
                                           lenet_error *error);

/*
 * The label noise that a training with these settings has: matrix[true class][given label],
 * [classes][classes], counts of the images that settings.train_limit leaves, held out or not; a
 * diagonal matrix without noise. A function of data and settings alone. LENET_USAGE: as of
 * lenet_train; LENET_INPUT, LENET_IO: the file of noise_kind.
 */
LENET_API lenet_status lenet_measure_noise(const lenet_dataset *train,
                                           const lenet_settings *settings, uint32_t *matrix,
                                           lenet_error *error);

/* ------------------------------------------------------------------------------------ functions */

/*
 * The activation (a name of LENET_ACTIVATIONS, with its numbers if it has some: "elu:alpha=2") and
 * its derivative at x[0..count-1], by the kernels that training uses. LENET_USAGE: no activation.
 */
LENET_API lenet_status lenet_activation_curve(const char *activation, size_t count, const float *x,
                                              float *y, float *gradient, lenet_error *error);

/*
 * The loss (as settings.loss) of an image whose true class has the logit logit[i] while those of
 * the other classes are 0, and its derivative by that logit; the softmax gives the true class
 * exp(logit) / (exp(logit) + classes - 1). LENET_USAGE: no loss, or one that needs a noise matrix.
 */
LENET_API lenet_status lenet_loss_curve(const char *loss, int classes, size_t count,
                                        const float *logit, float *value, float *gradient,
                                        lenet_error *error);

/* ------------------------------------------------------------------------------------ measuring */

/*
 * The peak that kernels are measured against: float32 multiply-adds on registers alone, two
 * operations each, on all threads of `compute`, in GFLOP/s; the best of several tries that take
 * about `seconds` in all.
 */
LENET_API lenet_status lenet_measure_peak(const lenet_compute *compute, double seconds,
                                          double *gflops, lenet_error *error);

/* What a part of a training step costs. */
typedef struct lenet_stage {
    /* "conv1 forward", "fc1 weights", "gather", "loss", "wait" (for other threads) */
    char name[48];
    double seconds; /* of one thread in one step, mean over threads and steps */
    /*
     * floating-point operations in one step, all threads, zeros that are skipped counted too; 0
     * where a count has no meaning
     */
    double flop;
} lenet_stage;

/*
 * Trains `model` (whose weights it changes) for `steps` steps on `dataset` with batch, optimizer
 * and compute of `settings`, and writes up to `capacity` stages, in the order of a step; *count is
 * their number.
 */
LENET_API lenet_status lenet_measure_stages(lenet_model *model, const lenet_dataset *dataset,
                                            const lenet_settings *settings, int steps,
                                            lenet_stage *stages, size_t capacity, size_t *count,
                                            lenet_error *error);

/* ------------------------------------------------------------------------------------ confusion */

/*
 * The `count` largest off-diagonal cells of a confusion matrix, the largest first, ties by (truth,
 * predicted). Returns how many were written: fewer if fewer cells are non-zero.
 */
typedef struct lenet_confused_pair {
    int truth, predicted;
    uint32_t count;
} lenet_confused_pair;
LENET_API size_t lenet_confused_pairs(const lenet_evaluation *evaluation,
                                      lenet_confused_pair *pairs, size_t count);

/* -------------------------------------------------------------------------------------- session */

/*
 * A model that is open to be computed: its threads and memory are made once, and no call allocates.
 * The model must outlive it; its weights may change between calls. All is as in an evaluation:
 * dropout passes everything, running statistics are used.
 */
typedef struct lenet_session lenet_session;
LENET_API lenet_status lenet_session_open(lenet_session **session, const lenet_model *model,
                                          const lenet_compute *compute, lenet_error *error);
LENET_API void lenet_session_close(lenet_session **session);

/* Any number of images [count][channels][height][width], in one of two forms; the other is NULL. */
typedef struct lenet_images {
    size_t count;
    const uint8_t *bytes; /* pixels 0..255 */
    const float *values;  /* the same / 255: 0..1, but any number is taken */
} lenet_images;

/* The softmax [count][classes]; of bytes with the bits of lenet_model_predict. */
LENET_API void lenet_session_probabilities(lenet_session *session, const lenet_images *images,
                                           float *probabilities);

/*
 * What layer `layer` (from 0; the last gives the logits) computes: values[count] of its output's
 * shape. LENET_USAGE: there is no such layer.
 */
LENET_API lenet_status lenet_session_outputs(lenet_session *session, const lenet_images *images,
                                             size_t layer, float *values, lenet_error *error);

/*
 * One number for each image: its cross-entropy with labels[count], or, where that is NULL, a unit:
 * the mean over its places.
 */
typedef struct lenet_objective {
    const uint8_t *labels;
    size_t layer, unit; /* an output channel, or a dense layer's unit, from 0 */
} lenet_objective;

/*
 * The objective of each image, values[count], and its gradient: with `by` 0 by the images' numbers
 * (pixel / 255), with i by the output of layer i - 1; gradient[count] of that shape. Either may be
 * NULL. Where max-pooling has several maxima the first one has the gradient; ReLU has none at 0.
 * LENET_USAGE: no such label, layer or unit, or `by` comes after the objective.
 */
LENET_API lenet_status lenet_session_gradient(lenet_session *session, const lenet_images *images,
                                              const lenet_objective *objective, size_t by,
                                              float *values, float *gradient, lenet_error *error);

#ifdef __cplusplus
}
#endif
#endif
