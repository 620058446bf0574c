/* SPDX-License-Identifier: MIT */
/*
 * dlib.cpp - FOLDER BATCH THREADS WARMUP IMAGES WORDS: an epoch of LeNet-5 by dlib, timed, for bench/compare.
 *
 * The step is written out (forward and backward, then Adam) because dnn_trainer would add a thread, and a test of progress
 * that lenet does not make. dlib computes a step on one thread but for its BLAS, whose threads OPENBLAS_NUM_THREADS
 * says; THREADS is therefore not looked at here. Its adam has no weight decay here, its input layer divides by 256.
 */
#include <dlib/dnn.h>
#include <dlib/revision.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace dlib;

template <typename below> using conv1 = add_layer<con_<6, 5, 5, 1, 1, 2, 2>, below>;
template <typename below> using conv2 = add_layer<con_<16, 5, 5, 1, 1, 0, 0>, below>;
template <typename below> using pool = max_pool<2, 2, 2, 2, below>;
using image = matrix<unsigned char>;
using lenet5 = loss_multiclass_log<
    fc<10, relu<fc<84, relu<fc<120, relu<pool<conv2<relu<pool<conv1<input<image>>>>>>>>>>>>>;

struct digits {
    std::vector<image> images;
    std::vector<unsigned long> labels;
};

static std::vector<unsigned char> read(const std::string &path, size_t header)
{
    std::ifstream file(path, std::ios::binary);
    std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (bytes.size() <= header)
        throw std::runtime_error(path + ": not there, or empty");
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
    return bytes;
}

/* From IDX files, whose headers have 16 and 8 bytes. */
static digits load(const std::string &stem)
{
    const auto pixels = read(stem + "-images-idx3-ubyte", 16), labels = read(stem + "-labels-idx1-ubyte", 8);
    digits s;
    s.labels.assign(labels.begin(), labels.end());
    for (size_t i = 0; i < labels.size(); i++)
        s.images.push_back(mat(&pixels[i * 28 * 28], 28, 28));
    return s;
}

struct trainer {
    lenet5 net;
    std::vector<adam> solvers = std::vector<adam>(lenet5::num_computational_layers, adam(0, 0.9f, 0.999f));
    std::mt19937 random{1};

    /* Seconds for `count` images in a new order. */
    double run(const digits &s, size_t batch, size_t count)
    {
        const auto begin = std::chrono::steady_clock::now();
        std::vector<size_t> order(s.images.size());
        std::vector<image> images;
        std::vector<unsigned long> labels;
        resizable_tensor x;
        std::iota(order.begin(), order.end(), size_t{0});
        std::shuffle(order.begin(), order.end(), random);
        for (size_t first = 0; first < count; first += batch) {
            const size_t end = std::min(first + batch, count);
            images.clear();
            labels.clear();
            for (size_t i = first; i < end; i++) {
                images.push_back(s.images[order[i]]);
                labels.push_back(s.labels[order[i]]);
            }
            net.to_tensor(images.begin(), images.end(), x);
            net.compute_parameter_gradients(x, labels.begin());
            net.update_parameters(make_sstack(solvers), 0.001);
        }
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
};

int main(int argc, char **argv)
try {
    if (argc < 6)
        return 2;
    const std::string folder = argv[1];
    const size_t batch = std::stoul(argv[2]), warmup = std::stoul(argv[4]), count = std::stoul(argv[5]);
    const digits train = load(folder + "/train"), unseen = load(folder + "/t10k");
    trainer t;
    t.run(train, batch, warmup);
    const double seconds = t.run(train, batch, count);
    const std::vector<unsigned long> said = t.net(unseen.images, 256);
    size_t right = 0;
    for (size_t i = 0; i < said.size(); i++)
        right += said[i] == unseen.labels[i];
    std::printf("{\"version\": \"dlib %d.%d.%d\", \"seconds\": %.9g, \"accuracy\": %.9g, \"note\": \"\"}\n", DLIB_MAJOR_VERSION,
                DLIB_MINOR_VERSION, DLIB_PATCH_VERSION, seconds, static_cast<double>(right) / static_cast<double>(said.size()));
    return 0;
} catch (const std::exception &reason) {
    std::fprintf(stderr, "dlib: %s\n", reason.what());
    return 1;
}
