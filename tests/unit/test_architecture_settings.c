/* SPDX-License-Identifier: MIT */
/* test_architecture_settings.c - what the settings of the network make of an architecture, and that lenet_train takes no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lenet/lenet.h"

#include <stdio.h>
#include <string.h>

static const lenet_shape digits = {1, 28, 28};

/* The architecture that comes out, or the error's text. */
static const char *vary(const char *architecture, const lenet_settings *settings)
{
    static char text[4096];
    lenet_model *model = NULL;
    lenet_error error = {LENET_OK, ""};
    if (lenet_model_create_with(&model, architecture, settings, digits, 10, &error))
        snprintf(text, sizeof text, "%s", error.text);
    else
        snprintf(text, sizeof text, "%s", lenet_model_architecture(model));
    lenet_model_close(&model);
    return text;
}

static lenet_settings with_activation(const char *activation)
{
    lenet_settings settings;
    lenet_settings_default(&settings);
    settings.activation = activation;
    return settings;
}

static const char *activate(const char *architecture, const char *activation)
{
    const lenet_settings settings = with_activation(activation);
    return vary(architecture, &settings);
}

static void test_activations(void **state)
{
    (void)state;
    assert_string_equal(
        activate("lenet5", NULL),
        "conv:6@5x5:pad=2,relu,maxpool:2,conv:16@5x5,relu,maxpool:2,dense:120,relu,dense:84,relu,dense:10");
    assert_string_equal(
        activate("lenet5-valid", "elu:alpha=0.5"),
        "conv:6@5x5,elu:alpha=0.5,maxpool:2,conv:16@5x5,elu:alpha=0.5,maxpool:2,dense:120,elu:alpha=0.5,dense:84,"
        "elu:alpha=0.5,dense:10");
    assert_string_equal(activate("lenet5", "none"),
                        "conv:6@5x5:pad=2,maxpool:2,conv:16@5x5,maxpool:2,dense:120,dense:84,dense:10");
    assert_string_equal(activate("tanh, conv:2@3x3, gelu-tanh, dense:9, leaky-relu:0.3, dense:10", "leaky-relu:0.2"),
                        "leaky-relu:0.2,conv:2@3x3,leaky-relu:0.2,dense:9,leaky-relu:0.2,dense:10");
    assert_string_equal(activate("dense:10", "none"), "dense:10");
    assert_string_equal(activate("dense:10", "tanh"),
                        "activation tanh: the architecture has no activation that it could replace");
    assert_non_null(strstr(activate("lenet5", "elu:beta=1"), "elu has no option 'beta'"));
    assert_non_null(strstr(activate("lenet5", "selu:1"), "takes no number"));
}

static const char *drop(const char *architecture, double rate)
{
    lenet_settings settings = with_activation(NULL);
    settings.dropout = rate;
    return vary(architecture, &settings);
}

static void test_dropout(void **state)
{
    (void)state;
    assert_string_equal(drop("lenet5-valid", 0.5),
                        "conv:6@5x5,relu,maxpool:2,conv:16@5x5,relu,maxpool:2,dense:120,relu,dropout:0.5,"
                        "dense:84,relu,dropout:0.5,dense:10");
    assert_string_equal(drop("dense:20,dense:30,elu,relu,dense:10", 0.25),
                        "dense:20,dropout:0.25,dense:30,elu,relu,dropout:0.25,dense:10");
    assert_string_equal(drop("dropout:0.1,dense:20,relu,dropout:rate=0.2,dense:10", 1.0 / 3),
                        "dropout:0.333333333,dense:20,relu,dropout:0.333333333,dense:10");
    assert_string_equal(drop("dense:20,dropout:0.4,dense:10", 0), "dense:20,dropout:0.4,dense:10");
    assert_non_null(
        strstr(drop("conv:3@5x5,relu,dense:10", 0.5), "dropout 0.5: the architecture has no hidden dense layer"));
    lenet_settings both = with_activation("none");
    both.dropout = 0.125;
    assert_string_equal(vary("dense:20,relu,dense:10", &both), "dense:20,dropout:0.125,dense:10");
    assert_non_null(strstr(activate("dropout,dense:10", NULL), "needs its rate"));
    assert_non_null(strstr(activate("dropout:1,dense:10", NULL), "rate must be a number from 0 to 0.99"));
}

/* As the parser has them, each activation's number may have its key or not, and must be one. */
static void test_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"leaky-relu", "leaky-relu:0.25", "leaky-relu:slope=0.25", "elu:2",
                                       "elu:alpha=0.25"},
                             *const bad[] = {
                                 "leaky-relu:1.5", "leaky-relu:-0.1", "elu:", "elu:1:alpha=x", "elu:alpha=", "relu:1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_non_null(strstr(activate("lenet5", good[i]), good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(strstr(activate("lenet5", bad[i]), "architecture: layer 2"));
}

static void test_names(void **state)
{
    (void)state;
    for (const char *const *name = lenet_option_names(LENET_ACTIVATIONS); *name; name++) {
        assert_non_null(lenet_option_help(LENET_ACTIVATIONS, *name));
        assert_non_null(strstr(activate("lenet5", *name), "dense:10"));
    }
    for (const char *const *name = lenet_option_names(LENET_BIAS_INITIALIZERS); *name; name++)
        assert_non_null(lenet_option_help(LENET_BIAS_INITIALIZERS, *name));
}

/* Whoever sets an activation and makes the model without it would train something else than was asked for. */
static void test_training_wants_the_same(void **state)
{
    (void)state;
    uint8_t images[40 * 784] = {0}, labels[40];
    lenet_dataset *dataset = NULL;
    lenet_model *model = NULL;
    lenet_result result;
    lenet_error error;
    lenet_settings settings = with_activation("tanh");
    settings.epochs = 1;
    for (size_t i = 0; i < sizeof labels; i++)
        labels[i] = (uint8_t)(i % 10);
    assert_int_equal(lenet_dataset_create(&dataset, digits, 10, sizeof labels, images, labels, NULL), LENET_OK);
    assert_int_equal(lenet_model_create(&model, "lenet5", digits, 10, NULL), LENET_OK);
    assert_int_equal(lenet_train(model, dataset, NULL, &settings, &result, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "lenet_model_create_with"));
    lenet_model_close(&model);
    assert_int_equal(lenet_model_create_with(&model, "lenet5", &settings, digits, 10, NULL), LENET_OK);
    assert_int_equal(lenet_train(model, dataset, NULL, &settings, &result, &error), LENET_OK);
    lenet_model_close(&model);
    lenet_dataset_close(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_training_wants_the_same),
    };
    return cmocka_run_group_tests_name("vary", tests, NULL, NULL);
}
