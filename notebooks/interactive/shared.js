// What all pieces share: where one starts, what it draws on, how it asks and speaks.

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

/* Fill the first root that has this key and was not started yet, and hand it over.
   The script may run again, elsewhere, or by eval, so it never looks for itself. */
function start(key, markup, data, piece) {
  const roots = [...document.querySelectorAll("[data-piece]")];
  const root = roots.find((node) => node.dataset.piece === key && !node.started);
  if (!root) return;
  root.started = true;
  const form = document.createElement("form"); // so that radios of two pieces stay apart
  form.autocomplete = "off";
  form.innerHTML = markup;
  form.addEventListener("submit", (event) => event.preventDefault());
  piece(form, data, root);
  for (const control of form.querySelectorAll("input, button, select, summary")) {
    control.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the arrow keys
  }
  root.replaceChildren(form);
}

/* Say text in a role="status", after a pause in which nothing else was said. */
function say(node, text, pause = 0) {
  clearTimeout(node.later);
  const speak = () => { node.textContent = text; };
  if (pause) node.later = setTimeout(speak, pause);
  else speak();
}

/* Show beside each range what it stands at, and call `moved` when one moves. Return what
   shows it again, for when the script itself has moved one. */
function sliders(form, moved, read = (input) => Number(input.value).toFixed(2)) {
  const inputs = [...form.querySelectorAll("input[type=range]")];
  const show = () => inputs.forEach((input) => {
    const span = input.parentNode.querySelector("span");
    span.textContent = read(input);
    span.ariaHidden = "true"; // or the name of the range would change with its value
    input.setAttribute("aria-valuetext", read(input));
  });
  inputs.forEach((input) => input.addEventListener("input", () => { show(); moved(input); }));
  show();
  return show;
}

/* A fieldset with radios, a button and a role="status": when the button is pressed,
   `answer` gets the value that is chosen, and what it returns, if anything, is said. */
function ask(fieldset, answer) {
  const status = fieldset.querySelector("[role=status]");
  fieldset.querySelector("button").addEventListener("click", () => {
    const chosen = fieldset.querySelector("input:checked");
    const words = chosen ? answer(chosen.value) : "Choose one first.";
    if (words) say(status, words);
  });
}

/* Call `step` now and every so many milliseconds, until it returns false; all at once
   where the reader prefers less motion. Return a function that stops it. */
function run(step, every) {
  let timer = null;
  const next = () => { if (!step()) clearInterval(timer); };
  if (still) while (step());
  else if (step()) timer = setInterval(next, every);
  return () => clearInterval(timer);
}

const SHAPES = {
  circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
  square: "M-4-4h8v8h-8z",
  triangle: "M0-5.5l5.5 9.5h-11z",
  diamond: "M0-6l5 6l-5 6l-5-6z",
  cross: "M-4.5-4.5l9 9m0-9l-9 9",
  star: "M0-9l2.2 6h6.4l-5.1 3.9l1.9 6.2l-5.4-3.7l-5.4 3.7l1.9-6.2l-5.1-3.9h6.4z",
};

function draw(parent, name, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.textContent = text;
  return parent.appendChild(node);
}

/* About four round numbers between two. */
function ticks([low, high]) {
  const rough = (high - low) / 4;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * ten).find((n) => n >= rough * 0.99);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: count}, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

/* Draw axes into an svg, and return what draws on them. Each thing drawn is a function
   that moves it: line([[x, y], ...]), mark(x, y), text(x, y, words). Without arguments,
   it is out of sight. */
