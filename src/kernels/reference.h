/* SPDX-License-Identifier: MIT */
/* reference.h - the table of kernels that every other table is compared with; never chosen to train with. */
#ifndef LENET_KERNELS_REFERENCE_H
#define LENET_KERNELS_REFERENCE_H

#include "kernels/kernels.h"

extern const ln_kernels ln_kernels_reference; /* isa "reference", width 16 */

#endif
