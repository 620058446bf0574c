/* SPDX-License-Identifier: MIT */
/*
 * lenet.h - the public interface of liblenet, and its contract. What is not here is not public.
 *
 * liblenet trains, evaluates and stores small convolutional classifiers of the LeNet-5 class on the CPU.
 * A training run from memory to accuracy:
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
 *    lenet_error * as its last argument, which may be NULL; on failure it receives one line for people that
 *    names the file, option or tensor and the reason. On failure out-parameters are left as they were.
 *  - Ownership. Handles are opaque, made by *_open, *_create or *_load into a pointer, and freed by *_close, which takes
 *    the address of that pointer, sets it to NULL, and accepts NULL there. A `const char *` or other pointer that a
 *    function returns belongs to the handle of its argument (or is static, where there is none).
 *  - Threads. There is no global state. A dataset never changes once made and may be shared by threads; any other
 *    handle is used by one thread at a time. The library has threads of its own only inside a call.
 *  - Manners. The library never prints, never exits, and touches no signal handler and no locale.
 *  - Exactness. A result is a function of model, data, settings and seed alone: the number of threads, the instruction
 *    set, the compiler and the machine do not change one bit of it (docs/numerics.md).
 *
 * Layouts: images are bytes [count][channels][height][width]; weights are float32 in row-major order as PyTorch lays
 * them out: convolution [out][in][kernel row][kernel column], dense [out][in], flatten order (channel, row, column).
 */
#ifndef LENET_LENET_H
#define LENET_LENET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(LENET_API)
#define LENET_API __attribute__((visibility("default")))
#elif !defined(LENET_API)
#define LENET_API
#endif

/* The version of this header; lenet_version() is that of the library in use. */
#define LENET_VERSION "0.1.0"
LENET_API const char *lenet_version(void);

/* ------------------------------------------------------------------------------------------------------- errors */

/* X(name, value, message): every status, once. The values are also the exit codes of the program. */
#define LENET_STATUS_LIST(X)                                                                                   \
    X(OK, 0, "success")                                                                                        \
    X(FAILURE, 1, "out of memory, or a thread could not be started")                                           \
    X(USAGE, 2, "an argument or a setting is wrong")                                                           \
    X(INPUT, 3, "an input is missing, damaged, or not what its name says")                                     \
    X(DIVERGED, 4, "training diverged: a value became infinite or not a number")                               \
    X(IO, 5, "reading or writing failed")                                                                      \
    X(STOPPED, 6, "stopped by the caller's callback")

typedef enum lenet_status {
#define LENET_STATUS_ENUM(name, value, message) LENET_##name = value,
    LENET_STATUS_LIST(LENET_STATUS_ENUM)
#undef LENET_STATUS_ENUM
} lenet_status;

/* What went wrong, for people: one line without a newline, always terminated. */
typedef struct lenet_error {
    lenet_status status;
    char text[508];
} lenet_error;

/* The message of LENET_STATUS_LIST; "unknown status" for any other value. */
LENET_API const char *lenet_status_message(lenet_status status);

/* ------------------------------------------------------------------------------------------------------ machine */

/*
 * The instruction sets ("scalar", "avx2", "avx512", "neon") that this library was built with and this machine can run,
 * the fastest first, ended by NULL. Never empty. The results do not depend on which is used.
 */
LENET_API const char *const *lenet_isa_list(void);

/*
 * Why an instruction set is not in that list: "this machine has no avx512f", "it is for aarch64 alone". NULL: it is in
 * the list, or lenet knows none of this name.
 */
LENET_API const char *lenet_isa_refusal(const char *isa);

/* Processors that this process may run on, at least 1. */
LENET_API int lenet_processor_count(void);

/* What to compute with. Zero-initialised: the best of both. */
typedef struct lenet_compute {
    int threads;     /* 1..256; 0: lenet_processor_count() */
    const char *isa; /* a name of lenet_isa_list(); NULL: the first. Another name is LENET_USAGE. */
} lenet_compute;

/* -------------------------------------------------------------------------------------------------------- names */

/* What a setting that is a name may be: sorted for reading, ended by NULL. */
typedef enum lenet_option {
    LENET_DATASETS,      /* for lenet_dataset_open */
    LENET_ARCHITECTURES, /* for lenet_model_create; a specification is accepted too */
    LENET_LAYERS,        /* the layer kinds a specification is made of */
    LENET_OPTIMIZERS,    /* for lenet_settings.optimizer */
    LENET_INITIALIZERS,  /* for lenet_settings.initializer */
    LENET_LOSSES,        /* for lenet_settings.loss */
    LENET_ACTIVATIONS,   /* for lenet_settings.activation */
    LENET_AUGMENTATIONS, /* for lenet_settings.augment, a list of them */
    LENET_BIAS_INITIALIZERS, /* for lenet_settings.bias_initializer */
    LENET_SCHEDULES,     /* for lenet_settings.schedule */
} lenet_option;
LENET_API const char *const *lenet_option_names(lenet_option option);

