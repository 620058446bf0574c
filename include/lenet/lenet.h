/* SPDX-License-Identifier: MIT */
/*
 * lenet.h - the public interface of liblenet, and its contract. It includes settings.h (what can be
 * chosen for a training), metrics.h (what is measured in an epoch) and base.h (errors). tools.h is
 * for programs that look after data and measure. What is neither here nor in tools.h is not public.
 *
 * liblenet trains, evaluates and stores small convolutional classifiers of the LeNet-5 class on the
 * CPU. A training run from memory to accuracy:
 *
 *     lenet_dataset *train = NULL, *test = NULL;
 *     lenet_model *model = NULL;
 *     lenet_settings settings;
 *     lenet_result result;
 *     lenet_error error;
 *
 *     lenet_settings_default(&settings);
 *     if (lenet_dataset_open(&train, "mnist", LENET_TRAIN, NULL, &error) ||
 *         lenet_dataset_open(&test, "mnist", LENET_TEST, NULL, &error) ||
 *         lenet_model_create(&model, "lenet5", lenet_dataset_shape(train), 10, &error) ||
 *         lenet_train(model, train, test, &settings, &result, &error))
 *             fprintf(stderr, "%s\n", error.text);
 *
 * Rules that hold everywhere:
 *  - Errors. A function that can fail returns a lenet_status, LENET_OK (0) on success. It takes a
 *    lenet_error * as its last argument, which may be NULL; on failure it receives one line for
 *    people that names the file, option or tensor and the reason. On failure out-parameters are
 *    left as they were.
 *  - Ownership. Handles are opaque, made by *_open, *_create or *_load into a pointer, and freed by
 *    *_close, which takes the address of that pointer, sets it to NULL, and accepts NULL there. A
 *    `const char *` or other pointer that a function returns belongs to the handle of its argument
 *    (or is static, where there is none).
 *  - Threads. There is no global state. A dataset never changes once made and may be shared by
 *    threads; any other handle is used by one thread at a time. The library has threads of its own
 *    only inside a call.
 *  - Manners. The library never prints, never exits, and touches no signal handler and no locale.
 *  - Exactness. A result is a function of model, data, settings and seed alone: the number of
 *    threads, the instruction set, the compiler and the machine do not change one bit of it
 *    (docs/numerics.md).
 *
 * Layouts: images are bytes [count][channels][height][width]; weights are float32 in row-major
 * order as PyTorch lays them out: convolution [out][in][kernel row][kernel column], dense
 * [out][in], flatten order (channel, row, column).
 */
#ifndef LENET_LENET_H
#define LENET_LENET_H

#include <lenet/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header; lenet_version() is that of the library in use. */
#define LENET_VERSION "0.1.0"
LENET_API const char *lenet_version(void);

/* -------------------------------------------------------------------------------------- machine */

/*
 * The instruction sets ("scalar", "avx2", "avx512", "neon") that this library was built with and
 * this machine can run, the fastest first, ended by NULL. Never empty. The results do not depend on
 * which is used.
 */
LENET_API const char *const *lenet_isa_list(void);

/*
 * Why an instruction set is not in that list: "this machine has no avx512f", "it is for aarch64
 * alone". NULL: it is in the list, or lenet knows none of this name.
 */
LENET_API const char *lenet_isa_refusal(const char *isa);

/* Processors that this process may run on, at least 1. */
LENET_API int lenet_processor_count(void);

/* ---------------------------------------------------------------------------------------- names */

/* What a setting that is a name may be: sorted for reading, ended by NULL. */
typedef enum lenet_option {
    LENET_DATASETS,          /* for lenet_dataset_open */
    LENET_ARCHITECTURES,     /* for lenet_model_create; a specification is accepted too */
    LENET_LAYERS,            /* the layer kinds a specification is made of */
    LENET_OPTIMIZERS,        /* for lenet_settings.optimizer */
    LENET_INITIALIZERS,      /* for lenet_settings.initializer */
    LENET_LOSSES,            /* for lenet_settings.loss */
    LENET_ACTIVATIONS,       /* for lenet_settings.activation */
    LENET_AUGMENTATIONS,     /* for lenet_settings.augment, a list of them */
    LENET_BIAS_INITIALIZERS, /* for lenet_settings.bias_initializer */
    LENET_SCHEDULES,         /* for lenet_settings.schedule */
} lenet_option;
LENET_API const char *const *lenet_option_names(lenet_option option);

/*
 * One line that explains a name of lenet_option_names (a formula or a layer's syntax); NULL for an
 * unknown name.
 */
