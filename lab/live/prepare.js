// SPDX-License-Identifier: MIT
// prepare.js - a drawing as `lenet predict` would prepare a picture of it (lab/data/prepare.c), step by step on bytes, so that both make the
// same image of it. A drawing is light ink on black, so the steps that tell paper from ink have nothing to do and are left out.
//
// Always: functions here are pure.
"use strict";

const preparing = (() => {
    const BRIGHT = 240, FAINT = Math.floor(255 / 64), MNIST_OFFSET = 0.5; // of prepare.c

    // The part `box` of an image {width, height, pixels} of one channel, resized by area averaging.
    function resize(image, box, width, height) {
        const pixels = new Uint8Array(width * height), across = box.width / width, down = box.height / height;
        for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++) {
                let sum = 0;
                for (let row = Math.floor(y * down); row < box.height && row < (y + 1) * down; row++) {
                    const weight = Math.min(row + 1, (y + 1) * down) - Math.max(row, y * down);
                    for (let column = Math.floor(x * across); column < box.width && column < (x + 1) * across; column++) {
                        const covered = Math.min(column + 1, (x + 1) * across) - Math.max(column, x * across);
                        sum += weight * covered * image.pixels[(box.top + row) * image.width + box.left + column];
                    }
                }
                pixels[y * width + x] = Math.min(255, sum / (down * across) + 0.5);
            }
        return {width, height, pixels};
    }

    // The smallest box around all that is brighter than FAINT; null: nothing is.
    function boxOfInk({width, height, pixels}) {
        let left = width, right = 0, top = height, bottom = 0;
        for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++)
                if (pixels[y * width + x] > FAINT) {
                    left = Math.min(left, x);
                    right = Math.max(right, x + 1);
                    top = Math.min(top, y);
                    bottom = y + 1;
                }
        return right > left ? {left, top, width: right - left, height: bottom - top} : null;
    }

    // The ink with a larger side of `side` pixels.
    function fitInk(image, box, side) {
        const larger = Math.max(box.width, box.height), scaled = size => Math.max(1, Math.floor((size * side * 2 + larger) / (2 * larger)));
        return resize(image, box, scaled(box.width), scaled(box.height));
    }

    function brighten(image) {
        const peak = image.pixels.reduce((a, b) => Math.max(a, b), 0);
        if (peak > 0 && peak < BRIGHT)
            image.pixels = image.pixels.map(p => Math.floor((2 * 255 * p + peak) / (2 * peak)));
    }

    function centreOfMass({width, height, pixels}) {
        let sum = 0, x = 0, y = 0;
        pixels.forEach((mass, i) => {
            sum += mass;
            x += mass * (i % width + 0.5);
            y += mass * (Math.floor(i / width) + 0.5);
        });
        return sum > 0 ? [x / sum, y / sum] : [width / 2, height / 2];
    }

    // C's lround: halves go away from 0.
    const nearest = x => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
    const place = (middle, size, target, room) => Math.max(0, Math.min(room - size, nearest(target - middle)));

    // The image on black, its point (x, y) `offset` pixels right of and below the middle.
    function layOut(image, [x, y], offset, width, height) {
        const pixels = new Uint8Array(width * height);
        const left = place(x, image.width, width / 2 + offset, width), top = place(y, image.height, height / 2 + offset, height);
        for (let row = 0; row < image.height; row++)
            pixels.set(image.pixels.subarray(row * image.width, (row + 1) * image.width), (top + row) * width + left);
        return pixels;
    }

    // Of a drawing with `planes` of bytes, one for each channel: the image that the model sees, [channels][height][width]; null: it is empty.
    function prepare(drawing, model) {
        const [channels, height, width] = model.input, room = Math.min(width, height), whole = {left: 0, top: 0, ...drawing};
        if (channels > 1 || model.style === "photo" || model.style === "raw") {
            const pixels = new Uint8Array(channels * height * width);
            drawing.planes.forEach((plane, c) =>
                pixels.set(resize({...drawing, pixels: plane}, whole, width, height).pixels, c * height * width));
            return pixels;
        }
        const image = {...drawing, pixels: drawing.planes[0]}, box = boxOfInk(image), isDigit = model.style === "digit";
        if (!box)
            return null;
        const ink = fitInk(image, box, isDigit ? Math.max(1, Math.floor((room * 20 * 2 + 28) / 56)) : room);
        if (isDigit)
            brighten(ink);
        return layOut(ink, isDigit ? centreOfMass(ink) : [ink.width / 2, ink.height / 2], isDigit ? MNIST_OFFSET : 0, width, height);
    }

    return {prepare};
})();
