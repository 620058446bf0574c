/* SPDX-License-Identifier: MIT */
/* train.c - from a data set's name to an accuracy, by lenet.h alone: `example-train DATA-SET IMAGES`, IMAGES 0 for all. */
#include <lenet/lenet.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    const char *name = count > 1 ? words[1] : "fashion-mnist";
    lenet_dataset *train = NULL, *test = NULL;
    lenet_model *model = NULL;
    lenet_settings settings;
    lenet_result result;
    lenet_error error;

    lenet_settings_default(&settings);
    settings.train_limit = count > 2 ? strtoul(words[2], NULL, 10) : 0;
    const int failed = lenet_dataset_open(&train, name, LENET_TRAIN, NULL, &error) ||
                       lenet_dataset_open(&test, name, LENET_TEST, NULL, &error) ||
                       lenet_model_create(&model, "lenet5", lenet_dataset_shape(train), 10, &error) ||
                       lenet_train(model, train, test, &settings, &result, &error);
    if (failed)
        fprintf(stderr, "%s\n", error.text);
    else
        printf("%s: %.2f %% of the test images right\n", name, 100 * result.test_accuracy);
    lenet_model_close(&model);
    lenet_dataset_close(&test);
    lenet_dataset_close(&train);
    return failed;
}