/* One line that explains a name of lenet_option_names (a formula or a layer's syntax); NULL for an unknown name. */
LENET_API const char *lenet_option_help(lenet_option option, const char *name);

/* --------------------------------------------------------------------------------------------------------- data */

typedef struct lenet_shape {
    int channels, height, width; /* channels 1..1024, height and width 1..1024 */
} lenet_shape;

typedef enum lenet_split { LENET_TRAIN, LENET_TEST } lenet_split;

/* Images and labels of one split, in memory. */
typedef struct lenet_dataset lenet_dataset;

/*
 * Reads one split of a known data set (lenet_source_list). `folder` is searched alone if it is not NULL; otherwise the
 * folders of $LENET_DATA, the XDG data folder, and the places where Debian, Keras and torchvision keep them, in this
 * order. Accepts plain and gzip IDX files and CIFAR-10's binary batches, as files or inside their .tar.gz. LENET_USAGE:
 * unknown name. LENET_INPUT: not found (the error lists the places), or damaged (what is wrong where).
 */
LENET_API lenet_status lenet_dataset_open(lenet_dataset **dataset, const char *name, lenet_split split, const char *folder,
                                          lenet_error *error);

/*
 * Makes a dataset of `count` (at least 1) images u8 [count][channels][height][width] and labels u8 [count] below
 * `classes` (2..256). Both are copied. LENET_INPUT: a label is out of range (says which).
 */
LENET_API lenet_status lenet_dataset_create(lenet_dataset **dataset, lenet_shape shape, int classes, size_t count,
                                            const uint8_t *images, const uint8_t *labels, lenet_error *error);

/* The same with the names that lenet_dataset_name and lenet_dataset_class_name are to give: class_names[classes]. Copied too. */
LENET_API lenet_status lenet_dataset_create_named(lenet_dataset **dataset, const char *name, const char *const *class_names, lenet_shape shape,
                                                  int classes, size_t count, const uint8_t *images, const uint8_t *labels, lenet_error *error);
LENET_API void lenet_dataset_close(lenet_dataset **dataset);

LENET_API lenet_shape lenet_dataset_shape(const lenet_dataset *dataset);
LENET_API size_t lenet_dataset_count(const lenet_dataset *dataset);
LENET_API int lenet_dataset_classes(const lenet_dataset *dataset);
LENET_API const char *lenet_dataset_name(const lenet_dataset *dataset);                /* "custom" if made from memory */
LENET_API const char *lenet_dataset_class_name(const lenet_dataset *dataset, int label); /* "7", "Shirt", "cat" */
LENET_API const uint8_t *lenet_dataset_images(const lenet_dataset *dataset);           /* [count][channels][height][width] */
LENET_API const uint8_t *lenet_dataset_labels(const lenet_dataset *dataset);           /* [count] */
/* SHA-256 of shape, classes, images and labels in hexadecimal (64 characters): the data part of a run's identity. */
LENET_API const char *lenet_dataset_sha256(const lenet_dataset *dataset);

/*
 * Of a dataset that lenet_dataset_open read: NULL, or one line that says that it has as many images as the published data set and other
 * content, for which reading is no error: content that was changed on purpose may be used. NULL for data sets of another size, for
 * those made from memory, and where the published content is not known (KMNIST).
 */
LENET_API const char *lenet_dataset_doubt(const lenet_dataset *dataset);

/* One file of a known data set. */
typedef struct lenet_source_file {
    const char *name;      /* "train-images-idx3-ubyte"; for CIFAR-10 "data_batch_1.bin" */
    size_t bytes;          /* decompressed */
    const char *sha256;    /* of the decompressed content, hexadecimal; NULL if only that of the published NAME.gz is known */
    const char *gz_sha256; /* of NAME.gz as its publisher packed it; NULL if unknown. One of the two is always known. */
} lenet_source_file;

/* A data set that the library knows by name: what it is, what belongs to it, and from where it can be had. */
typedef struct lenet_source {
    const char *name;     /* "mnist" */
    const char *title;    /* "MNIST handwritten digits" */
    const char *license;  /* in words */
    const char *folder;   /* the folder below a data folder that holds its files: "mnist" */
    lenet_shape shape;    /* of an image */
    int classes;          /* number of them */
    const char *const *class_names;
    size_t count[2];      /* images in [LENET_TRAIN], [LENET_TEST] */
    size_t file_count;
    const lenet_source_file *files;
    const char *archive;          /* the one file to fetch that holds them all ("cifar-10-binary.tar.gz"), or NULL: each file is
                                     fetched alone as NAME.gz */
    const char *const *mirrors;   /* URLs that end in '/', the best first, ended by NULL */
} lenet_source;

