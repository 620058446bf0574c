/* SPDX-License-Identifier: MIT */
/*
 * onednn.cpp - FOLDER BATCH THREADS WARMUP IMAGES WORDS: the convolutions, poolings and dense layers of LeNet-5's training
 * steps by oneDNN, timed, for bench/compare.
 *
 * Not training: a bound from below for any framework on oneDNN. Each primitive has tensors of its own, in the layout
 * that it likes best, filled once with numbers around zero; what one computes does not flow into the next, so there is
 * no reordering, no activation, no loss, no optimiser, no image gathered, and FOLDER is not read. The gradient with
 * respect to the images is not computed, as in training.
 */
#include <oneapi/dnnl/dnnl.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using dims = memory::dims;

struct call {
    primitive run;
    std::unordered_map<int, memory> arguments;
};

struct stage {
    engine cpu{engine::kind::cpu, 0};
    stream queue{cpu};
    std::vector<call> calls;
    std::mt19937 random{1};

    memory tensor(const memory::desc &layout)
    {
        memory made(layout, cpu);
        std::uniform_real_distribution<float> number(-1, 1);
        auto *values = static_cast<float *>(made.get_data_handle());
        for (size_t i = 0; i < layout.get_size() / sizeof *values; i++)
            values[i] = number(random);
        return made;
    }

    /* A convolution or dense layer: src, weights and dst, or their gradients, by the names that oneDNN has for them. */
    template <typename description> void forward(const description &d)
    {
        calls.push_back({primitive(d), {{DNNL_ARG_SRC, tensor(d.src_desc())}, {DNNL_ARG_WEIGHTS, tensor(d.weights_desc())},
                                        {DNNL_ARG_BIAS, tensor(d.bias_desc())}, {DNNL_ARG_DST, tensor(d.dst_desc())}}});
    }

    template <typename description> void backward_data(const description &d)
    {
        calls.push_back({primitive(d), {{DNNL_ARG_DIFF_SRC, tensor(d.diff_src_desc())}, {DNNL_ARG_WEIGHTS, tensor(d.weights_desc())},
                                        {DNNL_ARG_DIFF_DST, tensor(d.diff_dst_desc())}}});
    }

    template <typename description> void backward_weights(const description &d)
    {
        calls.push_back({primitive(d), {{DNNL_ARG_SRC, tensor(d.src_desc())}, {DNNL_ARG_DIFF_WEIGHTS, tensor(d.diff_weights_desc())},
                                        {DNNL_ARG_DIFF_BIAS, tensor(d.diff_bias_desc())}, {DNNL_ARG_DIFF_DST, tensor(d.diff_dst_desc())}}});
    }

    void step()
    {
        for (auto &c : calls)
            c.run.execute(queue, c.arguments);
        queue.wait();
    }
};

static memory::desc of(const dims &shape, memory::format_tag tag = memory::format_tag::any)
{
    return {shape, memory::data_type::f32, tag};
}

/* Returns the layout of the output, which the pooling after it takes as its own. */
static memory::desc add_convolution(stage &s, dims in, dims weights, dims out, memory::dim padding, bool is_first)
{
    const auto best = algorithm::convolution_direct;
    const auto x = of(in), w = of(weights), b = of({weights[0]}), y = of(out);
    const dims stride{1, 1}, pad{padding, padding};
    const convolution_forward::primitive_desc forward({prop_kind::forward_training, best, x, w, b, y, stride, pad, pad}, s.cpu);
    s.forward(forward);
    s.backward_weights(convolution_backward_weights::primitive_desc({best, x, w, b, y, stride, pad, pad}, s.cpu, forward));
    if (!is_first)
        s.backward_data(convolution_backward_data::primitive_desc({best, x, w, y, stride, pad, pad}, s.cpu, forward));
    return forward.dst_desc();
}

static void add_pooling(stage &s, const memory::desc &in, dims out)
{
    const auto kind = algorithm::pooling_max;
    const dims two{2, 2}, none{0, 0};
    const pooling_forward::primitive_desc forward({prop_kind::forward_training, kind, in, of(out), two, two, none, none}, s.cpu);
    const pooling_backward::primitive_desc backward({kind, in, forward.dst_desc(), two, two, none, none}, s.cpu, forward);
    const memory chosen(forward.workspace_desc(), s.cpu);
    s.calls.push_back({primitive(forward), {{DNNL_ARG_SRC, s.tensor(in)}, {DNNL_ARG_DST, s.tensor(forward.dst_desc())},
                                            {DNNL_ARG_WORKSPACE, chosen}}});
    s.calls.push_back({primitive(backward), {{DNNL_ARG_DIFF_SRC, s.tensor(in)}, {DNNL_ARG_DIFF_DST, s.tensor(forward.dst_desc())},
                                             {DNNL_ARG_WORKSPACE, chosen}}});
}

static void add_dense(stage &s, memory::dim batch, memory::dim inputs, memory::dim outputs)
{
    const auto x = of({batch, inputs}), w = of({outputs, inputs}), b = of({outputs}), y = of({batch, outputs});
    const inner_product_forward::primitive_desc forward({prop_kind::forward_training, x, w, b, y}, s.cpu);
    s.forward(forward);
    s.backward_weights(inner_product_backward_weights::primitive_desc({x, w, b, y}, s.cpu, forward));
    s.backward_data(inner_product_backward_data::primitive_desc({x, w, y}, s.cpu, forward));
}

static void build(stage &s, memory::dim batch)
{
    add_pooling(s, add_convolution(s, {batch, 1, 28, 28}, {6, 1, 5, 5}, {batch, 6, 28, 28}, 2, true), {batch, 6, 14, 14});
    add_pooling(s, add_convolution(s, {batch, 6, 14, 14}, {16, 6, 5, 5}, {batch, 16, 10, 10}, 0, false), {batch, 16, 5, 5});
    add_dense(s, batch, 400, 120);
    add_dense(s, batch, 120, 84);
    add_dense(s, batch, 84, 10);
}

static double run(stage &s, long steps)
{
    const auto begin = std::chrono::steady_clock::now();
    for (long i = 0; i < steps; i++)
        s.step();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int main(int argc, char **argv)
try {
    if (argc < 6)
        return 2;
    const long batch = std::atol(argv[2]), warmup = std::atol(argv[4]), count = std::atol(argv[5]);
    stage s;
    build(s, batch);
    run(s, (warmup + batch - 1) / batch);
    const long steps = (count + batch - 1) / batch;
    const double seconds = run(s, steps) * static_cast<double>(count) / static_cast<double>(steps * batch);
    const auto *v = version();
    std::printf("{\"version\": \"oneDNN %d.%d.%d\", \"seconds\": %.9g, \"accuracy\": null, \"note\": \"\"}\n", v->major, v->minor, v->patch,
                seconds);
    return 0;
} catch (const std::exception &reason) {
    std::fprintf(stderr, "onednn: %s\n", reason.what());
    return 1;
}
