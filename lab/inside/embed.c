/* SPDX-License-Identifier: MIT */
/* embed.c - see embed.h. */
#include "lab/inside/embed.h"

#include "util/threads.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------- principal components */

enum { BASIS = 8, ROUNDS = 150 }; /* more vectors than two, so that the first two are found fast */

static const float *point_at(const lab_points *p, size_t i) { return p->values + i * p->dimensions; }

static double dot(size_t count, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Gram and Schmidt, twice for exactness. A vector of which nothing is left becomes 0. */
static void make_orthonormal(size_t size, size_t vectors, double *basis)
{
    for (size_t k = 0; k < vectors; k++) {
        double *own = basis + k * size;
        for (size_t other = 0; other < 2 * k; other++) {
            const double *against = basis + other % k * size, part = dot(size, own, against);
            for (size_t i = 0; i < size; i++)
                own[i] -= part * against[i];
        }
        const double norm = sqrt(dot(size, own, own));
        for (size_t i = 0; i < size; i++)
            own[i] = norm > 1e-12 ? own[i] / norm : 0;
    }
}

/* product = covariance times each vector of the basis. */
static void multiply(const lab_points *p, const double *mean, size_t vectors, const double *basis, double *product,
                     double *row)
{
    const size_t size = p->dimensions;
    memset(product, 0, vectors * size * sizeof *product);
    for (size_t i = 0; i < p->count; i++) {
        for (size_t k = 0; k < size; k++)
            row[k] = (double)point_at(p, i)[k] - mean[k];
        for (size_t v = 0; v < vectors; v++) {
            const double along = dot(size, row, basis + v * size) / (double)(p->count - 1);
            for (size_t k = 0; k < size; k++)
                product[v * size + k] += along * row[k];
        }
    }
}

/* Rotates rows a and b of the symmetric matrix and of the vectors so that matrix[a][b] becomes 0. */
static void rotate(size_t n, double matrix[BASIS][BASIS], double vectors[BASIS][BASIS], size_t a, size_t b)
{
    const double angle = 0.5 * atan2(2 * matrix[a][b], matrix[a][a] - matrix[b][b]), c = cos(angle), s = sin(angle);
    for (size_t k = 0; k < n; k++) {
        const double x = matrix[k][a], y = matrix[k][b], u = vectors[a][k], v = vectors[b][k];
        matrix[k][a] = c * x + s * y, matrix[k][b] = c * y - s * x;
        vectors[a][k] = c * u + s * v, vectors[b][k] = c * v - s * u;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = matrix[a][k], y = matrix[b][k];
        matrix[a][k] = c * x + s * y, matrix[b][k] = c * y - s * x;
    }
}

/* Eigenvectors of a small symmetric matrix, as rows; the diagonal becomes the eigenvalues. Jacobi. */
static void solve(size_t n, double matrix[BASIS][BASIS], double vectors[BASIS][BASIS])
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            vectors[i][k] = i == k;
    for (int sweep = 0; sweep < 30; sweep++)
        for (size_t a = 0; a < n; a++)
            for (size_t b = a + 1; b < n; b++)
                rotate(n, matrix, vectors, a, b);
}

/* The best vector of the basis: the `rank`-th largest eigenvalue of what the covariance is within it. */
static double best_of(size_t size, size_t n, const double *basis, double matrix[BASIS][BASIS],
                      double vectors[BASIS][BASIS], size_t rank, double *component)
{
    size_t chosen = 0;
    for (size_t i = 0; i < n; i++) {
        size_t before = 0;
        for (size_t k = 0; k < n; k++)
            before += matrix[k][k] > matrix[i][i] || (matrix[k][k] == matrix[i][i] && k < i);
        chosen = before == rank ? i : chosen;
    }
    size_t largest = 0;
    for (size_t i = 0; i < size; i++) {
        component[i] = 0;
        for (size_t k = 0; k < n; k++)
            component[i] += vectors[chosen][k] * basis[k * size + i];
        largest = fabs(component[i]) > fabs(component[largest]) ? i : largest;
    }
    for (size_t i = 0, flip = component[largest] < 0; flip && i < size; i++)
        component[i] = -component[i];
    return fmax(matrix[chosen][chosen], 0);
}

static double find_mean(const lab_points *p, double *mean)
{
    double variance = 0;
    for (size_t k = 0; k < p->dimensions; k++) {
        for (size_t i = 0; i < p->count; i++)
            mean[k] += (double)point_at(p, i)[k] / (double)p->count;
        for (size_t i = 0; i < p->count; i++)
            variance += pow((double)point_at(p, i)[k] - mean[k], 2) / (double)(p->count - 1);
    }
    return variance;
}

static void project(const lab_points *p, const double *mean, const double *component, double *plane)
{
    for (size_t i = 0; i < p->count; i++) {
        double sum = 0;
        for (size_t k = 0; k < p->dimensions; k++)
            sum += ((double)point_at(p, i)[k] - mean[k]) * component[k];
        plane[2 * i] = sum;
    }
}