LENET_API const lenet_source *const *lenet_source_list(void);     /* ended by NULL */
LENET_API const lenet_source *lenet_source_find(const char *name); /* NULL: unknown */

/* The state of one file of a source, as found on this machine. */
typedef enum lenet_file_state {
    LENET_FILE_MISSING,
    LENET_FILE_GOOD,    /* the content, or the .gz as it lies there, has the published SHA-256 */
    LENET_FILE_SWAPPED, /* the content is that of another known file (`other_name` of `other_source`) */
    LENET_FILE_BAD,     /* unreadable, truncated, or unknown content: `reason` */
    LENET_FILE_UNPROVEN, /* well-formed, but not the published NAME.gz, and no hash of its content is known: `reason` */
} lenet_file_state;

typedef struct lenet_file_check {
    lenet_file_state state;
    char path[1024];          /* where it was found ("" if missing); a member of an archive is "ARCHIVE:MEMBER" */
    char sha256[65];          /* of the decompressed content ("" if unread) */
    const char *other_source; /* with LENET_FILE_SWAPPED */
    const char *other_name;   /* with LENET_FILE_SWAPPED */
    char reason[256];         /* with LENET_FILE_BAD and LENET_FILE_UNPROVEN */
} lenet_file_check;

/*
 * Where the data set `source` is found with `folder` (as for lenet_dataset_open): writes the folder, or the archive,
 * into path (terminated). LENET_INPUT: nowhere; the error names the folders searched.
 */
LENET_API lenet_status lenet_source_locate(const lenet_source *source, const char *folder, char *path, size_t capacity,
                                           lenet_error *error);

/*
 * Reads and hashes file `index` of `source` and compares; what is wrong with the file is in `check`. LENET_FAILURE: no memory.
 * LENET_IO: the system could not read it, which says nothing about the file.
 */
LENET_API lenet_status lenet_source_check(const lenet_source *source, size_t index, const char *folder, lenet_file_check *check,
                                          lenet_error *error);

/* The same for what lies at `path`, whatever it is called: the file, plain or gzipped; where the source has an archive, the archive. */
LENET_API lenet_status lenet_source_check_file(const lenet_source *source, size_t index, const char *path, lenet_file_check *check,
                                               lenet_error *error);

/* -------------------------------------------------------------------------------------------------------- model */

/* A network: its layers and weights. */
typedef struct lenet_model lenet_model;

/*
 * Makes a network for images of `shape` and `classes` (2..256) outputs, all weights zero. `architecture` is
 *  - "lenet5": input padded to 32x32 if it is 28x28, conv 6@5x5, max-pool 2, conv 16@5x5, max-pool 2, dense 120, 84, classes; ReLU;
 *  - "lenet5-valid": the same without padding;
 *  - or a specification: layers separated by commas, for example
 *        conv:8@3x3:pad=1,relu,maxpool:2,dense:32,relu,dense:10
 *    (lenet_option_help(LENET_LAYERS, kind) gives each layer's syntax). The last layer is dense with `classes` outputs, the logits.
 * LENET_USAGE: an unknown layer or a layer that does not fit; the error names the layer, its place and the shape there.
 */
LENET_API lenet_status lenet_model_create(lenet_model **model, const char *architecture, lenet_shape shape, int classes,
                                          lenet_error *error);

/*
 * The same, with the settings `activation` and `dropout` applied to the architecture: the network that lenet_train needs with these
 * settings. lenet_model_architecture returns the result.
 */
typedef struct lenet_settings lenet_settings;
LENET_API lenet_status lenet_model_create_with(lenet_model **model, const char *architecture, const lenet_settings *settings,
                                               lenet_shape shape, int classes, lenet_error *error);
LENET_API void lenet_model_close(lenet_model **model);

LENET_API const char *lenet_model_architecture(const lenet_model *model); /* the specification in full, never a short name */
LENET_API lenet_shape lenet_model_shape(const lenet_model *model);        /* of an input image */
LENET_API int lenet_model_classes(const lenet_model *model);
LENET_API size_t lenet_model_parameters(const lenet_model *model);        /* trainable numbers */

