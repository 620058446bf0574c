// SPDX-License-Identifier: MIT
// network.js - the forward pass of a lenet model, in the order of sums that docs/numerics.md states. Every value is rounded to float32
// as the library rounds it, so class and probabilities agree with `lenet predict`.
//
// Always: functions here are pure and use neither the page nor the network. It is not a training library.
"use strict";

const lenet = (() => {
    const round = Math.fround;
    // A product of two float32 numbers is exact in float64, so this is a fused multiply-add but for a double rounding, which is rare.
    const fma = (a, b, c) => round(a * b + c);

    // ------------------------------------------------------------------------------------------------ architecture

    // The option that a value without a key sets, and the defaults, as in src/nn.
    const KINDS = {
        conv: {defaults: {stride: 1, pad: 0}}, dense: {}, maxpool: {defaults: {stride: 0}}, avgpool: {defaults: {stride: 0}},
        relu: {}, "leaky-relu": {value: "slope", defaults: {slope: 0.01}}, elu: {value: "alpha", defaults: {alpha: 1}},
        tanh: {}, sigmoid: {}, selu: {}, gelu: {}, "gelu-tanh": {},
        dropout: {value: "rate", defaults: {}}, batchnorm: {defaults: {momentum: 0.99, eps: 0.001, unbiased: 0}},
    };
    const PREFIX = {conv: "conv", dense: "fc", batchnorm: "bn"};

    // "conv:6@5x5:pad=2,relu" as [{kind, value, pad, ...}].
    function parse(architecture) {
        return architecture.split(",").map(text => {
            const [kind, ...words] = text.split(":");
            if (!Object.hasOwn(KINDS, kind))
                throw new Error(`this page knows no layer '${kind}'`);
            const layer = {kind, value: "", ...KINDS[kind].defaults};
            for (const word of words) {
                const [key, number] = word.split("=");
                if (number !== undefined)
                    layer[key] = Number(number);
                else if (KINDS[kind].value)
                    layer[KINDS[kind].value] = Number(word);
                else
                    layer.value = word;
            }
            return layer;
        });
    }

    const sizeOf = ([channels, height, width]) => channels * height * width;

    // Sets name, input and output shape, kernel and tensors of every layer.
    function fit(layers, input) {
        const counts = {};
        let shape = input;
        for (const layer of layers) {
            const prefix = PREFIX[layer.kind];
            counts[prefix] = (counts[prefix] || 0) + 1;
            layer.name = prefix ? prefix + counts[prefix] : layer.kind;
            layer.in = shape;
            const [channels, height, width] = shape;
            if (layer.kind === "conv") {
                const [units, kernel] = layer.value.split("@");
                [layer.rows, layer.columns] = kernel.split("x").map(Number);
                shape = [Number(units), Math.floor((height + 2 * layer.pad - layer.rows) / layer.stride) + 1,
                         Math.floor((width + 2 * layer.pad - layer.columns) / layer.stride) + 1];
            } else if (layer.kind === "maxpool" || layer.kind === "avgpool") {
                const [rows, columns] = layer.value.split("x").map(Number);
                [layer.rows, layer.columns] = [rows, columns || rows];
                layer.stride = layer.stride || layer.rows;
                shape = [channels, Math.floor((height - layer.rows) / layer.stride) + 1, Math.floor((width - layer.columns) / layer.stride) + 1];
            } else if (layer.kind === "dense") {
                shape = [Number(layer.value), 1, 1];
            }
            layer.out = shape;
            layer.result = new Float32Array(sizeOf(shape));
        }
        return layers;
    }

    // Little-endian float32 numbers in base64.
    function decode(text) {
        const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
        const view = new DataView(bytes.buffer), numbers = new Float32Array(bytes.length / 4);
        for (let i = 0; i < numbers.length; i++)
            numbers[i] = view.getFloat32(4 * i, true);
        return numbers;
    }

    // ------------------------------------------------------------------------------------------------------ layers

    // The planes with a border of `pad` zeros.
    function padded(x, [channels, height, width], pad) {
        if (!pad)
            return x;
        const wide = width + 2 * pad, high = height + 2 * pad, y = new Float32Array(channels * high * wide);
        for (let c = 0; c < channels; c++)
            for (let row = 0; row < height; row++)
                y.set(x.subarray((c * height + row) * width, (c * height + row + 1) * width), (c * high + row + pad) * wide + pad);
        return y;
    }

    function convolve(layer, input, y) {
        const [channels, height, width] = layer.in, [units, outRows, outColumns] = layer.out;
        const {rows, columns, stride, pad, weight, bias} = layer, wide = width + 2 * pad, high = height + 2 * pad;
        const x = padded(input, layer.in, pad);
        for (let unit = 0, to = 0; unit < units; unit++)
            for (let top = 0; top < outRows; top++)
                for (let left = 0; left < outColumns; left++, to++) {
                    let sum = bias[unit], w = unit * channels * rows * columns;
                    for (let c = 0; c < channels; c++)
                        for (let row = 0; row < rows; row++) {
                            const from = (c * high + top * stride + row) * wide + left * stride;
                            for (let column = 0; column < columns; column++, w++)
                                sum = fma(x[from + column], weight[w], sum);
                        }
                    y[to] = sum;
                }
    }

    function dense(layer, x, y) {
        const {weight, bias} = layer, inputs = sizeOf(layer.in);
        for (let unit = 0; unit < y.length; unit++) {
            let sum = bias[unit];
            for (let i = 0, w = unit * inputs; i < inputs; i++, w++)
                sum = fma(x[i], weight[w], sum);
            y[unit] = sum;
        }
    }

    // Calls each(place of the window's first value in x, place in y) for every window.
    function windows(layer, each) {
        const [, height, width] = layer.in, [channels, outRows, outColumns] = layer.out;
        for (let c = 0, to = 0; c < channels; c++)
            for (let row = 0; row < outRows; row++)
                for (let column = 0; column < outColumns; column++, to++)
                    each((c * height + row * layer.stride) * width + column * layer.stride, to);
    }

    function maxPool(layer, x, y) {
        const width = layer.in[2];
        windows(layer, (from, to) => {
            let best = x[from];
            for (let row = 0; row < layer.rows; row++)
                for (let column = 0; column < layer.columns; column++)
                    if (x[from + row * width + column] > best)
                        best = x[from + row * width + column];
            y[to] = best;
        });
    }

    function averagePool(layer, x, y) {
        const width = layer.in[2], share = round(1 / (layer.rows * layer.columns));
        windows(layer, (from, to) => {
            let sum = 0;
            for (let row = 0; row < layer.rows; row++)
                for (let column = 0; column < layer.columns; column++)
                    sum = round(sum + x[from + row * width + column]);
            y[to] = round(sum * share);
        });
    }

    function normalise(layer, x, y) {
        const area = layer.out[1] * layer.out[2];
        for (let i = 0; i < x.length; i++) {
            const c = Math.floor(i / area), inverse = round(1 / Math.sqrt(layer.variance[c] + layer.eps));
            y[i] = fma(round(round(x[i] - layer.mean[c]) * inverse), layer.weight[c], layer.bias[c]);
        }
    }

    // The error function, by its Taylor series, and far out by its continued fraction: to 1e-15.
    function erf(x) {
        const z = Math.abs(x);
        if (z > 6)
            return Math.sign(x);
        if (z < 3) {
            let term = x, sum = x;
            for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / Math.sqrt(Math.PI) * sum;
        }
        let fraction = 0;
        for (let n = 60; n > 0; n--)
            fraction = n / 2 / (z + fraction);
        return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
    }

    const SELU_SCALE = 1.0507009873554805, SELU_ALPHA = 1.6732632423543772;
    const ACTIVATIONS = {
        relu: x => x > 0 ? x : 0,
        "leaky-relu": (x, layer) => x > 0 ? x : round(layer.slope) * x,
        elu: (x, layer) => x > 0 ? x : round(layer.alpha) * Math.expm1(x),
        tanh: Math.tanh,
        sigmoid: x => 1 / (1 + Math.exp(-x)),
        selu: x => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
        gelu: x => x * (1 + erf(x / Math.SQRT2)) / 2,
        "gelu-tanh": x => x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2,
    };

    function activate(layer, x, y) {
        const f = ACTIVATIONS[layer.kind];
        for (let i = 0; i < x.length; i++)
            y[i] = f(x[i], layer);
    }

    const copy = (layer, x, y) => y.set(x); // dropout, outside of training
    const FORWARD = {conv: convolve, dense, maxpool: maxPool, avgpool: averagePool, batchnorm: normalise, dropout: copy};
    const forwardOf = kind => FORWARD[kind] || activate;

    // ----------------------------------------------------------------------------------------------------- network

    // The probabilities of logits: the largest is taken from all, as docs/numerics.md says.
    function softmax(logits) {
        const largest = logits.reduce((a, b) => a > b ? a : b);
        const powers = Float32Array.from(logits, x => Math.exp(round(x - largest)));
        const sum = powers.reduce((a, b) => round(a + b), 0);
        return powers.map(x => x / sum);
    }

    // The numbers that the network sees of the bytes [channels][height][width].
    function toInput(pixels, {input, mean, std}) {
        const area = input[1] * input[2], x = new Float32Array(pixels.length);
        for (let i = 0; i < pixels.length; i++) {
            const c = Math.floor(i / area), plain = mean[c] === 0 && std[c] === 1;
            const scale = plain ? round(round(1) / round(255)) : round(1 / (255 * std[c]));
            x[i] = fma(pixels[i], scale, plain ? 0 : round(-mean[c] / std[c]));
        }
        return x;
    }

    /*
     * A model of the page: `layers`, each with its `result` after classify(pixels), which takes the bytes [channels][height][width] of an
     * image of the model's size and returns the probabilities of the classes. use(i) takes the weights of the i-th of its epochs.
     */
    function open(model) {
        const layers = fit(parse(model.architecture), model.input);
        const network = {model, layers, input: new Float32Array(sizeOf(model.input))};
        network.use = index => {
            const tensors = model.epochs[index].tensors;
            const find = (layer, name) => decode(tensors[`${layer.name}.${name}`]);
            for (const layer of layers.filter(l => PREFIX[l.kind])) {
                layer.weight = find(layer, "weight");
                layer.bias = find(layer, "bias");
                if (layer.kind === "batchnorm")
                    [layer.mean, layer.variance] = [find(layer, "running_mean"), find(layer, "running_var")];
            }
        };
        network.classify = pixels => {
            let x = network.input = toInput(pixels, model);
            for (const layer of layers) {
                forwardOf(layer.kind)(layer, x, layer.result);
                x = layer.result;
            }
            return softmax(x);
        };
        network.use(model.epochs.length - 1);
        return network;
    }

    return {open, softmax};
})();
