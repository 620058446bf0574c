/* SPDX-License-Identifier: MIT */
/*
 * test_embed.c - principal components and t-SNE against scikit-learn, on the points of tools/golden-embed.py:
 * the components number by number, t-SNE by the share of nearest neighbours that it keeps.
 */
#include "lab/inside/embed.h"
#include "util/file.h"
#include "util/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 300, DIMENSIONS = 12, CLUSTERS = 6, NEAREST = 10, PERPLEXITY = 30 };

static float values[COUNT][DIMENSIONS];
static const lab_points points = {COUNT, DIMENSIONS, &values[0][0]};

static uint32_t mix(uint32_t i)
{
    uint32_t h = i * 2654435761u;
    h = (h ^ (h >> 15)) * 2246822519u;
    h = (h ^ (h >> 13)) * 3266489917u;
    return h ^ (h >> 16);
}

static int make_points(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < COUNT; n++)
        for (uint32_t d = 0; d < DIMENSIONS; d++)
            values[n][d] = ((float)(mix(1000003 * (n % CLUSTERS) + d) % 33) - 16) / 8 +
                           ((float)(mix(7919 + n * DIMENSIONS + d) % 513) - 256) / 256;
    return 0;
}

/*
 * Whether point b is among the nearest of point a, in `dimensions` dimensions: fewer than NEAREST others are
 * nearer.
 */
static int is_near(const double *at, size_t dimensions, size_t a, size_t b)
{
    double wanted = 0;
    int nearer = 0;
    for (size_t d = 0; d < dimensions; d++)
        wanted += pow(at[a * dimensions + d] - at[b * dimensions + d], 2);
    for (size_t k = 0; k < COUNT; k++) {
        double sum = 0;
        for (size_t d = 0; d < dimensions; d++)
            sum += pow(at[a * dimensions + d] - at[k * dimensions + d], 2);
        nearer += k != a && sum < wanted;
    }
    return nearer < NEAREST;
}

static double share_kept(const double *plane)
{
    static double all[COUNT * DIMENSIONS];
    int kept = 0;
    for (size_t i = 0; i < COUNT * DIMENSIONS; i++)
        all[i] = (double)(&values[0][0])[i];
    for (size_t a = 0; a < COUNT; a++)
        for (size_t b = 0; b < COUNT; b++)
            kept += a != b && is_near(all, DIMENSIONS, a, b) && is_near(plane, 2, a, b);
    return kept / (double)(COUNT * NEAREST);
}

static char *read_golden(lab_pool *pool)
{
    const char *const root = getenv("LENET_SOURCE");
    return lab_pool_read(pool, lab_format(pool, "%s/tests/golden/embed.txt", root ? root : "."), 1 << 20, NULL);
}

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    lab_pool pool = {.blocks = NULL};
    static double pca[COUNT * 2], tsne[COUNT * 2];
    double share[2], x, y;
    if (setjmp(pool.on_failure))
        fail_msg("%s", pool.error.text);
    char *text = read_golden(&pool), *line;
    size_t used = 0, found = 0;
    lab_pca(&pool, &points, pca, share);
    lab_tsne(&pool, &points, PERPLEXITY, pca, tsne);
    while ((line = strsep(&text, "\n")))
        if (sscanf(line, "share %lf %lf", &x, &y) == 2)
            found += fabs(share[0] - x) < 1e-6 && fabs(share[1] - y) < 1e-6;
        else if (sscanf(line, "point %lf %lf", &x, &y) == 2) {
            assert_true(fabs(pca[2 * used] - x) < 1e-5 && fabs(pca[2 * used + 1] - y) < 1e-5);
            used++;
        } else if (sscanf(line, "kept %lf", &x) == 1)
            found += share_kept(tsne) > x - 0.03;
    assert_true(used == COUNT && found == 2);
    lab_pool_close(&pool);
}

static void few_and_flat_points_are_no_trouble(void **state)
{
    (void)state;
    lab_pool pool = {.blocks = NULL};
    static const float same[6] = {1, 1, 1, 1, 1, 1}, line[4] = {0, 1, 2, 3};
    double plane[12], other[12], share[2];
    if (setjmp(pool.on_failure))
        fail_msg("%s", pool.error.text);
    lab_pca(&pool, &(lab_points){3, 2, same}, plane, share);
    assert_true(share[0] == 0 && plane[0] == 0 && plane[5] == 0);
    lab_tsne(&pool, &(lab_points){3, 2, same}, 1, plane, other);
    lab_pca(&pool, &(lab_points){4, 1, line}, plane, share);
    assert_true(fabs(share[0] - 1) < 1e-12 && share[1] == 0 && fabs(plane[6] - 1.5) < 1e-12 && plane[7] == 0);
    lab_tsne(&pool, &(lab_points){4, 1, line}, 1, plane, other);
    for (int i = 0; i < 8; i++)
        assert_true(isfinite(other[i]));
    lab_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(agrees_with_scikit_learn, make_points),
        cmocka_unit_test(few_and_flat_points_are_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