LENET_API const char *lenet_option_help(lenet_option option, const char *name);

/* ----------------------------------------------------------------------------------------- data */

typedef struct lenet_shape {
    int channels, height, width; /* channels 1..1024, height and width 1..1024 */
} lenet_shape;

typedef enum lenet_split { LENET_TRAIN, LENET_TEST } lenet_split;

/* Images and labels of one split, in memory. */
typedef struct lenet_dataset lenet_dataset;

/*
 * Reads one split of a known data set (lenet_source_list). `folder` is searched alone if it is not
 * NULL; otherwise the folders of $LENET_DATA, the XDG data folder, and the places where Debian,
 * Keras and torchvision keep them, in this order. Accepts plain and gzip IDX files, CIFAR's binary
 * batches, as files or inside their .tar.gz, and what Keras and torchvision make of them:
 * mnist.npz, batches for Python (docs/data.md). LENET_USAGE: unknown name. LENET_INPUT: not found
 * (the error lists the places), or damaged (what is wrong where).
 */
LENET_API lenet_status lenet_dataset_open(lenet_dataset **dataset, const char *name,
                                          lenet_split split, const char *folder,
                                          lenet_error *error);

/*
 * Makes a dataset of `count` (at least 1) images u8 [count][channels][height][width] and labels u8
 * [count] below `classes` (2..256). Both are copied. LENET_INPUT: a label is out of range (says
 * which).
 */
LENET_API lenet_status lenet_dataset_create(lenet_dataset **dataset, lenet_shape shape, int classes,
                                            size_t count, const uint8_t *images,
                                            const uint8_t *labels, lenet_error *error);

/*
 * The same with the names that lenet_dataset_name and lenet_dataset_class_name are to give:
 * class_names[classes]. Copied too.
 */
LENET_API lenet_status lenet_dataset_create_named(lenet_dataset **dataset, const char *name,
                                                  const char *const *class_names, lenet_shape shape,
                                                  int classes, size_t count, const uint8_t *images,
                                                  const uint8_t *labels, lenet_error *error);
LENET_API void lenet_dataset_close(lenet_dataset **dataset);

/*
 * Makes the last `count` images of a training set its own validation set: a training holds out
 * these and no others. At first there is none, and the settings say what is held out. For the maker
 * of a dataset, before its first other use. LENET_USAGE: none would be left.
 */
LENET_API lenet_status lenet_dataset_set_validation(lenet_dataset *dataset, size_t count,
                                                    lenet_error *error);
LENET_API size_t
lenet_dataset_validation(const lenet_dataset *dataset); /* 0: it has none of its own */

/*
 * Reads images that are no known data set (docs/data.md):
 *  - an .npz of NumPy's with arrays x_train, y_train, x_test, y_test, or train_images, train_labels
 *    and so on; x_val and y_val are the validation set;
 *  - IDX files of any count, size and number of classes, plain or gzip: `path` is a folder that
 *    holds one set of them, or a path up to "-train-images-idx3-ubyte", or that of the training
 *    images. Files called emnist-... are EMNIST's, whose images are stored transposed. Classes are
 *    the labels that occur in training, in ascending order, and are called by them. *test becomes
 *    NULL if there are no test images. LENET_INPUT: what is wrong with which file or array.
 */
LENET_API lenet_status lenet_dataset_read(lenet_dataset **train, lenet_dataset **test,
                                          const char *path, lenet_error *error);

/*
 * Non-zero: lenet_dataset_read knows what kind of file or folder `path` is, which says nothing of
 * what is in it.
 */
LENET_API int lenet_dataset_is_readable(const char *path);

LENET_API lenet_shape lenet_dataset_shape(const lenet_dataset *dataset);
LENET_API size_t lenet_dataset_count(const lenet_dataset *dataset);
LENET_API int lenet_dataset_classes(const lenet_dataset *dataset);
LENET_API const char *
lenet_dataset_name(const lenet_dataset *dataset); /* "custom" if made from memory */
LENET_API const char *lenet_dataset_class_name(const lenet_dataset *dataset,
                                               int label); /* "7", "Shirt", "cat" */
LENET_API const uint8_t *
lenet_dataset_images(const lenet_dataset *dataset); /* [count][channels][height][width] */
LENET_API const uint8_t *lenet_dataset_labels(const lenet_dataset *dataset); /* [count] */
/*
 * SHA-256 of shape, classes, images, labels and own validation set in hexadecimal (64 characters):
 * the data part of a run's identity.
 */
