// SPDX-License-Identifier: MIT
// draw.js - the drawing page: strokes become bytes, the network computes after each of them, and every layer is shown.
//
// Strokes are drawn into bytes here, not by the browser, so that all browsers make the same image of them. Names come from the model as
// text nodes. `drawing` is for tests.
"use strict";

const drawing = (() => {
    const find = id => document.getElementById(id);
    const MOST_CLASSES = 12, MOST_MAPS = 256;
    let model, network, canvas, scale, width, height, planes;
    let strokes = [], pen = null, isWaiting = false;

    // ---------------------------------------------------------------------------------------------------- strokes

    const colourOf = id => {
        const text = find(id).value;
        return [1, 3, 5].map(i => parseInt(text.slice(i, i + 2), 16));
    };
    const grey = ([r, g, b]) => Math.floor((299 * r + 587 * g + 114 * b + 500) / 1000); // as lenet predict makes it
    const ofChannels = colour => model.input[0] === 3 ? colour : [grey(colour)];

    function paintPaper() {
        ofChannels(colourOf("paper")).forEach((value, c) => planes[c].fill(value));
    }

    // One pixel nearer than `radius` to the segment from a to b is ink, one a pixel further is half covered.
    function paintSegment([ax, ay], [bx, by], radius, colour) {
        const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
        const left = Math.max(0, Math.floor(Math.min(ax, bx) - radius - 1)), right = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + radius + 1));
        const top = Math.max(0, Math.floor(Math.min(ay, by) - radius - 1)), bottom = Math.min(height - 1, Math.ceil(Math.max(ay, by) + radius + 1));
        for (let y = top; y <= bottom; y++)
            for (let x = left; x <= right; x++) {
                const px = x + 0.5 - ax, py = y + 0.5 - ay, along = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
                const cover = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(px - along * dx, py - along * dy)));
                if (cover > 0)
                    colour.forEach((value, c) => {
                        const plane = planes[c], at = y * width + x, before = plane[at];
                        const mixed = Math.round(before + cover * (value - before));
                        plane[at] = model.input[0] === 1 && value === 255 ? Math.max(before, mixed) : mixed;
                    });
            }
    }

    function paintStroke(stroke, from = 0) {
        const {points, radius, colour} = stroke;
        if (points.length === 1)
            paintSegment(points[0], points[0], radius, colour);
        for (let i = Math.max(1, from); i < points.length; i++)
            paintSegment(points[i - 1], points[i], radius, colour);
    }

    function repaint() {
        paintPaper();
        strokes.forEach(stroke => paintStroke(stroke));
        wait();
    }

    function begin(point) {
        strokes.push({points: [point], radius: scale * Number(find("width").value), colour: ofChannels(colourOf("ink"))});
        paintStroke(strokes.at(-1));
        wait();
    }

    function extend(point) {
        const stroke = strokes.at(-1);
        stroke.points.push(point);
        paintStroke(stroke, stroke.points.length - 1);
        wait();
    }

    function undo() {
        strokes.pop();
        repaint();
    }

    function clear() {
        strokes = [];
        repaint();
    }

    // ------------------------------------------------------------------------------------------------------ input

    const pointOf = event => {
        const box = canvas.getBoundingClientRect();
        return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * height / box.height];
    };

    function listenToPointers() {
        canvas.addEventListener("pointerdown", event => {
            if (event.button !== 0)
                return;
            try { canvas.setPointerCapture(event.pointerId); } catch { /* a made-up event has no pointer to hold */ }
            pen = null;
            canvas.dataset.pointer = event.pointerId;
            begin(pointOf(event));
        });
        canvas.addEventListener("pointermove", event => {
            if (canvas.dataset.pointer !== String(event.pointerId))
                return;
            const steps = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
            for (const step of steps.length ? steps : [event])
                extend(pointOf(step));
        });
        for (const end of ["pointerup", "pointercancel"])
            canvas.addEventListener(end, () => delete canvas.dataset.pointer);
    }

    const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

    function movePen([dx, dy]) {
        const clamp = (value, most) => Math.max(0, Math.min(most, value));
        pen.at = [clamp(pen.at[0] + dx * scale, width), clamp(pen.at[1] + dy * scale, height)];
        if (pen.isDown)
            extend(pen.at);
    }

    function listenToKeys() {
        canvas.addEventListener("keydown", event => {
            pen = pen || {at: [width / 2, height / 3], isDown: false};
            if (ARROWS[event.key])
                movePen(ARROWS[event.key]);
            else if (event.key === " " && (pen.isDown = !pen.isDown))
                begin(pen.at);
            else if (event.key === "Backspace")
                undo();
            else if (event.key === "Delete")
                clear();
            else if (event.key !== " ")
                return;
            if (event.key === "Backspace" || event.key === "Delete")
                pen.isDown = false;
            event.preventDefault();
            wait();
        });
        canvas.addEventListener("blur", () => { pen = null; wait(); });
    }

    // ----------------------------------------------------------------------------------------------------- showing

    function wait() {
        if (!isWaiting)
            requestAnimationFrame(() => { isWaiting = false; show(); });
        isWaiting = true;
    }

    function putPixels(target, wide, high, colourAt) {
        target.width = wide;
        target.height = high;
        const image = new ImageData(wide, high);
        for (let i = 0; i < wide * high; i++)
            image.data.set([...colourAt(i), 255], 4 * i);
        target.getContext("2d").putImageData(image, 0, 0);
    }

    function showSketch() {
        if (canvas.width !== width)
            [canvas.width, canvas.height] = [width, height];
        const image = new ImageData(width, height), data = image.data, [r, g, b] = planes.length === 3 ? planes : [planes[0], planes[0], planes[0]];
        for (let i = 0, at = 0; i < width * height; i++) {
            data[at++] = r[i], data[at++] = g[i], data[at++] = b[i], data[at++] = 255;
        }
        const context = canvas.getContext("2d");
        context.putImageData(image, 0, 0);
        if (!pen)
            return;
        context.lineWidth = 2;
        context.strokeStyle = pen.isDown ? "#e69f00" : "#56b4e9";
        context.beginPath();
        context.arc(...pen.at, scale * 1.5, 0, 2 * Math.PI);
        context.stroke();
    }

    const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

    // Blue below 0, orange above, by the share of the layer's largest size.
    function colourOfValue(share, dark) {
        const end = share < 0 ? (dark ? [86, 160, 233] : [0, 92, 170]) : (dark ? [255, 170, 60] : [214, 94, 0]);
        const none = dark ? [24, 28, 32] : [255, 255, 255], part = Math.min(1, Math.abs(share));
        return none.map((value, i) => value + part * (end[i] - value));
    }

    function showLayer(layer, index) {
        const row = find("layers").children[index], maps = row.querySelectorAll("canvas"), [channels, high, wide] = layer.out, dark = isDark();
        const largest = layer.result.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
        if (high * wide === 1) {
            const columns = maps[0].columns;
            putPixels(maps[0], columns, Math.ceil(channels / columns), i => colourOfValue(i < channels ? layer.result[i] / largest : 0, dark));
            return;
        }
        maps.forEach((map, c) => putPixels(map, wide, high, i => colourOfValue(layer.result[c * high * wide + i] / largest, dark)));
    }

    const NAMES = {conv: l => `${l.out[0]} filters of ${l.rows}×${l.columns}`, dense: l => `${l.out[0]} units`,
        maxpool: l => `largest of ${l.rows}×${l.columns}`, avgpool: l => `mean of ${l.rows}×${l.columns}`,
        batchnorm: () => "batch normalisation", dropout: () => "does nothing here"};

    function addLayer(layer) {
        const row = document.createElement("div"), words = document.createElement("div"), maps = document.createElement("div");
        const [channels, high, wide] = layer.out;
        row.className = "layer";
        maps.className = "maps";
        words.append(Object.assign(document.createElement("h3"), {textContent: layer.name}));
        const shape = high * wide > 1 ? `${channels} maps, ${high}×${wide}` : layer.kind === "dense" ? "" : `${channels} numbers`;
        words.append(Object.assign(document.createElement("p"), {className: "soft", textContent: [NAMES[layer.kind]?.(layer), shape].filter(Boolean).join("; ")}));
        const count = high * wide === 1 ? 1 : Math.min(channels, MOST_MAPS);
        for (let i = 0; i < count; i++) {
            const map = document.createElement("canvas"), side = Math.max(2, Math.min(56, Math.max(40, 2 * wide), 2600 / count)) / wide;
            map.columns = Math.min(channels, 60);
            map.style.width = `${high * wide === 1 ? 10 * map.columns : side * wide}px`;
            map.setAttribute("role", "img");
            map.setAttribute("aria-label", high * wide === 1 ? `the ${channels} numbers of ${layer.name}` : `map ${i + 1} of ${layer.name}`);
            maps.append(map);
        }
        row.append(words, maps);
        find("layers").append(row);
    }

    const nameOf = label => model.class_names[label] ?? String(label);
    const percent = share => `${(100 * share).toFixed(1)} %`;

    function showClasses(probabilities) {
        const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]), best = order[0];
        const shown = model.classes > MOST_CLASSES ? order.slice(0, MOST_CLASSES) : [...probabilities.keys()];
        [...find("classes").children].forEach((row, i) => {
            const label = shown[i];
            row.className = label === best ? "best" : "";
            row.querySelector(".name").textContent = row.querySelector(".name").title = nameOf(label);
            row.querySelector(".bar").style.width = `${100 * probabilities[label]}%`;
            row.querySelector(".share").textContent = percent(probabilities[label]);
        });
        find("answer").textContent = `${nameOf(best)}, ${percent(probabilities[best])}`;
        find("answer").dataset.label = best;
    }

    function addClass() {
        const row = document.createElement("li"), track = document.createElement("div"), bar = document.createElement("div");
        track.className = "track";
        bar.className = "bar";
        track.append(bar);
        row.append(Object.assign(document.createElement("span"), {className: "name"}), track, Object.assign(document.createElement("span"), {className: "share"}));
        find("classes").append(row);
    }

    function showEmpty() {
        find("answer").textContent = "Draw something.";
        delete find("answer").dataset.label;
        for (const row of find("classes").children) {
            row.className = "";
            row.querySelector(".bar").style.width = "0";
            row.querySelector(".share").textContent = "";
        }
        model.classes <= MOST_CLASSES && [...find("classes").children].forEach((row, i) => row.querySelector(".name").textContent = nameOf(i));
    }

    function show() {
        const pixels = strokes.length ? preparing.prepare({width, height, planes}, model) : null, [channels, high, wide] = model.input;
        const area = high * wide, empty = new Uint8Array(channels * area);
        showSketch();
        const seen = pixels || empty;
        putPixels(find("seen"), wide, high, i => channels === 3 ? [seen[i], seen[area + i], seen[2 * area + i]] : [seen[i], seen[i], seen[i]]);
        const probabilities = network.classify(seen);
        network.layers.forEach(showLayer);
        if (pixels)
            showClasses(probabilities);
        else
            showEmpty();
    }

    // ---------------------------------------------------------------------------------------------------- beginning

    const HOW = {
        digit: (h, w) => `What the network gets: the ink, its larger side ${Math.round(Math.min(h, w) * 20 / 28)} pixels, its centre of mass in the middle of ` +
            `${h}×${w}, as MNIST was made and as lenet predict prepares a picture.`,
        article: (h, w) => `What the network gets: the ink as large as ${h}×${w} pixels, as lenet predict prepares a picture.`,
    };

    function describe() {
        const [channels, high, wide] = model.input, isInk = channels === 1 && (model.style === "digit" || model.style === "article");
        find("title").textContent = document.title = model.style === "digit" ? "Draw a digit" : "Draw";
        find("about").textContent = `${model.data ? `${model.data}; ` : ""}${model.architecture.replaceAll(",", ", ")}`;
        find("how").textContent = isInk ? HOW[model.style](high, wide) : `What the network gets: the whole drawing at ${high}×${wide} pixels.`;
        find("version").textContent = model.version;
        for (const label of document.querySelectorAll(".colour"))
            label.hidden = isInk;
        if (model.epochs.length > 1) {
            find("epochs").hidden = false;
            find("epoch").max = find("epoch").value = model.epochs.length - 1;
            find("epoch-name").textContent = model.epochs.at(-1).epoch;
        }
    }

    function listenToTools() {
        find("clear").addEventListener("click", clear);
        find("undo").addEventListener("click", undo);
        find("paper").addEventListener("input", repaint);
        find("epoch").addEventListener("input", event => {
            network.use(Number(event.target.value));
            find("epoch-name").textContent = model.epochs[event.target.value].epoch;
            wait();
        });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", wait);
    }

    function start() {
        model = JSON.parse(find("model").textContent);
        const [channels, high, wide] = model.input;
        scale = Math.max(1, Math.floor(8 * Math.min(high, wide) / Math.max(high, wide)));
        [width, height] = [scale * wide, scale * high];
        if (channels !== 1 && channels !== 3)
            throw new Error(`the model takes images of ${channels} channels, which cannot be drawn`);
        planes = Array.from({length: channels}, () => new Uint8Array(width * height));
        canvas = find("sketch");
        network = lenet.open(model);
        describe();
        for (let i = 0; i < Math.min(model.classes, MOST_CLASSES); i++)
            addClass();
        network.layers.forEach(addLayer);
        listenToPointers();
        listenToKeys();
        listenToTools();
        paintPaper();
        show();
        return {network, classify: network.classify, sketch: () => ({width, height, planes}), clear};
    }

    try {
        return start();
    } catch (error) {
        find("failure").hidden = false;
        find("failure").textContent = `This model cannot be shown: ${error.message}.`;
        return {};
    }
})();
