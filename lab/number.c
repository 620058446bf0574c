/* SPDX-License-Identifier: MIT */
/* number.c - the shortest of the decimal numbers that read back as a double: 15 digits mostly do, 17 always do. */
#include "lab/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

char *shortest_number(double number, char text[NUMBER_LENGTH])
{
    int precision = 15;
    text[0] = '\0';
    if (!isfinite(number))
        return text;
    do
        snprintf(text, NUMBER_LENGTH, "%.*g", precision, number);
    while (precision++ < 17 && strtod(text, NULL) != number);
    return text;
}