/* One layer. */
typedef struct lenet_layer {
    const char *kind; /* "conv", "relu", "maxpool", ... */
    char name[32];    /* "conv1" if it has tensors, else its kind */
    lenet_shape in, out; /* a dense layer's output is {units, 1, 1} */
    size_t parameters;
} lenet_layer;
LENET_API size_t lenet_model_layer_count(const lenet_model *model);
LENET_API lenet_status lenet_model_layer(const lenet_model *model, size_t index, lenet_layer *layer, lenet_error *error);

/* One tensor of weights, or of running statistics of batch normalisation. `data` belongs to the model and may be written by its owner. */
typedef struct lenet_tensor {
    const char *name; /* "conv1.weight", "fc3.bias", "bn1.running_mean" */
    int rank;         /* 1..4 */
    int shape[4];     /* [out][in][rows][columns], [out][in] or [out] */
    size_t size;      /* product of the shape */
    float *data;
} lenet_tensor;

/* Tensor `index` (from 0) of the model; LENET_USAGE past the end. */
LENET_API size_t lenet_model_tensor_count(const lenet_model *model);
LENET_API lenet_status lenet_model_tensor(lenet_model *model, size_t index, lenet_tensor *tensor, lenet_error *error);

/* SHA-256 of all weights in tensor order, as little-endian float32, in hexadecimal: the proof of a run. */
LENET_API void lenet_model_sha256(const lenet_model *model, char hex[65]);

/*
 * Draws all weights from the initializer's distribution ("he-normal", "uniform:0.1") and sets biases to zero, or with
 * "pytorch-default" to what PyTorch gives them; `seed` determines every bit. The second draws the biases alone, from one of
 * LENET_BIAS_INITIALIZERS. lenet_train does both itself. LENET_USAGE: unknown initializer.
 */
LENET_API lenet_status lenet_model_initialize(lenet_model *model, const char *initializer, uint64_t seed, lenet_error *error);
LENET_API lenet_status lenet_model_initialize_biases(lenet_model *model, const char *initializer, uint64_t seed, lenet_error *error);

/* Notes travel with the model file as key and value ("data", "seed", ...). NULL if there is none. */
LENET_API lenet_status lenet_model_set_note(lenet_model *model, const char *key, const char *value, lenet_error *error);
LENET_API const char *lenet_model_note(const lenet_model *model, const char *key);

/*
 * What the network sees of a pixel: (pixel / 255 - mean) / std, numbers [channels]; 0 and 1 at first. lenet_train sets them by
 * settings.normalize; model files contain them. LENET_USAGE: a deviation that is not above 0.
 */
LENET_API lenet_status lenet_model_set_normalization(lenet_model *model, const double *mean, const double *std, lenet_error *error);
LENET_API void lenet_model_normalization(const lenet_model *model, double *mean, double *std);

/*
 * Writes the model as a safetensors file (docs/formats.md), whole or not at all: LENET_IO, and an older file is kept.
 */
LENET_API lenet_status lenet_model_save(const lenet_model *model, const char *path, lenet_error *error);

/* Reads such a file. LENET_INPUT: anything in it that is not exactly right; the error names the file and the reason. */
LENET_API lenet_status lenet_model_load(lenet_model **model, const char *path, lenet_error *error);

/*
 * Class probabilities (softmax) of `count` images u8 [count][channels][height][width] into `probabilities`
 * [count][classes]. `compute` may be NULL.
 */
LENET_API lenet_status lenet_model_predict(const lenet_model *model, size_t count, const uint8_t *images, float *probabilities,
                                           const lenet_compute *compute, lenet_error *error);

/* --------------------------------------------------------------------------------------------------- evaluation */

enum { LENET_MAX_CLASSES = 256 };

typedef struct lenet_evaluation {
    size_t count;           /* images */
    size_t correct;         /* of them; a tie goes to the lower class */
    double loss;            /* mean cross-entropy, natural logarithm, whatever loss the model was trained with */
    double accuracy;        /* correct / count */
    int classes;
    const char *const *class_names; /* [classes], those of the dataset, which must outlive the evaluation */
    uint32_t *confusion;    /* [classes][classes]: rows are the true class, columns the predicted; owned, lenet_evaluation_close */
} lenet_evaluation;

/*
 * Class i of the dataset is output i of the model; names of classes are not compared. LENET_USAGE: shape or number of
 * classes of model and dataset differ. `compute` may be NULL.
 */
LENET_API lenet_status lenet_evaluate(const lenet_model *model, const lenet_dataset *dataset, const lenet_compute *compute,
                                      lenet_evaluation *evaluation, lenet_error *error);
LENET_API void lenet_evaluation_close(lenet_evaluation *evaluation);

/* ----------------------------------------------------------------------------------------------------- training */