function plot(svg, {x, y, xLabel, yLabel, width = 320, height = 260}) {
  const [left, top, right, bottom] = [54, 8, width - 14, height - 42];
  const near = (pixel) => Math.max(-9999, Math.min(9999, Math.round(pixel * 100) / 100));
  const across = (value) => near(left + (right - left) * (value - x[0]) / (x[1] - x[0]));
  const down = (value) => near(bottom - (bottom - top) * (value - y[0]) / (y[1] - y[0]));
  const [box, middle] = [{x: left, y: top, width: right - left, height: bottom - top}, {"text-anchor": "middle"}];
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const tick of ticks(x)) {
    draw(svg, "line", {class: "grid", x1: across(tick), x2: across(tick), y1: top, y2: bottom});
    draw(svg, "text", {x: across(tick), y: bottom + 18, ...middle}, String(tick));
  }
  for (const tick of ticks(y)) {
    draw(svg, "line", {class: "grid", x1: left, x2: right, y1: down(tick), y2: down(tick)});
    draw(svg, "text", {x: left - 6, y: down(tick) + 5, "text-anchor": "end"}, String(tick));
  }
  draw(svg, "text", {x: (left + right) / 2, y: height - 6, ...middle}, xLabel);
  draw(svg, "text", {x: -(top + bottom) / 2, y: 12, transform: "rotate(-90)", ...middle}, yLabel);
  const inner = draw(svg, "svg", {...box, viewBox: `${left} ${top} ${box.width} ${box.height}`});
  const place = (node, at) => {
    node.toggleAttribute("hidden", at === undefined);
    if (at !== undefined) node.setAttribute("transform", `translate(${across(at[0])} ${down(at[1])})`);
  };
  return {
    line(name) {
      const node = draw(inner, "polyline", {class: name});
      return (points = []) => node.setAttribute("points",
        points.filter((p) => p.every(Number.isFinite)).map(([u, v]) => `${across(u)},${down(v)}`).join(" "));
    },
    mark(name, shape = "circle", size = 1) {
      const group = draw(inner, "g", {hidden: ""});
      draw(group, "path", {class: name, d: SHAPES[shape], transform: `scale(${size})`});
      return (...at) => place(group, at.length ? at : undefined);
    },
    text(name, anchor = "middle") {
      const node = draw(inner, "text", {class: name, "text-anchor": anchor});
      return (...at) => { place(node, at.length ? at : undefined); node.textContent = at[2] ?? ""; };
    },
  };
}

/* The loss of the line at points [x, y], and its slopes for weight and bias. */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const LOSSES = {
  MAE: {name: "mean absolute error", size: Math.abs, slope: Math.sign},
  MSE: {name: "mean squared error", size: (error) => error * error, slope: (error) => 2 * error},
};
function lossAt(points, weight, bias, kind = "MAE") {
  return mean(points.map(([x, y]) => LOSSES[kind].size(weight * x + bias - y)));
}
function slopesAt(points, weight, bias, kind = "MAE") {
  const slopes = points.map(([x, y]) => [LOSSES[kind].slope(weight * x + bias - y), x]);
  return [mean(slopes.map(([slope, x]) => slope * x)), mean(slopes.map(([slope]) => slope))];
}

/* Draw points and return what draws a line, with its errors, over them; and a map of the
   loss, with rings of equal height and a star at its lowest place. */
function plotLine(svg, points, size = {}) {
  const [x, y] = [0, 1].map((i) => points.map((point) => point[i]));
  const around = (all, low, high) => [Math.min(...all) - low, Math.max(...all) + high];
  const room = 0.6 * (Math.max(...y) - Math.min(...y));
  const area = {x: around(x, 0.05, 0.05), y: around(y, room, room), xLabel: "X (feature)", yLabel: "y (label)"};
  const drawn = plot(svg, {...area, ...size});
  const errors = points.map(() => drawn.line("faint"));
  points.forEach((point) => drawn.mark("train", "circle", 0.9)(...point));
  const across = ([w, b]) => area.x.map((end) => [end, w * end + b]);
  const line = drawn.line("guess");
  return {
    ...drawn,
    across,
    put(w, b) {
      line(across([w, b]));
      points.forEach(([u, v], i) => errors[i]([[u, v], [u, w * u + b]]));
    },
  };
}
function plotMap(svg, {rings, lowest}, size = {}) {
  const drawn = plot(svg, {x: [-1, 2], y: [-0.5, 1.5], xLabel: "weight", yLabel: "bias", ...size});
  rings.forEach((ring) => drawn.line("faint")(ring));
  drawn.mark("lowest", "star")(...lowest);
  return drawn;
}
