/* SPDX-License-Identifier: MIT */
/* consumer.c - a stranger's program against the installed library: makes a network and prints the version of the library. */
#include <lenet/lenet.h>
#include <stdio.h>

int main(void)
{
    const lenet_shape shape = {1, 28, 28};
    lenet_model *model = NULL;
    lenet_error error;

    if (lenet_model_create(&model, "lenet5", shape, 10, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    const int whole = lenet_model_parameters(model) == 61706;
    lenet_model_close(&model);
    puts(lenet_version());
    return whole ? 0 : 1;
}