/* After which epoch's weights the model is left. A tie keeps the earlier epoch. */
typedef enum lenet_keep {
    LENET_KEEP_VALIDATION, /* the best validation accuracy (then the lower validation loss); the last if nothing is held out */
    LENET_KEEP_TEST,       /* the best test accuracy: choosing on the test set makes its accuracy too good; results must report it */
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
    LENET_NOISE_EXACT,     /* the expected number, rounded by the largest remainder; which ones is drawn */
} lenet_noise_draw;

/* What settings.weight_decay does. */
typedef enum lenet_decay {
    LENET_DECAY_USUAL,      /* decoupled with adamw and adamw-pytorch, else l2 */
    LENET_DECAY_L2,         /* Keras's L2 penalty: weight_decay times the sum of squared weights, biases left out, is part of the loss */
    LENET_DECAY_L2_PYTORCH, /* the gradient gets weight_decay times each weight, biases too, after clipping */
    LENET_DECAY_DECOUPLED,  /* each weight, biases too, loses the share learning rate x weight_decay of itself before each step */
} lenet_decay;

/* One layer with weights, as settings.diagnose measures it. A unit is an output channel or a dense layer's unit. */
typedef struct lenet_layer_diagnosis {
    char name[32];        /* "conv1" */
    /*
     * dead: never above 0 after the layer's activation, for any training image (of relu: always 0); of tanh and sigmoid, which
     * have no off side: always 0. 0 where the layer has no activation.
     */
    size_t units, dead;
    int has_activation;
    double weight_norm;   /* L2, biases left out */
    double gradient_norm; /* the same of the gradient in the epoch's last step */
} lenet_layer_diagnosis;

/* A diagnosis of the network after an epoch, on all its training images. It does not depend on threads. */
typedef struct lenet_diagnosis {
    size_t layer_count;
    const lenet_layer_diagnosis *layers; /* in the network's order */
    size_t count;               /* training images */
    int largest_class;          /* the most frequent among them, */
    double largest_class_share; /* and its share: the accuracy of a constant prediction */
    double loss, accuracy;      /* on them, after the epoch */
    int classes_predicted;      /* classes that are predicted at least once */
} lenet_diagnosis;

/* One finished epoch. Losses are means of settings.loss, accuracies shares in 0..1; NaN where not measured. */
typedef struct lenet_epoch {
    int epoch;             /* from 1 */
    double seconds;        /* of training alone, shuffling and optimiser included, evaluation not */
    double learning_rate;  /* of its last step */
    double train_loss;     /* means over the epoch while the weights were changing, as Keras logs them */
    double train_accuracy;
    double val_loss, val_accuracy;   /* after the epoch, on the held-out part of the training set */
    double test_loss, test_accuracy; /* after the epoch, if settings.test_each_epoch or LENET_KEEP_TEST */
    int is_best;           /* the best so far, by settings.keep */
    /*
     * With label noise, of the training images of this epoch, while the weights were changing as with train_accuracy; else NaN. Of
     * those with a wrong label, the shares predicted as the given label, the true one, another; of the others the share right.
     */
    double noisy_memorised, noisy_corrected, noisy_other, clean_right;
    const lenet_diagnosis *diagnosis; /* with settings.diagnose, valid during on_epoch; else NULL */
} lenet_epoch;

/* The progress of training, for a display. */
typedef struct lenet_progress {
    int epoch, epochs;           /* from 1; of so many */
    size_t images, epoch_images; /* done in this epoch; of so many */
    double seconds;              /* since this epoch began */
    double loss, accuracy;       /* running means of this epoch */
} lenet_progress;