LENET_API const char *lenet_dataset_sha256(const lenet_dataset *dataset);

/* ---------------------------------------------------------------------------------------- model */

/* A network: its layers and weights. */
typedef struct lenet_model lenet_model;

/*
 * Makes a network for images of `shape` and `classes` (2..256) outputs, all weights zero.
 * `architecture` is
 *  - "lenet5": input padded to 32x32 if it is 28x28, conv 6@5x5, max-pool 2, conv 16@5x5, max-pool
 *    2, dense 120, 84, classes; ReLU;
 *  - "lenet5-valid": the same without padding;
 *  - or a specification: layers separated by commas, for example
 *        conv:8@3x3:pad=1,relu,maxpool:2,dense:32,relu,dense:10
 *    (lenet_option_help(LENET_LAYERS, kind) gives each layer's syntax). The last layer is dense
 *    with `classes` outputs, the logits. LENET_USAGE: an unknown layer or a layer that does not
 *    fit; the error names the layer, its place and the shape there.
 */
LENET_API lenet_status lenet_model_create(lenet_model **model, const char *architecture,
                                          lenet_shape shape, int classes, lenet_error *error);

/*
 * The same, with the settings `activation` and `dropout` applied to the architecture: the network
 * that lenet_train needs with these settings. lenet_model_architecture returns the result.
 */
LENET_API lenet_status lenet_model_create_with(lenet_model **model, const char *architecture,
                                               const lenet_settings *settings, lenet_shape shape,
                                               int classes, lenet_error *error);
LENET_API void lenet_model_close(lenet_model **model);

LENET_API const char *lenet_model_architecture(
    const lenet_model *model); /* the specification in full, never a short name */
LENET_API lenet_shape lenet_model_shape(const lenet_model *model); /* of an input image */
LENET_API int lenet_model_classes(const lenet_model *model);
LENET_API size_t lenet_model_parameters(const lenet_model *model); /* trainable numbers */

/* One layer. */
typedef struct lenet_layer {
    const char *kind;                             /* "conv", "relu", "maxpool", ... */
    char name[32];                                /* "conv1" if it has tensors, else its kind */
    lenet_shape in, out;                          /* a dense layer's output is {units, 1, 1} */
    int kernel_height, kernel_width, stride, pad; /* of a convolution or a pooling; else 0 */
    size_t parameters;
} lenet_layer;
LENET_API size_t lenet_model_layer_count(const lenet_model *model);
LENET_API lenet_status lenet_model_layer(const lenet_model *model, size_t index, lenet_layer *layer,
                                         lenet_error *error);

/*
 * One tensor of weights, or of running statistics of batch normalisation. `data` belongs to the
 * model and may be written by its owner.
 */
typedef struct lenet_tensor {
    const char *name; /* "conv1.weight", "fc3.bias", "bn1.running_mean" */
    int rank;         /* 1..4 */
    int shape[4];     /* [out][in][rows][columns], [out][in] or [out] */
    size_t size;      /* product of the shape */
    float *data;
} lenet_tensor;

/* Tensor `index` (from 0) of the model; LENET_USAGE past the end. */
LENET_API size_t lenet_model_tensor_count(const lenet_model *model);
LENET_API lenet_status lenet_model_tensor(lenet_model *model, size_t index, lenet_tensor *tensor,
                                          lenet_error *error);

/*
 * SHA-256 of all weights in tensor order, as little-endian float32, in hexadecimal: the proof of a
 * run.
 */
LENET_API void lenet_model_sha256(const lenet_model *model, char hex[65]);

/*
 * Draws all weights from the initializer's distribution ("he-normal", "uniform:0.1") and sets
 * biases to zero, or with "pytorch-default" to what PyTorch gives them; `seed` determines every
 * bit. The second draws the biases alone, from one of LENET_BIAS_INITIALIZERS. lenet_train does
 * both itself. LENET_USAGE: unknown initializer.
 */
LENET_API lenet_status lenet_model_initialize(lenet_model *model, const char *initializer,
                                              uint64_t seed, lenet_error *error);
LENET_API lenet_status lenet_model_initialize_biases(lenet_model *model, const char *initializer,
                                                     uint64_t seed, lenet_error *error);

/*
 * Notes travel with the model file as key and value ("data", "seed", ...). NULL if there is none.
 */
LENET_API lenet_status lenet_model_set_note(lenet_model *model, const char *key, const char *value,
                                            lenet_error *error);
