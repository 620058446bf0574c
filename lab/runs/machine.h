/* SPDX-License-Identifier: MIT */
/* machine.h - what is computed on, for those who read a measurement. */
#ifndef LENET_LAB_RUNS_MACHINE_H
#define LENET_LAB_RUNS_MACHINE_H

#include <stddef.h>

/* The processor as Linux calls it on x86; elsewhere its architecture. */
void lab_machine_name(char *name, size_t capacity);

#endif
