/* SPDX-License-Identifier: MIT */
/*
 * settings.h - everything that can be chosen for a training. Included by lenet.h. docs/recipe.md
 * explains each setting by its name, with formulas and sources.
 */
#ifndef LENET_SETTINGS_H
#define LENET_SETTINGS_H

#include <lenet/metrics.h>

#ifdef __cplusplus
extern "C" {
#endif

/* After which epoch's weights the model is left. A tie keeps the earlier epoch. */
typedef enum lenet_keep {
    /*
     * the best validation accuracy (then the lower validation loss); the last if nothing is held
     * out
     */
    LENET_KEEP_VALIDATION,
    /* the best test accuracy: this choice makes its accuracy too good; results must report it */
    LENET_KEEP_TEST,
    LENET_KEEP_LAST,
} lenet_keep;

/* Which training images are held out for validation. */
typedef enum lenet_validation {
    LENET_VALIDATION_STRATIFIED, /* drawn by the seed, the same share of each class */
    LENET_VALIDATION_LAST,       /* the last of the data set, as Keras's validation_split */
} lenet_validation;

/* How many labels of a class become those of another. */
typedef enum lenet_noise_draw {
    LENET_NOISE_BERNOULLI, /* each by chance, apart from all others */
    /* the expected number, rounded by the largest remainder; which ones is drawn */
    LENET_NOISE_EXACT,
} lenet_noise_draw;

/* What settings.weight_decay does. */
typedef enum lenet_decay {
    LENET_DECAY_DEFAULT, /* decoupled with adamw and adamw-pytorch, else l2 */
    /*
     * Keras's L2 penalty: weight_decay times the sum of squared weights, biases left out, is part
     * of the loss
     */
    LENET_DECAY_L2,
    /* the gradient gets weight_decay times each weight, biases too, after clipping */
    LENET_DECAY_L2_PYTORCH,
    /*
     * each weight, biases too, loses the share learning rate x weight_decay of itself before each
     * step
     */
    LENET_DECAY_DECOUPLED,
} lenet_decay;

/* The progress of training, for a display. */
typedef struct lenet_progress {
    int epoch, epochs;           /* from 1; of so many */
    size_t images, epoch_images; /* done in this epoch; of so many */
    double seconds;              /* since this epoch began */
    double loss, accuracy;       /* running means of this epoch */
} lenet_progress;

typedef struct lenet_settings {
    /* set by lenet_settings_default; another version's size is refused: compile again */
    size_t struct_size;
    int epochs; /* 1..1000000; default 10 */
    int batch;  /* images a step, 1..65536; the last batch of an epoch may be short; default 32 */
    /*
     * lenet_option_names(LENET_INITIALIZERS), some with a number: "normal:0.1"; default
     * "glorot-uniform"
     */
    const char *initializer;
    /* lenet_option_names(LENET_OPTIMIZERS), some with numbers ("adam:beta1=0.8"); default "adam" */
    const char *optimizer;
    /* >= 0, finite; default 0: the optimiser's own (adam 0.001, sgd and momentum 0.01) */
    double learning_rate;
    /*
     * of an exponential schedule: the learning rate is multiplied by it after each epoch; > 0,
     * default 1
     */
    double decay;
    /* 0 <= m < 1; default 0.9; used by "momentum", "nesterov" and their -pytorch forms */
    double momentum;
    uint64_t seed; /* default 1 */
    /*
     * Share of the training images held out, 0 <= v < 1; default 0.1. Stratified: of each class its
     * share, rounded to whole images; where that is 0 for every class, the share of all images, one
     * of each of the largest classes. A share above 0 that holds out no image is LENET_USAGE in
     * lenet_train. Of a dataset with its own validation set that set is held out instead; a share
     * other than 0 and the default, folds and the like are LENET_USAGE then.
     */
    double validation_split;
    /* use only so many training images, drawn by the seed, before the split; 0: all */
    size_t train_limit;
    lenet_keep keep;     /* default LENET_KEEP_VALIDATION */
    int test_each_epoch; /* evaluate the test set after every epoch; default 0 */
    /*
     * What an image costs: lenet_option_names(LENET_LOSSES), some with numbers ("gce:0.7"); default
     * "cross-entropy". The losses of epochs and results are means of it. docs/recipe.md has the
     * formulas and their sources.
     */
    const char *loss;
    /*
     * For the loss "forward", and only for it: a text file of one row of numbers for each true
     * class, the share (or count) of its images that are labelled as each class; "known": that of
     * noise and noise_kind; "estimate": by a first training, the same with the loss cross-entropy,
     * which notifies on_progress alone and starts again after an interruption; the model's note
     * noise_matrix_estimated then has the matrix. Default NULL.
     */
    const char *noise_matrix;
    lenet_validation validation_kind; /* default LENET_VALIDATION_STRATIFIED */
    /* hold out other images in each epoch, so that all are trained on; default 0 */
    int validation_resample;
    /*
     * Stratified k-fold: part `fold` (0..folds - 1) of `folds` (2..1000) is held out instead of
     * validation_split, which becomes 1 / folds. The parts are disjoint and cover all images.
     * Default 0: no folds.
     */
    int folds, fold;
    /*
     * How the learning rate changes: lenet_option_names(LENET_SCHEDULES), some with numbers
     * ("step:10:0.5"); default "exponential", which is decay's. In the first `warmup` epochs (a
     * share of one, too) it rises from 0 to the schedule's; default 0.
     */
    const char *schedule;
    double warmup;
    /* >= 0; default 0: none, or the optimiser's own (adamw 0.004, adamw-pytorch 0.01) */
    double weight_decay;
    lenet_decay weight_decay_kind; /* default LENET_DECAY_DEFAULT */
    double max_norm; /* > 0: the largest norm that the weights of a unit may have; default 0: any */
    /* > 0: the largest norm that the gradient of all weights may have; default 0: any */
    double clip_norm;
    /*
     * 0..1: evaluate and keep a moving average of the weights, ema of it and 1 - ema of them;
     * default 0: none
     */
    double ema;
    /* > 0: stop after so many epochs without a better validation loss; default 0: never */
    int patience;
    double min_delta; /* by how much a better loss must be below the best; default 0 */
    int diagnose;     /* measure a diagnosis after every epoch (lenet_epoch.diagnosis); default 0 */
    /*
     * A file of the run's state (docs/formats.md); NULL (default): none. If it exists, training is
     * resumed from it, to the same bits as without interruption: on_epoch is first called for the
     * epochs that are finished. Else training begins. It is replaced after each epoch,
     * checkpoint_seconds (default 30) after the last one, and when training stops; but not so often
     * that it took more than 1 % of the time, unless checkpoint_seconds is 0: then after every
     * step. It is there after the last epoch, too: the caller removes it after the result is
     * stored.
     */
    const char *checkpoint;
    double checkpoint_seconds;
    /*
     * Label noise: this share (0..1) of the training images of each class, held out or not, is
     * given a wrong label; the test set never. NaN, the default: none. noise_kind is how classes
     * are confused: "symmetric" (the default), "symmetric-all", "pair", or "matrix:FILE", a file as
     * for noise_matrix, which gives the shares too. docs/recipe.md has the definitions.
     */
    double noise;
    const char *noise_kind;
    lenet_noise_draw noise_draw; /* default LENET_NOISE_BERNOULLI */
    /*
     * The seed that draws the noise. 0, the default: `seed` draws it. With another value, runs of
     * different seeds are trained on the same wrong labels. Without label noise it counts as 0.
     */
    uint64_t noise_seed;
    /*
     * Pixels become (pixel / 255 - mean) / std: NULL (default) or "none": 0 and 1; "per-dataset":
     * those of the images that are trained on; or numbers, "0.1307,0.3081", for all channels or for
     * each (all means, then all deviations). Evaluation uses the same.
     */
    const char *normalize;
    /*
     * Changes training images, and them alone: operations of
     * lenet_option_names(LENET_AUGMENTATIONS) with their numbers, "shift:2,flip". Default NULL:
     * none.
     */
    const char *augment;
    /* each class comes equally often in an epoch, which stays as long as it was; default 0 */
    int balance;
    lenet_compute compute;
    /*
     * Called from the training thread, about 10 times a second and after each epoch; non-zero stops
     * training (LENET_STOPPED).
     */
    int (*on_progress)(void *context, const lenet_progress *progress);
    int (*on_epoch)(void *context, const lenet_epoch *epoch);
    void *context;
    /*
     * Of the network, for lenet_model_create_with; lenet_train refuses a model that was made
     * without it. NULL (default): as in the architecture. Else each of its activations is replaced
     * by this one of lenet_option_names(LENET_ACTIVATIONS), some with numbers: "leaky-relu:0.2",
     * "elu:alpha=0.5"; "none" removes them.
     */
    const char *activation;
    /*
     * Of the network too: 0 (default) as in the architecture; else the rate of its dropout layers,
     * 0 < rate <= 0.99, and where it has none, dropout after each hidden dense layer (and its
     * activation).
     */
    double dropout;
    /*
     * lenet_option_names(LENET_BIAS_INITIALIZERS); default NULL: 0, or with pytorch-default the
     * same
     */
    const char *bias_initializer;
} lenet_settings;
LENET_API void lenet_settings_default(lenet_settings *settings);

/*
 * Gives the setting of this name ("val-split", or "val_split") the value that `text` says, as on
 * the command line; of a flag "true" or "false". Of a text and a choice with numbers the text
 * itself is kept, and must outlive the settings. LENET_USAGE: unknown, or not what it takes; the
 * error is "NAME TEXT: why", with the nearest name.
 */
LENET_API lenet_status lenet_settings_set(lenet_settings *settings, const char *name,
                                          const char *text, lenet_error *error);

/*
 * The name of setting `index` (from 0), and if `help` is not NULL one line about it there; NULL
 * past the last.
 */
LENET_API const char *lenet_settings_name(size_t index, const char **help);

/*
 * Copies `settings` into `complete` (which may be the same) with every default that depends on
 * another setting filled in: the learning rate, the weight decay and its kind, with folds the
 * validation split; noise that is not set becomes 0. LENET_USAGE: a setting out of its range, or
 * some that contradict each other; the error says why.
 */
LENET_API lenet_status lenet_settings_complete(const lenet_settings *settings,
                                               lenet_settings *complete, lenet_error *error);

#ifdef __cplusplus
}
#endif
#endif
