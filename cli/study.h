/* SPDX-License-Identifier: MIT */
/* study.h - the parts of `lenet study`. */
#ifndef LENET_CLI_STUDY_H
#define LENET_CLI_STUDY_H

int run_study_run(int argc, char **argv);  /* argv[0] is "run" */
int run_study_plan(int argc, char **argv); /* argv[0] is "plan" */

#endif