LENET_API const char *lenet_model_note(const lenet_model *model, const char *key);

/*
 * What the network sees of a pixel: (pixel / 255 - mean) / std, numbers [channels]; 0 and 1 at
 * first. lenet_train sets them by settings.normalize; model files contain them. LENET_USAGE: a
 * deviation that is not above 0.
 */
LENET_API lenet_status lenet_model_set_normalization(lenet_model *model, const double *mean,
                                                     const double *std, lenet_error *error);
LENET_API void lenet_model_normalization(const lenet_model *model, double *mean, double *std);

/*
 * Writes the model as a safetensors file (docs/formats.md), whole or not at all: LENET_IO, and an
 * older file is kept.
 */
LENET_API lenet_status lenet_model_save(const lenet_model *model, const char *path,
                                        lenet_error *error);

/*
 * Reads such a file. LENET_INPUT: anything in it that is not exactly right; the error names the
 * file and the reason.
 */
LENET_API lenet_status lenet_model_load(lenet_model **model, const char *path, lenet_error *error);

/*
 * Class probabilities (softmax) of `count` images u8 [count][channels][height][width] into
 * `probabilities` [count][classes]. `compute` may be NULL.
 */
LENET_API lenet_status lenet_model_predict(const lenet_model *model, size_t count,
                                           const uint8_t *images, float *probabilities,
                                           const lenet_compute *compute, lenet_error *error);

/* ----------------------------------------------------------------------------------- evaluation */

enum { LENET_MAX_CLASSES = 256 };

typedef struct lenet_evaluation {
    size_t count;   /* images */
    size_t correct; /* of them; a tie goes to the lower class */
    /* mean cross-entropy, natural logarithm, whatever loss the model was trained with */
    double loss;
    double accuracy; /* correct / count */
    int classes;
    const char *const
        *class_names; /* [classes], those of the dataset, which must outlive the evaluation */
    /*
     * [classes][classes]: rows are the true class, columns the predicted; owned,
     * lenet_evaluation_close
     */
    uint32_t *confusion;
} lenet_evaluation;

/*
 * Whether the model can take the images of the dataset: LENET_USAGE if their shape or the number of
 * classes differs; the error says how.
 */
LENET_API lenet_status lenet_model_fits(const lenet_model *model, const lenet_dataset *dataset,
                                        lenet_error *error);

/*
 * Class i of the dataset is output i of the model; names of classes are not compared. LENET_USAGE:
 * shape or number of classes of model and dataset differ. `compute` may be NULL.
 */
LENET_API lenet_status lenet_evaluate(const lenet_model *model, const lenet_dataset *dataset,
                                      const lenet_compute *compute, lenet_evaluation *evaluation,
                                      lenet_error *error);
LENET_API void lenet_evaluation_close(lenet_evaluation *evaluation);

/* ------------------------------------------------------------------------------------- training */

typedef struct lenet_result {
    int epochs; /* finished */
    /* whose weights the model has; 0: none was finished, and they are the initial ones */
    int best_epoch;
    size_t train_count, val_count; /* images used to train and held out */
    double seconds; /* of training, evaluation not; an epoch that did not end is included */
    /* training images / seconds, of finished epochs; NaN: no epoch was finished */
    double images_per_second;
    /* of the kept weights (settings.loss); NaN: no test set, or best_epoch is 0 */
    double test_loss, test_accuracy;
    /* of the weights after the last step, whatever was kept; with ema of their average */
    char weights_sha256[65];
    int threads;       /* in use */
    const char *isa;   /* in use */
    int stopped_early; /* settings.patience ended it */
} lenet_result;

/*
 * Initialises `model`, trains it on `train`, and leaves in it the weights that settings->keep
 * names. `test` may be NULL unless settings->keep is LENET_KEEP_TEST. On LENET_DIVERGED (error:
 * epoch, step, layer) and LENET_STOPPED the model has the best weights so far and `result` is
 * filled; and so on LENET_IO: settings->checkpoint could not be written. LENET_USAGE: a setting out
 * of its range, a split that would leave nothing to train on or hold out nothing, shape or classes
 * that differ (their number; of the two datasets also their names, where both have some), or
 * settings->checkpoint is of another run (the error says how). LENET_INPUT: it is damaged.
 */
LENET_API lenet_status lenet_train(lenet_model *model, const lenet_dataset *train,
                                   const lenet_dataset *test, const lenet_settings *settings,
                                   lenet_result *result, lenet_error *error);

#ifdef __cplusplus
}
#endif
#endif
