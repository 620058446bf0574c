/* SPDX-License-Identifier: MIT */
/* all.h - all files of this folder: for tmpl/loss.h, and with LN_REFERENCE for reference.c. */
#include "kernels/tmpl/losses/cross-entropy.h"
#include "kernels/tmpl/losses/smoothing.h"
#include "kernels/tmpl/losses/bce.h"
#include "kernels/tmpl/losses/bce-sigmoid.h"
#include "kernels/tmpl/losses/mse.h"
#include "kernels/tmpl/losses/l1.h"
#include "kernels/tmpl/losses/focal.h"
#include "kernels/tmpl/losses/gce.h"
#include "kernels/tmpl/losses/symmetric.h"
#include "kernels/tmpl/losses/bootstrap.h"
#include "kernels/tmpl/losses/bootstrap-hard.h"
#include "kernels/tmpl/losses/forward.h"