struct lenet_settings {
    size_t struct_size;        /* set by lenet_settings_default; another version's size is refused: compile again */
    int epochs;                /* 1..1000000; default 10 */
    int batch;                 /* images a step, 1..65536; the last batch of an epoch may be short; default 32 */
    const char *initializer;   /* lenet_option_names(LENET_INITIALIZERS), some with a number: "normal:0.1"; default "glorot-uniform" */
    const char *optimizer;     /* lenet_option_names(LENET_OPTIMIZERS), some with numbers ("adam:beta1=0.8"); default "adam" */
    double learning_rate;      /* >= 0, finite; default 0: the optimiser's own (adam 0.001, sgd and momentum 0.01) */
    double decay;              /* of an exponential schedule: the learning rate is multiplied by it after each epoch; > 0, default 1 */
    double momentum;           /* 0 <= m < 1; default 0.9; used by "momentum", "nesterov" and their -pytorch forms */
    uint64_t seed;             /* default 1 */
    /*
     * Share of the training images held out, 0 <= v < 1; default 0.1. Stratified: of each class its share, rounded to
     * whole images; where that is 0 for every class, the share of all images, one of each of the largest classes. A
     * share above 0 that holds out no image is LENET_USAGE in lenet_train.
     */
    double validation_split;
    size_t train_limit;        /* use only so many training images, drawn by the seed, before the split; 0: all */
    lenet_keep keep;           /* default LENET_KEEP_VALIDATION */
    int test_each_epoch;       /* evaluate the test set after every epoch; default 0 */
    /*
     * What an image costs: lenet_option_names(LENET_LOSSES), some with numbers ("gce:0.7"); default "cross-entropy". The losses
     * of epochs and results are means of it. docs/recipe.md has the formulas and their sources.
     */
    const char *loss;
    /*
     * For the loss "forward", and only for it: a text file of one row of numbers for each true class, the share (or count) of
     * its images that are labelled as each class; "known": that of noise and noise_kind; "estimate": by a first training, the same
     * with the loss cross-entropy, which notifies on_progress alone and starts again after an interruption; the model's note
     * noise_matrix_estimated then has the matrix. Default NULL.
     */
    const char *noise_matrix;
    lenet_validation validation_kind; /* default LENET_VALIDATION_STRATIFIED */
    int validation_resample;   /* hold out other images in each epoch, so that all are trained on; default 0 */
    /*
     * Stratified k-fold: part `fold` (0..folds - 1) of `folds` (2..1000) is held out instead of validation_split, which becomes
     * 1 / folds. The parts are disjoint and cover all images. Default 0: no folds.
     */
    int folds, fold;
    /*
     * How the learning rate changes: lenet_option_names(LENET_SCHEDULES), some with numbers ("step:10:0.5"); default "exponential",
     * which is decay's. In the first `warmup` epochs (a share of one, too) it rises from 0 to the schedule's; default 0.
     */
    const char *schedule;
    double warmup;
    double weight_decay;       /* >= 0; default 0: none, or the optimiser's own (adamw 0.004, adamw-pytorch 0.01) */
    lenet_decay weight_decay_kind; /* default LENET_DECAY_USUAL */
    double max_norm;           /* > 0: the largest norm that the weights of a unit may have; default 0: any */
    double clip_norm;          /* > 0: the largest norm that the gradient of all weights may have; default 0: any */
    double ema;                /* 0..1: evaluate and keep a moving average of the weights, ema of it and 1 - ema of them; default 0: none */
    int patience;              /* > 0: stop after so many epochs without a better validation loss; default 0: never */
    double min_delta;          /* by how much a better loss must be below the best; default 0 */
    int diagnose;              /* measure a diagnosis after every epoch (lenet_epoch.diagnosis); default 0 */
    /*
     * A file of the run's state (docs/formats.md); NULL (default): none. If it exists, training is resumed from it, to the same bits
     * as without interruption: on_epoch is first called for the epochs that are finished. Else training begins. It is
     * replaced after each epoch, checkpoint_seconds (default 30) after the last one, and when training stops; but not so often that
     * it took more than 1 % of the time, unless checkpoint_seconds is 0: then after every step. It is there after the last epoch, too:
     * the caller removes it after the result is stored.
     */
    const char *checkpoint;
    double checkpoint_seconds;
    /*
     * Label noise: this share (0..1) of the training images of each class, held out or not, is given a wrong label; the test set
     * never. NaN, the default: none. noise_kind is how classes are confused: "symmetric" (the default), "symmetric-all", "pair", or
     * "matrix:FILE", a file as for noise_matrix, which gives the shares too. docs/recipe.md has the definitions.
     */
    double noise;
    const char *noise_kind;
    lenet_noise_draw noise_draw; /* default LENET_NOISE_BERNOULLI */
    /*
     * The seed that draws the noise. 0, the default: `seed` draws it. With another value, runs of different seeds are trained on the
     * same wrong labels. Without label noise it counts as 0.
     */
    uint64_t noise_seed;
    /*
     * Pixels become (pixel / 255 - mean) / std: NULL (default) or "none": 0 and 1; "per-dataset": those of the images that are trained on;
     * or numbers, "0.1307,0.3081", for all channels or for each (all means, then all deviations). Evaluation uses the same.
     */
    const char *normalize;
    /*
     * Changes training images, and them alone: operations of lenet_option_names(LENET_AUGMENTATIONS) with their numbers, "shift:2,flip".
     * Default NULL: none.
     */
    const char *augment;
    int balance; /* each class comes equally often in an epoch, which stays as long as it was; default 0 */
    lenet_compute compute;
    /*
     * Called from the training thread, about 10 times a second and after each epoch; non-zero stops training
     * (LENET_STOPPED).
     */
    int (*on_progress)(void *context, const lenet_progress *progress);
    int (*on_epoch)(void *context, const lenet_epoch *epoch);
    void *context;
    /*
     * Of the network, for lenet_model_create_with; lenet_train refuses a model that was made without it. NULL (default): as in the
     * architecture. Else each of its activations is replaced by this one of lenet_option_names(LENET_ACTIVATIONS), some
     * with numbers: "leaky-relu:0.2", "elu:alpha=0.5"; "none" removes them.
     */
    const char *activation;
    /*
     * Of the network too: 0 (default) as in the architecture; else the rate of its dropout layers, 0 < rate <= 0.99, and where it has
     * none, dropout after each hidden dense layer (and its activation).
     */
    double dropout;
    const char *bias_initializer; /* lenet_option_names(LENET_BIAS_INITIALIZERS); default NULL: 0, or with pytorch-default the same */
};
LENET_API void lenet_settings_default(lenet_settings *settings);

