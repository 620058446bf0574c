/* SPDX-License-Identifier: MIT */
/*
 * number.h - numbers from text, read to the last character: no blanks around them, no hexadecimal, no
 * infinity, a decimal point whatever the locale.
 */
#ifndef LENET_UTIL_NUMBER_H
#define LENET_UTIL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

typedef enum ln_reading {
    LN_READ,
    LN_READ_NOT_A_NUMBER, /* or not a whole one */
    LN_READ_TOO_LARGE,    /* for its type; of ln_read_natural below 0 too */
} ln_reading;

/* "-1.5e-3" */
ln_reading ln_read_real(const char *text, double *number);

/* "1024", "+3", "-0" */
ln_reading ln_read_natural(const char *text, uint64_t *number);

/*
 * "0.5,0.25": reads at most `capacity` numbers. Returns how many there are, 0 if the text is not such a list.
 */
size_t ln_read_reals(const char *text, double *numbers, size_t capacity);

/* A whole list of numbers that a choice may be followed by, and what they are if not written. */
enum { LN_CHOICE_NUMBERS = 5 };
typedef struct ln_choice_number {
    const char *key;              /* NULL ends the list */
    double least, most, fallback; /* fallback NaN: it must be written */
} ln_choice_number;

/* Length of the name in "NAME:VALUE:KEY=VALUE". */
size_t ln_choice_length(const char *text);

/* Is this the name in it? */
int ln_choice_is(const char *text, const char *name);

/*
 * Reads what follows the name in "NAME[:VALUE...][:KEY=VALUE...]" into values[], one for each of `numbers`;
 * values without a key are taken in their order. Returns 1, or 0 with the reason in why.
 */
int ln_choice_read(const char *text, const ln_choice_number *numbers, double *values, char why[160]);

/*
 * Writes the shortest decimal number that reads back as `number` (15 digits mostly do, 17 always do), with a
 * point in every locale; "" for infinity and NaN. Returns `text`.
 */
enum { LN_NUMBER_LENGTH = 32 };
char *ln_shortest_number(double number, char text[LN_NUMBER_LENGTH]);

#endif
