/* SPDX-License-Identifier: MIT */
/*
 * function.h - functions in double made of + - * / alone, for numbers that the bits of a run depend on: the C
 * library's differ from version to version. Errors are a few units in the last place;
 * tests/unit/test_function.c states and tests them.
 */
#ifndef LENET_UTIL_FUNCTION_H
#define LENET_UTIL_FUNCTION_H

/* e^x; 0 below -745, infinite above 709.7. */
double ln_exp(double x);

/* The natural logarithm of a finite x > 0. */
double ln_log(double x);

/* x^y of x >= 0; for whole y up to 64 by multiplication, so that x^1 is x. */
double ln_power(double x, double y);

/* cos(pi x), 0 <= x <= 1; exact at 0, 1/2 and 1. */
double ln_cos_pi(double x);

#endif
