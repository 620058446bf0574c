/* SPDX-License-Identifier: MIT */
/* preview.h - a small image as text on stdout: what the model sees, for people to see too. */
#ifndef LENET_CLI_PREVIEW_H
#define LENET_CLI_PREVIEW_H

#include "lenet/lenet.h"

/*
 * Prints `pixels` u8 [channels][height][width], two rows of them to a line, each line after `indent`. In colours
 * where stdout shows them, else as half blocks (UTF-8, one channel) or as ASCII characters. Images wider than the
 * terminal are not shown.
 */
void print_preview(const uint8_t *pixels, lenet_shape shape, const char *indent);

#endif
