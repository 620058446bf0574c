// SPDX-License-Identifier: MIT
// live.js - the live page: asks the server for what has changed, and shows it. Names come in as text nodes; nothing is asked of elsewhere.
"use strict";

(() => {
    const find = id => document.getElementById(id);
    const STEP = 100, MOST_CHOSEN = 24, COLOURS = 8;
    const rows = new Map(), lines = new Map(), curves = new Map(), chosen = new Set();
    let stamp = {generation: 0, version: 0}, columns = [], study = null, isAutomatic = true, hover = null, shownRows = STEP;
    let order = {key: "id", descending: true}, shown = null, details = new Map();

    // An element with text and children, never with markup.
    function make(tag, properties = {}, ...children) {
        const element = Object.assign(document.createElement(tag), properties);
        element.append(...children);
        return element;
    }
    const setText = (element, text) => { if (element.textContent !== text) element.textContent = text; };

    async function ask(path) {
        const answer = await fetch(path, {cache: "no-store"});
        if (!answer.ok)
            throw Object.assign(new Error(await answer.text()), {status: answer.status});
        return answer.json();
    }

    // ------------------------------------------------------------------------------------------------------- words

    const isNumber = x => typeof x === "number";
    const percent = (x, digits = 2) => isNumber(x) ? `${(100 * x).toFixed(digits)} %` : "–";
    const loss = x => isNumber(x) ? x.toPrecision(3) : "–";
    // What all runs have in common is said once, above the table, and not of each.
    let common = new Set();
    const wordsOf = row => row.choices ? row.choices.split(", ") : [];
    const nameOf = row => wordsOf(row).filter(word => !common.has(word)).join(", ") || "defaults";
    const titleOf = row => `${nameOf(row)}, seed ${row.seed}`;

    function findCommon() {
        const [first, ...others] = rows.values();
        common = new Set(first && others.length ? wordsOf(first) : []);
        for (const row of others)
            if (common.size) {
                const words = new Set(wordsOf(row));
                common.forEach(word => words.has(word) || common.delete(word));
            }
        setText(find("common"), common.size ? `All runs: ${[...common].join(", ")}.` : "");
    }

    function timeOf(seconds) {
        if (!isNumber(seconds))
            return "–";
        if (seconds < 100)
            return `${seconds.toFixed(1)} s`;
        return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
    }

    const METRICS = {
        val_accuracy: ["Validation accuracy", percent], test_accuracy: ["Test accuracy", percent], train_accuracy: ["Training accuracy", percent],
        val_loss: ["Validation loss", loss], test_loss: ["Test loss", loss], train_loss: ["Training loss", loss], learning_rate: ["Learning rate", loss],
    };
    const STATES = ["running", "finished", "stopped", "diverged", "failed"];

    // ------------------------------------------------------------------------------------------------------- chart

    function svg(tag, attributes, text) {
        const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
        for (const [name, value] of Object.entries(attributes))
            element.setAttribute(name, value);
        if (text !== undefined)
            element.textContent = text;
        return element;
    }

    // About `count` round numbers from low to high.
    function ticks(low, high, count) {
        const rough = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(rough));
        const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough), all = [];
        for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
            all.push(i * step);
        return all;
    }

    // Lines [{points: [[x, y], ...], colour, dash, isFaint}] with axes; `at` is the x of a dashed line.
    function draw(chart, series, format, at) {
        const width = chart.clientWidth, height = chart.clientHeight, left = 56, right = 12, top = 10, bottom = 30;
        chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
        const points = series.flatMap(line => line.points), most = Math.max(1, ...points.map(p => p[0]));
        if (!points.length) {
            chart.replaceChildren(svg("text", {x: width / 2, y: height / 2, "text-anchor": "middle"}, "No measurements yet"));
            return;
        }
        // A first epoch far below the rest must not press the rest together: the scale begins where nine tenths of the points are.
        const values = points.map(p => p[1]).sort((a, b) => a - b), cut = f => values[Math.floor(f * (values.length - 1))];
        let [low, high] = values.length > 12 ? [cut(0.04), cut(0.96)] : [values[0], values.at(-1)];
        const spread = (high - low) || Math.abs(high) || 1;
        low = Math.max(values[0] - 0.04 * spread, low - 0.35 * spread);
        high = Math.min(values.at(-1) + 0.04 * spread, high + 0.35 * spread);
        const x = value => left + (width - left - right) * (most > 1 ? (value - 1) / (most - 1) : 0.5);
        const y = value => top + (height - top - bottom) * (1 - (Math.max(low, Math.min(high, value)) - low) / (high - low || 1));
        const parts = [];
        for (const value of ticks(low, high, 5))
            parts.push(svg("line", {class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value)}),
                       svg("text", {x: left - 8, y: y(value) + 4, "text-anchor": "end"}, format(value, high - low < 0.04 ? 1 : 0).replace(" %", "%")));
        for (const value of ticks(1, most, Math.min(10, width / 70)).filter(v => Number.isInteger(v)))
            parts.push(svg("text", {x: x(value), y: height - 8, "text-anchor": "middle"}, String(value)));
        parts.push(svg("text", {x: width - right, y: height - 22, "text-anchor": "end"}, "epoch"));
        if (at !== null && at !== undefined)
            parts.push(svg("line", {class: "cursor", x1: x(at), x2: x(at), y1: top, y2: height - bottom}));
        for (const line of series) {
            const dash = line.dash ? "6 4" : "none";
            const path = line.points.map(([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("");
            const drawn = svg("path", {class: line.isFaint ? "line faint" : "line", d: path, "stroke-dasharray": dash});
            drawn.style.stroke = `var(--c${line.colour})`;
            parts.push(drawn);
            const [a, b] = line.points.at(-1), end = svg("circle", {cx: x(a), cy: y(b), r: line.isFaint ? 0 : 3.2});
            end.style.fill = `var(--c${line.colour})`;
            parts.push(end);
        }
        chart.replaceChildren(...parts);
        chart.epochAt = clientX => {
            const share = (clientX - chart.getBoundingClientRect().left - left) / (width - left - right);
            return Math.max(1, Math.min(most, Math.round(1 + share * (most - 1))));
        };
    }

    const pointsOf = (table, names, key) => {
        const place = names.indexOf(key);
        return (table || []).filter(r => isNumber(r[place])).map(r => [r[0], r[place]]);
    };

    // ------------------------------------------------------------------------------------------------------ curves

    // What is drawn: what was ticked, or the runs at work and the best of the others.
    function chosenRows() {
        if (!isAutomatic)
            return [...chosen].map(id => rows.get(id)).filter(Boolean);
        const all = [...rows.values()], running = all.filter(r => r.state === "running").slice(-8);
        const best = all.filter(r => isNumber(r.test_accuracy)).sort((a, b) => b.test_accuracy - a.test_accuracy).slice(0, Math.max(0, 6 - running.length));
        return [...running, ...best];
    }

    async function readCurves() {
        const wanted = chosenRows().filter(r => (curves.get(r.id)?.length || 0) < r.epoch);
        if (wanted.length) {
            const answer = await ask(`curves?ids=${wanted.map(r => r.id).join()}`);
            columns = answer.columns;
            for (const [id, table] of Object.entries(answer.curves))
                curves.set(Number(id), table);
        }
        showCurves();
    }

    let faintBut = null;
    function showCurves() {
        const key = find("metric").value, format = METRICS[key][1], list = chosenRows();
        const series = list.map((row, i) => ({row, points: pointsOf(curves.get(row.id), columns, key), colour: i % COLOURS, dash: i >= COLOURS,
                                              isFaint: faintBut !== null && faintBut !== row.id}));
        draw(find("chart"), series.filter(line => line.points.length), format, hover);
        const legend = find("legend");
        while (legend.children.length > series.length)
            legend.lastChild.remove();
        series.forEach((line, i) => {
            const item = legend.children[i] || legend.appendChild(legendItem());
            const point = hover === null ? line.points.at(-1) : line.points.find(p => p[0] === hover);
            item.dataset.id = line.row.id;
            item.firstChild.style.background = `var(--c${line.colour})`;
            setText(item.children[1], `${line.row.id}: ${titleOf(line.row)}`);
            item.children[1].title = titleOf(line.row);
            setText(item.lastChild, point ? format(point[1]) : "–");
        });
        showDifferences(list);
    }

    function legendItem() {
        const name = make("button", {type: "button", className: "name"});
        const item = make("li", {}, make("span", {className: "swatch"}), name, make("span", {className: "at"}));
        name.addEventListener("click", () => showDetail(Number(item.dataset.id)));
        item.addEventListener("mouseenter", () => { faintBut = Number(item.dataset.id); showCurves(); });
        item.addEventListener("mouseleave", () => { faintBut = null; showCurves(); });
        return item;
    }

    // ----------------------------------------------------------------------------------------------------- compare

    async function detailOf(id) {
        const row = rows.get(id), key = `${row?.state} ${row?.epoch}`;
        if (details.get(id)?.key !== key)
            details.set(id, {key, value: await ask(`run?id=${id}`)});
        return details.get(id).value;
    }

    async function showDifferences(list) {
        find("compare").hidden = isAutomatic || list.length < 2;
        if (find("compare").hidden || !find("compare").open)
            return;
        const some = list.slice(0, 8), all = await Promise.all(some.map(row => detailOf(row.id)));
        const text = value => value === undefined || value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
        const keys = [...new Set(all.flatMap(d => Object.keys(d.recipe || {})))];
        const differing = keys.filter(key => new Set(all.map(d => text(d.recipe?.[key]))).size > 1);
        const line = (title, values) => make("tr", {}, make("th", {scope: "row", className: "left", textContent: title}),
                                             ...values.map(value => make("td", {textContent: value})));
        find("differences").replaceChildren(
            make("thead", {}, make("tr", {}, make("th", {}), ...some.map(row => make("th", {scope: "col", textContent: `run ${row.id}`})))),
            make("tbody", {}, ...differing.map(key => line(key.replaceAll("_", "-"), all.map(d => text(d.recipe?.[key])))),
                 line("test accuracy", some.map(row => percent(row.test_accuracy))), line("best epoch", some.map(row => text(row.best_epoch))),
                 line("time", some.map(row => timeOf(row.seconds)))));
    }

    // ------------------------------------------------------------------------------------------------------- table

    const COLUMNS = [
        {title: "", className: "tick"},
        {title: "Run", key: "id", text: row => String(row.id)},
        {title: "Choices", key: "choices", className: "what left", headClass: "left"},
        {title: "Data", key: "data", className: "wide", text: row => row.data ?? "–"},
        {title: "Seed", key: "seed", className: "medium", text: row => String(row.seed ?? "–")},
        {title: "State", key: "state", className: "state medium", headClass: "left medium"},
        {title: "Epochs", key: "epoch"},
        {title: "Validation", key: "val_accuracy", className: "medium", text: row => percent(row.val_accuracy)},
        {title: "Test", key: "test_accuracy", text: row => percent(row.test_accuracy)},
        {title: "Loss", key: "train_loss", className: "wide", text: row => loss(row.train_loss)},
        {title: "Time", key: "seconds", className: "wide", text: row => timeOf(row.seconds)},
    ];

    function makeHeads() {
        for (const column of COLUMNS) {
            const head = make("th", {scope: "col", className: column.headClass || column.className || ""});
            if (column.key) {
                const button = make("button", {type: "button", textContent: column.title});
                button.addEventListener("click", () => {
                    order = {key: column.key, descending: order.key === column.key ? !order.descending : column.key !== "choices" && column.key !== "data"};
                    showTable();
                });
                head.append(button);
                head.dataset.key = column.key;
            } else {
                head.append(make("span", {className: "hidden-label", textContent: "Show curve"}));
            }
            find("heads").append(head);
        }
    }

    function makeLine(row) {
        const line = make("tr", {});
        for (const column of COLUMNS)
            line.append(make("td", {className: column.className || ""}));
        const tick = make("input", {type: "checkbox"}), name = make("button", {type: "button"});
        tick.setAttribute("aria-label", `Show the curve of run ${row.id}`);
        tick.addEventListener("change", () => choose(row.id, tick.checked));
        name.addEventListener("click", () => showDetail(row.id));
        line.children[0].append(tick);
        line.children[2].append(name);
        line.children[5].append(make("span", {className: "dot"}), make("span"));
        line.children[6].append(make("span", {className: "epochs-text"}), make("div", {className: "track"}, make("i"), make("i")));
        return line;
    }

    function fillLine(line, row) {
        COLUMNS.forEach((column, i) => column.text && setText(line.children[i], column.text(row)));
        line.className = row.state;
        line.children[0].firstChild.checked = !isAutomatic && chosen.has(row.id);
        setText(line.children[2].firstChild, nameOf(row));
        line.children[2].title = row.message ? `${nameOf(row)}: ${row.message}` : nameOf(row);
        setText(line.children[5].lastChild, row.state);
        const [text, track] = line.children[6].children, isAtWork = row.state === "running" || row.state === "stopped";
        setText(text, isAtWork ? `${row.epoch} of ${row.epochs}` : String(row.epoch));
        track.hidden = !isAtWork;
        track.lastChild.style.width = `${100 * Math.min(1, row.epoch / (row.epochs || 1))}%`;
    }

    function wantedRows() {
        const words = find("filter").value.toLowerCase().split(",").map(word => word.trim()).filter(Boolean), state = find("state").value;
        const wanted = [...rows.values()].filter(row => (!state || row.state === state) && words.every(word => row.text.includes(word)));
        const {key, descending} = order, sign = descending ? -1 : 1;
        const compare = (a, b) => a === b ? 0 : a === null || a === undefined ? 1 : b === null || b === undefined ? -1 : sign * (a < b ? -1 : 1);
        return wanted.sort((a, b) => compare(a[key], b[key]) || b.id - a.id);
    }

    function showTable() {
        const wanted = wantedRows(), visible = wanted.slice(0, shownRows), body = find("rows"), focused = document.activeElement;
        const elements = visible.map(row => {
            if (!lines.has(row.id))
                lines.set(row.id, makeLine(row));
            fillLine(lines.get(row.id), row);
            return lines.get(row.id);
        });
        if (elements.length !== body.children.length || elements.some((element, i) => body.children[i] !== element)) {
            body.replaceChildren(...elements);
            if (focused !== document.activeElement && body.contains(focused))
                focused.focus();
        }
        for (const head of find("heads").children)
            if (head.dataset.key === order.key)
                head.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
            else
                head.removeAttribute("aria-sort");
        setText(find("shown"), `${visible.length} of ${wanted.length} runs${wanted.length < rows.size ? ` (of ${rows.size})` : ""}`);
        find("more").hidden = visible.length === wanted.length;
    }

    function choose(id, isChosen) {
        if (isAutomatic)
            chosen.clear();
        setAutomatic(false);
        if (isChosen)
            chosen.add(id);
        else
            chosen.delete(id);
        if (chosen.size > MOST_CHOSEN)
            chosen.delete(chosen.values().next().value);
        if (!chosen.size)
            setAutomatic(true);
        showTable();
        readCurves();
    }

    function setAutomatic(value) {
        isAutomatic = value;
        find("automatic").setAttribute("aria-pressed", String(value));
    }

    // ----------------------------------------------------------------------------------------------------- summary

    function showSummary() {
        const counts = Object.fromEntries(STATES.map(state => [state, 0]));
        let best = null;
        for (const row of rows.values()) {
            counts[row.state]++;
            if (isNumber(row.test_accuracy) && (!best || row.test_accuracy > best.test_accuracy))
                best = row;
        }
        const tiles = [[counts.running, "at work"], [counts.finished, "finished"], [counts.diverged + counts.failed + counts.stopped, "diverged, failed or stopped"],
                       [percent(best?.test_accuracy), best ? `best test accuracy: run ${best.id}, ${titleOf(best)}` : "best test accuracy"]];
        tiles.forEach(([value, words], i) => {
            const tile = find("summary").children[i] || find("summary").appendChild(make("div", {className: i === 3 ? "tile best" : "tile"}, make("b"), make("span")));
            setText(tile.firstChild, String(value));
            setText(tile.lastChild, words);
            tile.title = words;
        });
        document.title = counts.running ? `${counts.running} at work - lenet` : "lenet";
    }

    function showStudy() {
        find("study").hidden = !study;
        if (!study)
            return;
        const sum = key => study.experiments.reduce((total, e) => total + e[key], 0);
        setText(find("study-title"), study.title);
        setText(find("study-share"), `${sum("finished")} of ${sum("runs")} runs done, ${sum("running")} at work`);
        find("experiments").replaceChildren(...study.experiments.map(e => {
            const parts = [e.finished, e.running].map(count => {
                const part = make("i");
                part.style.width = `${100 * count / (e.runs || 1)}%`;
                return part;
            });
            return make("div", {className: "experiment"}, make("span", {className: "name", textContent: e.title, title: e.title}),
                        make("span", {className: "soft", textContent: `${e.finished} of ${e.runs}`}), make("div", {className: "track"}, ...parts));
        }));
    }

    // ------------------------------------------------------------------------------------------------------ detail

    async function showDetail(id) {
        const row = rows.get(id), dialog = find("detail");
        shown = id;
        find("detail-title").textContent = `Run ${id}: ${nameOf(row)}`;
        find("detail-about").textContent = [row.data, `seed ${row.seed}`, row.state, `${row.epoch} of ${row.epochs} epochs`, `test ${percent(row.test_accuracy)}`,
                                            timeOf(row.seconds), row.message].filter(Boolean).join("; ");
        find("matrix").replaceChildren();
        find("wrong").replaceChildren();
        find("wrong-title").hidden = true;
        if (!dialog.open)
            dialog.showModal();
        const detail = await detailOf(id);
        if (shown !== id)
            return;
        find("draw").hidden = !detail.has_model;
        find("draw").href = `draw?id=${id}`;
        showDetailCurves(detail);
        showMatrix(id, detail);
        find("recipe").replaceChildren(...Object.entries(detail.recipe || {}).flatMap(([key, value]) =>
            [make("dt", {textContent: key.replaceAll("_", "-")}), make("dd", {textContent: typeof value === "object" ? JSON.stringify(value) : String(value)})]));
    }

    function showDetailCurves(detail) {
        const keys = ["train_accuracy", "val_accuracy", "test_accuracy"];
        const series = keys.map((key, i) => ({key, colour: i, points: pointsOf(detail.epochs, detail.columns, key)})).filter(line => line.points.length);
        draw(find("detail-chart"), series, percent);
        find("detail-legend").replaceChildren(...series.map(line => {
            const swatch = make("span", {className: "swatch"});
            swatch.style.background = `var(--c${line.colour})`;
            return make("li", {}, swatch, `${METRICS[line.key][0]} ${percent(line.points.at(-1)[1])}`);
        }));
    }

    const className = (detail, label) => detail.class_names?.[label] ?? String(label);

    function showMatrix(id, detail) {
        const counts = detail.confusion, classes = 1 + Math.max(-1, ...counts.map(c => Math.max(c[0], c[1])));
        if (!counts.length) {
            find("matrix").replaceChildren(make("p", {className: "soft", textContent: "There is none until the run has finished."}));
            return;
        }
        const cells = new Map(counts.map(([truth, predicted, count]) => [truth * 256 + predicted, count]));
        const worst = Math.max(1, ...counts.filter(c => c[0] !== c[1]).map(c => c[2]));
        const pair = (truth, predicted) => {
            const count = cells.get(truth * 256 + predicted) || 0, button = make("button", {type: "button", textContent: String(count)});
            const share = truth === predicted ? 0.16 : count ? 0.15 + 0.75 * Math.sqrt(count / worst) : 0;
            button.style.background = `color-mix(in srgb, var(--${truth === predicted ? "c2" : "c1"}) ${Math.round(100 * share)}%, transparent)`;
            button.title = `${className(detail, truth)} taken for ${className(detail, predicted)}: ${count}`;
            button.setAttribute("aria-label", button.title);
            button.disabled = truth === predicted || !count;
            button.addEventListener("click", () => showWrong(id, detail, truth, predicted));
            return button;
        };
        const labels = Array.from({length: classes}, (_, label) => label);
        if (classes > 20) {
            const pairs = counts.filter(c => c[0] !== c[1]).sort((a, b) => b[2] - a[2]).slice(0, 20);
            find("matrix").replaceChildren(make("table", {}, make("tbody", {}, ...pairs.map(([truth, predicted]) =>
                make("tr", {}, make("th", {className: "left", textContent: `${className(detail, truth)} → ${className(detail, predicted)}`}), make("td", {}, pair(truth, predicted)))))));
            return;
        }
        const heads = make("tr", {}, make("td"), ...labels.map(label => make("th", {scope: "col", textContent: className(detail, label), title: className(detail, label)})));
        find("matrix").replaceChildren(make("div", {className: "scroll"}, make("table", {}, make("thead", {}, heads), make("tbody", {}, ...labels.map(truth =>
            make("tr", {}, make("th", {scope: "row", textContent: className(detail, truth), title: className(detail, truth)}),
                 ...labels.map(predicted => make("td", {}, pair(truth, predicted)))))))),
            make("p", {className: "soft", textContent: "Rows: the true class; columns: what was predicted. A wrong cell shows its images."}));
    }

    async function showWrong(id, detail, truth, predicted) {
        const title = find("wrong-title");
        title.hidden = false;
        title.textContent = `${className(detail, truth)} taken for ${className(detail, predicted)}`;
        try {
            const answer = await ask(`wrong?id=${id}&truth=${truth}&predicted=${predicted}`);
            if (shown !== id)
                return;
            title.textContent += answer.count > answer.images.length ? `: the first ${answer.images.length} of ${answer.count}` : `: ${answer.count}`;
            find("wrong").replaceChildren(...answer.images.map(([place, , , pixels]) =>
                make("figure", {}, picture(pixels, answer.shape), make("figcaption", {className: "soft", textContent: `#${place}`}))));
        } catch (error) {
            find("wrong").replaceChildren(make("p", {className: "soft", textContent: error.message}));
        }
    }

    function picture(text, [channels, height, width]) {
        const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), area = height * width, canvas = make("canvas", {width, height}), image = new ImageData(width, height);
        for (let i = 0; i < area; i++)
            image.data.set([bytes[i], bytes[channels === 3 ? area + i : i], bytes[channels === 3 ? 2 * area + i : i], 255], 4 * i);
        canvas.getContext("2d").putImageData(image, 0, 0);
        return canvas;
    }

    // ------------------------------------------------------------------------------------------------------- asking

    function take(answer) {
        if (answer.generation !== stamp.generation) {
            rows.clear();
            lines.clear();
            curves.clear();
        }
        stamp = {generation: answer.generation, version: answer.version};
        for (const values of answer.rows) {
            const row = Object.fromEntries(answer.columns.map((name, i) => [name, values[i]]));
            row.text = `${row.id} ${row.identity} ${row.data} ${row.state} ${row.choices} seed ${row.seed}`.toLowerCase();
            rows.set(row.id, row);
        }
        setText(find("database"), answer.database);
        const isOther = JSON.stringify(study) !== JSON.stringify(answer.study);
        study = answer.study;
        return answer.rows.length > 0 || isOther;
    }

    function setLink(isOn, text) {
        find("link").className = isOn ? "on" : "off";
        setText(find("link-text"), text);
    }

    async function look() {
        try {
            const before = stamp.version;
            if (take(await ask(`runs?generation=${stamp.generation}&version=${stamp.version}`)) || !before) {
                findCommon();
                showSummary();
                showStudy();
                showTable();
                await readCurves();
            }
            setLink(true, "Live");
        } catch (error) {
            setLink(false, error.status ? `Error: ${error.message}` : "No connection; is lenet serve still there?");
        }
        const isBusy = [...rows.values()].some(row => row.state === "running");
        setTimeout(look, document.hidden ? 10000 : isBusy ? 1000 : 3000);
    }

    function start() {
        makeHeads();
        find("metric").append(...Object.entries(METRICS).map(([value, [text]]) => make("option", {value, textContent: text})));
        find("state").append(make("option", {value: "", textContent: "All states"}), ...STATES.map(value => make("option", {value, textContent: value})));
        find("metric").addEventListener("change", showCurves);
        find("automatic").addEventListener("click", () => { chosen.clear(); setAutomatic(true); showTable(); readCurves(); });
        for (const id of ["filter", "state"])
            find(id).addEventListener("input", () => { shownRows = STEP; showTable(); });
        find("more").addEventListener("click", () => { shownRows += STEP; showTable(); });
        find("close").addEventListener("click", () => find("detail").close());
        find("detail").addEventListener("close", () => { shown = null; });
        find("compare").addEventListener("toggle", showCurves);
        find("chart").addEventListener("pointermove", event => { hover = find("chart").epochAt?.(event.clientX) ?? null; showCurves(); });
        find("chart").addEventListener("pointerleave", () => { hover = null; showCurves(); });
        new ResizeObserver(() => showCurves()).observe(find("chart").parentElement);
        look();
    }

    start();
})();
