/* SPDX-License-Identifier: MIT */
/*
 * number.h - doubles as text for files: always with a decimal point, never with more digits than bring back the same
 * double.
 */
#ifndef LENET_LAB_NUMBER_H
#define LENET_LAB_NUMBER_H

enum { NUMBER_LENGTH = 32 };

/* Writes a finite number; an empty string for infinity and NaN. Returns `text`. */
char *shortest_number(double number, char text[NUMBER_LENGTH]);

#endif