void lab_pca(lab_pool *pool, const lab_points *p, double *plane, double share[2])
{
    const size_t size = p->dimensions, n = size < BASIS ? size : BASIS;
    double *mean = lab_alloc(pool, size, sizeof *mean), *row = lab_alloc(pool, size, sizeof *row);
    double *basis = lab_alloc(pool, n * size, sizeof *basis), *product = lab_alloc(pool, n * size, sizeof *product);
    double matrix[BASIS][BASIS] = {{0}}, vectors[BASIS][BASIS];
    const double variance = find_mean(p, mean);
    for (size_t i = 0; i < n * size; i++) /* any start that is not orthogonal to the answer */
        basis[i] = sin(1 + 12.9898 * (double)i);
    for (int round = 0; round < ROUNDS; round++) {
        make_orthonormal(size, n, basis);
        multiply(p, mean, n, basis, product, row);
        memcpy(basis, product, n * size * sizeof *basis);
    }
    make_orthonormal(size, n, basis);
    multiply(p, mean, n, basis, product, row);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            matrix[i][k] = dot(size, basis + i * size, product + k * size);
    solve(n, matrix, vectors);
    memset(plane, 0, 2 * p->count * sizeof *plane);
    share[0] = share[1] = 0;
    for (size_t rank = 0; rank < 2 && rank < n; rank++) {
        share[rank] = variance > 0 ? best_of(size, n, basis, matrix, vectors, rank, product) / variance : 0;
        if (variance > 0)
            project(p, mean, product, plane + rank);
    }
}

/* ----------------------------------------------------------------------------------------------------------- t-SNE */

enum { LANES = 8, EXAGGERATED = 250, ITERATIONS = 1000 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

typedef struct neighbour {
    double distance; /* squared */
    size_t index;
} neighbour;

static int compare_neighbours(const void *left, const void *right)
{
    const neighbour *a = left, *b = right;
    return a->distance != b->distance ? (a->distance < b->distance ? -1 : 1)
           : a->index < b->index      ? -1
                                      : a->index > b->index;
}

/*
 * The whole computation, as its workers see it. Rows are as long as the count rounded up to LANES; numbers past
 * it stay 0.
 */
typedef struct plan {
    const lab_points *points;
    ln_threads *threads;
    size_t pitch, neighbours;
    double perplexity;
    neighbour *nearest;  /* [workers][count] */
    float *p;            /* [count][pitch]: how much each pair belongs together */
    float *x, *y;        /* [pitch] */
    double *sums;        /* [count]: of each point's similarities in the plane */
    double *pull, *push; /* [count][2] */
} plan;

/* p of point i's neighbours, of which the nearest is itself, for a precision; returns the entropy. */
static double weigh(const neighbour *nearest, size_t count, double precision, float *row, double *total)
{
    double weighted = 0;
    *total = 0;
    for (size_t k = 1; k < count; k++) {
        const double far = nearest[k].distance - nearest[1].distance, weight = exp(-precision * far);
        row[nearest[k].index] = (float)weight;
        *total += weight;
        weighted += weight * far;
    }
    return log(*total) + precision * weighted / *total;
}

/* Finds the precision that gives the perplexity, by halves, and fills the row with shares. */
static void fill_row(const plan *t, const neighbour *nearest, float *row)
{
    double low = 0, high = INFINITY, precision = 1, total;
    const double mean = nearest[t->neighbours / 2].distance;
    precision = mean > 0 ? 1 / mean : 1;
    for (int i = 0; i < 100; i++) {
        const double off = weigh(nearest, t->neighbours, precision, row, &total) - log(t->perplexity);
        if (fabs(off) < 1e-7)
            break;
        if (off > 0)
            low = precision;
        else
            high = precision;
        precision = isinf(high) ? 2 * precision : (low + high) / 2;
    }
    for (size_t k = 1; k < t->neighbours; k++)
        row[nearest[k].index] = (float)((double)row[nearest[k].index] / total);
}

static void find_neighbours(void *argument, int worker)
{
    plan *t = argument;
    size_t first, last, count = t->points->count;
    ln_share(count, worker, ln_threads_workers(t->threads), &first, &last);
    neighbour *nearest = t->nearest + (size_t)worker * count;
    for (size_t i = first; i < last; i++) {
        for (size_t k = 0; k < count; k++) {
            double sum = 0;
            for (size_t d = 0; d < t->points->dimensions; d++) {
                const double off = (double)point_at(t->points, i)[d] - (double)point_at(t->points, k)[d];
                sum += off * off;
            }
            nearest[k] = (neighbour){k == i ? -1 : sum, k};
        }
        qsort(nearest, count, sizeof *nearest, compare_neighbours);
        fill_row(t, nearest, t->p + i * t->pitch);
    }
}

/* Both ways, all of them together 1. */
static void make_symmetric(plan *t)
{
    const size_t count = t->points->count;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k <= i; k++) {
            const float both = (t->p[i * t->pitch + k] + t->p[k * t->pitch + i]) / (2 * (float)count);
            t->p[i * t->pitch + k] = t->p[k * t->pitch + i] = both;
        }
}

