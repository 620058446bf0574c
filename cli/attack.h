/* SPDX-License-Identifier: MIT */
/*
 * attack.h - adversarial images: each pixel moved by at most EPS so that the loss of the image's true class
 * rises. Pixels are numbers 0..1 (pixel / 255) and stay within; they are not rounded to bytes. Nothing is
 * drawn, so the same images come of the same model.
 *
 *   fgsm:EPS          one step of EPS along the gradient's sign (Goodfellow, Shlens and Szegedy 2015)
 *   pgd:EPS[:STEPS]   STEPS steps (default 10) of 2.5 EPS / STEPS, each followed by a projection to within
 *   EPS of the image (Madry et
 *                     al. 2018), from the image itself
 */
#ifndef LENET_CLI_ATTACK_H
#define LENET_CLI_ATTACK_H

#include "lenet/tools.h"

typedef struct attack {
    double epsilon; /* 0..1 */
    double step;
    int steps;
} attack;

/* LENET_USAGE: what is wrong with the text. `to` may be NULL. */
lenet_status read_attack(const char *text, attack *to, lenet_error *error);
lenet_status check_attack(const char *text, lenet_error *error);

/*
 * Changes values[count][channels][height][width] of the images, whose labels these are, against the session's
 * model.
 */
lenet_status attack_images(const attack *a, lenet_session *session, lenet_shape shape, size_t count,
                           const uint8_t *labels, float *values, lenet_error *error);

#endif