/* What a setting holds, which is the type of its field. */
typedef enum lenet_setting_kind {
    LENET_SETTING_FLAG,   /* int: 0 or 1 */
    LENET_SETTING_INT,    /* int */
    LENET_SETTING_SIZE,   /* size_t */
    LENET_SETTING_U64,    /* uint64_t */
    LENET_SETTING_REAL,   /* double */
    LENET_SETTING_ENUM,   /* int: a place in `names` */
    LENET_SETTING_CHOICE, /* const char *: one of `names`, which some may follow by their numbers: "gce:0.7" */
    LENET_SETTING_TEXT,   /* const char *: any text that is not empty; NULL if not given */
} lenet_setting_kind;

/* One setting of a run by its name: command lines, recipe files and records all spell it so, and know it from here. */
typedef struct lenet_setting {
    const char *name;         /* "val-split" */
    const char *metavar;      /* the value's name in a help text: "X"; NULL for a flag */
    const char *help;         /* one line, no full stop */
    const char *fallback;     /* the default in words, where its value is not enough: "all"; or NULL */
    lenet_setting_kind kind;
    size_t offset;            /* of the field in lenet_settings */
    double low, high;         /* bounds of a number; both 0: all that the type holds */
    int open_low, open_high;  /* non-zero: the bound itself is excluded */
    const char *const *names; /* of LENET_SETTING_ENUM and LENET_SETTING_CHOICE, ended by NULL */
    int observational;        /* non-zero: the weights do not depend on it */
    const char *group;        /* its heading: "validation"; NULL: that of the row before it */
} lenet_setting;
LENET_API const lenet_setting *lenet_setting_list(void);            /* ended by a NULL name */
LENET_API const lenet_setting *lenet_setting_find(const char *name); /* NULL: unknown */

/* The part of the value that names a file, by whose content it counts: FILE of "matrix:FILE"; NULL: none of it does. */
LENET_API const char *lenet_setting_file(const lenet_setting *setting, const char *value);

/*
 * Reads `text` to its last character into `field`, which has the type of the setting's kind; flags are "true" or
 * "false". Of a text and a choice with numbers the text itself is kept, and must outlive the settings. LENET_USAGE: the error is
 * "NAME TEXT: why", with the nearest name.
 */
LENET_API lenet_status lenet_setting_read(const lenet_setting *setting, const char *text, void *field, lenet_error *error);

/*
 * Copies `settings` into `complete` (which may be the same) with every default that depends on another setting filled in: the
 * learning rate, the weight decay and its kind, with folds the validation split; noise that is not set becomes 0.
 * LENET_USAGE: a setting out of its range, or some that contradict each other; the error says why.
 */
LENET_API lenet_status lenet_settings_complete(const lenet_settings *settings, lenet_settings *complete, lenet_error *error);

typedef struct lenet_result {
    int epochs;                /* finished */
    int best_epoch;            /* whose weights the model has; 0: none was finished, and they are the initial ones */
    size_t train_count, val_count; /* images used to train and held out */
    double seconds;            /* of training, evaluation not; an epoch that did not end is included */
    double images_per_second;  /* training images / seconds, of finished epochs; NaN: no epoch was finished */
    double test_loss, test_accuracy; /* of the kept weights (settings.loss); NaN: no test set, or best_epoch is 0 */
    char weights_sha256[65];   /* of the weights after the last step, whatever was kept; with ema of their average */
    int threads;               /* in use */
    const char *isa;           /* in use */
    int stopped_early;         /* settings.patience ended it */
} lenet_result;