static double sum_of(const lanes *v)
{
    double sum = 0;
    for (int i = 0; i < LANES; i++)
        sum += (double)(*v)[i];
    return sum;
}

/* What acts on point i: neighbours pull, all push. Places past the count are taken off again. */
static void act_on(plan *t, size_t i)
{
    lanes sum = {0}, pull_x = {0}, pull_y = {0}, push_x = {0}, push_y = {0};
    const float *row = t->p + i * t->pitch;
    for (size_t k = 0; k < t->pitch; k += LANES) {
        lanes x, y, p;
        memcpy(&x, t->x + k, sizeof x);
        memcpy(&y, t->y + k, sizeof y);
        memcpy(&p, row + k, sizeof p);
        const lanes right = t->x[i] - x, down = t->y[i] - y, q = 1.0f / (1.0f + right * right + down * down),
                    square = q * q;
        sum += q;
        pull_x += p * q * right, pull_y += p * q * down;
        push_x += square * right, push_y += square * down;
    }
    const size_t extra = t->pitch - t->points->count; /* points at (0, 0) that are none */
    const double x = (double)t->x[i], y = (double)t->y[i], q = 1 / (1 + x * x + y * y);
    t->sums[i] = sum_of(&sum) - (double)extra * q - 1; /* and itself */
    t->pull[2 * i] = sum_of(&pull_x), t->pull[2 * i + 1] = sum_of(&pull_y);
    t->push[2 * i] = sum_of(&push_x) - (double)extra * q * q * x,
                t->push[2 * i + 1] = sum_of(&push_y) - (double)extra * q * q * y;
}

static void act(void *argument, int worker)
{
    plan *t = argument;
    size_t first, last;
    ln_share(t->points->count, worker, ln_threads_workers(t->threads), &first, &last);
    for (size_t i = first; i < last; i++)
        act_on(t, i);
}

/* One iteration: gradient, gains (a number that keeps its direction may move faster), momentum. */
static void move(plan *t, int iteration, double *plane, double *speed, double *gains)
{
    const size_t count = t->points->count;
    const double exaggeration = iteration < EXAGGERATED ? 12 : 1, momentum = iteration < EXAGGERATED ? 0.5 : 0.8;
    const double rate = fmax((double)count / 12 / 4, 50);
    double all = 0;
    for (size_t i = 0; i < count; i++)
        t->x[i] = (float)plane[2 * i], t->y[i] = (float)plane[2 * i + 1];
    ln_threads_run(t->threads, act, t);
    for (size_t i = 0; i < count; i++)
        all += t->sums[i];
    for (size_t i = 0; i < 2 * count; i++) {
        const double gradient = 4 * (exaggeration * t->pull[i] - t->push[i] / fmax(all, DBL_MIN));
        gains[i] = gradient * speed[i] < 0 ? gains[i] + 0.2 : fmax(gains[i] * 0.8, 0.01);
        speed[i] = momentum * speed[i] - rate * gains[i] * gradient;
        plane[i] += speed[i];
    }
}

/* As scikit-learn does it: the first component's deviation becomes 1e-4. */
static void begin(size_t count, const double *start, double *plane)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += start[2 * i] * start[2 * i];
    const double scale = squares > 0 ? 1e-4 / sqrt(squares / (double)count) : 0;
    for (size_t i = 0; i < 2 * count; i++)
        plane[i] = scale * start[i];
}

static void run(plan *t, const double *start, double *plane, double *speed, double *gains)
{
    const size_t count = t->points->count;
    for (size_t i = 0; i < 2 * count; i++)
        gains[i] = 1;
    ln_threads_run(t->threads, find_neighbours, t);
    make_symmetric(t);
    begin(count, start, plane);
    for (int i = 0; i < ITERATIONS; i++)
        move(t, i, plane, speed, gains);
}

void lab_tsne(lab_pool *pool, const lab_points *points, double perplexity, const double *start, double *plane)
{
    const size_t count = points->count, pitch = (count + LANES - 1) / LANES * LANES,
                 reach = (size_t)(3 * perplexity) + 2;
    const size_t workers = (size_t)lenet_processor_count();
    plan t = {.points = points, .pitch = pitch, .neighbours = reach < count ? reach : count, .perplexity = perplexity};
    t.nearest = lab_alloc(pool, workers * count, sizeof *t.nearest);
    t.p = lab_alloc(pool, count * pitch, sizeof *t.p);
    t.x = lab_alloc(pool, pitch, sizeof *t.x), t.y = lab_alloc(pool, pitch, sizeof *t.y);
    t.sums = lab_alloc(pool, count, sizeof *t.sums);
    t.pull = lab_alloc(pool, 2 * count, sizeof *t.pull), t.push = lab_alloc(pool, 2 * count, sizeof *t.push);
    double *speed = lab_alloc(pool, 2 * count, sizeof *speed), *gains = lab_alloc(pool, 2 * count, sizeof *gains);
    lab_check(pool, ln_threads_open(&t.threads, (int)workers, &pool->error));
    run(&t, start, plane, speed, gains);
    ln_threads_close(&t.threads);
}