/*
 * Initialises `model`, trains it on `train`, and leaves in it the weights that settings->keep names. `test` may be NULL
 * unless settings->keep is LENET_KEEP_TEST. On LENET_DIVERGED (error: epoch, step, layer) and LENET_STOPPED the model has the best
 * weights so far and `result` is filled; and so on LENET_IO: settings->checkpoint could not be written. LENET_USAGE: a setting
 * out of its range, a split that would leave nothing to train on or hold out nothing, shape or classes that differ
 * (their number; of the two datasets also their names, where both have some), or settings->checkpoint is of another run
 * (the error says how). LENET_INPUT: it is damaged.
 */
LENET_API lenet_status lenet_train(lenet_model *model, const lenet_dataset *train, const lenet_dataset *test,
                                   const lenet_settings *settings, lenet_result *result, lenet_error *error);

/* What a training does with an image of its training set. */
typedef enum lenet_use {
    LENET_USE_NONE,     /* settings.train_limit leaves it out */
    LENET_USE_TRAIN,
    LENET_USE_HOLD_OUT, /* for validation */
} lenet_use;

/*
 * What a training with these settings does with each image of `train`: use[count], a lenet_use each. With
 * settings.validation_resample this is the draw before the first epoch. A function of data and settings alone.
 * LENET_USAGE: as of lenet_train.
 */
LENET_API lenet_status lenet_measure_split(const lenet_dataset *train, const lenet_settings *settings, uint8_t *use,
                                           lenet_error *error);

/*
 * The label noise that a training with these settings has: matrix[true class][given label], [classes][classes], counts of the
 * images that settings.train_limit leaves, held out or not; a diagonal matrix without noise. A function of data and settings alone.
 * LENET_USAGE: as of lenet_train; LENET_INPUT, LENET_IO: the file of noise_kind.
 */
LENET_API lenet_status lenet_measure_noise(const lenet_dataset *train, const lenet_settings *settings, uint32_t *matrix, lenet_error *error);

/* ----------------------------------------------------------------------------------------------------- functions */

/*
 * The activation (a name of LENET_ACTIVATIONS, with its numbers if it has some: "elu:alpha=2") and its derivative at x[0..count-1], by
 * the kernels that training uses. LENET_USAGE: no activation.
 */
LENET_API lenet_status lenet_activation_curve(const char *activation, size_t count, const float *x, float *y, float *gradient,
                                              lenet_error *error);

/*
 * The loss (as settings.loss) of an image whose true class has the logit logit[i] while those of the other classes are 0, and its
 * derivative by that logit; the softmax gives the true class exp(logit) / (exp(logit) + classes - 1). LENET_USAGE: no loss, or one that needs
 * a noise matrix.
 */
LENET_API lenet_status lenet_loss_curve(const char *loss, int classes, size_t count, const float *logit, float *value, float *gradient,
                                        lenet_error *error);

/* ---------------------------------------------------------------------------------------------------- measuring */

/*
 * The peak that kernels are measured against: float32 multiply-adds on registers alone, two operations each, on all
 * threads of `compute`, in GFLOP/s; the best of several tries that take about `seconds` in all.
 */
LENET_API lenet_status lenet_measure_peak(const lenet_compute *compute, double seconds, double *gflops, lenet_error *error);

/* What a part of a training step costs. */
typedef struct lenet_stage {
    char name[48];  /* "conv1 forward", "fc1 weights", "gather", "loss", "wait" (for other threads) */
    double seconds; /* of one thread in one step, mean over threads and steps */
    double flop;    /* floating-point operations in one step, all threads, zeros that are skipped counted too; 0 where a count has no meaning */
} lenet_stage;

/*
 * Trains `model` (whose weights it changes) for `steps` steps on `dataset` with batch, optimizer and compute of
 * `settings`, and writes up to `capacity` stages, in the order of a step; *count is their number.
 */
LENET_API lenet_status lenet_measure_stages(lenet_model *model, const lenet_dataset *dataset, const lenet_settings *settings, int steps,
                                            lenet_stage *stages, size_t capacity, size_t *count, lenet_error *error);

/* ------------------------------------------------------------------------------------------------------ helpers */

/*
 * The `count` largest off-diagonal cells of a confusion matrix, the largest first, ties by (truth, predicted).
 * Returns how many were written: fewer if fewer cells are non-zero.
 */
typedef struct lenet_confused_pair {
    int truth, predicted;
    uint32_t count;
} lenet_confused_pair;
LENET_API size_t lenet_confused_pairs(const lenet_evaluation *evaluation, lenet_confused_pair *pairs, size_t count);

/*
 * Writes `size` bytes to `path`, whole or not at all: a temporary file in its folder, fsync, rename, fsync of the folder.
 * LENET_IO: what failed; a file that was there before is untouched.
 */
LENET_API lenet_status lenet_write_file(const char *path, const void *data, size_t size, lenet_error *error);

#ifdef __cplusplus
}
#endif
#endif
