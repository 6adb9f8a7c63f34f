// Makes the report respond: tables sort, and every point of the ROC curves shows its cases.
// Text from data comes as JSON and goes into text nodes alone, never into markup.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const SIDE = 400; // of the unit square, in units of the drawing
  const LEFT = 52;
  const TOP = 12;
  const NEAR = 22; // how far from a point it still counts as meant
  const MOST_MARKERS = 400; // of an arm; more would be a thick line
  const MOST_CASES = 50; // of a point that are listed
  const MOST_RINGS = 12; // cases of a point that are shown on the other curves all at once
  const DRAWN_AT_FIRST = 7; // as many as there are colours
  const DASHES = ["", "7 4", "7 3 2 3", "2 3"];
  const PAGE_STEP = 10;

  function make(name, attributes = {}, ...children) {
    return filled(document.createElement(name), attributes, children);
  }

  function draw(name, attributes = {}, ...children) {
    return filled(document.createElementNS(SVG, name), attributes, children);
  }

  function filled(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children); // what is text becomes a text node
    return element;
  }

  // ---- Tables

  const NUMBER = /^([<>≤≥]?)\s*([+−-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?=$|[\s%[(,;])/i;
  const WORDS = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // The number that a cell begins with; `<0.001` comes before 0.001. Null where there is none.
  function numberOf(text) {
    const found = NUMBER.exec(text);
    if (!found) return null;
    const side = { "<": -1, ">": 1 }[found[1]] || 0;
    return [Number(found[2].replace("−", "-")), side];
  }

  function isMissing(text) {
    return text === "" || text === "–";
  }

  function comparisonOf(texts) {
    const numeric = texts.every((text) => isMissing(text) || numberOf(text));
    if (!numeric) return (a, b) => WORDS.compare(a, b);
    return (a, b) => {
      const [one, two] = [numberOf(a), numberOf(b)];
      return one[0] - two[0] || one[1] - two[1];
    };
  }

  // Rows in the order of one column; missing values are last in either direction, equal rows stay as they were.
  function sorted(rows, column, direction) {
    const text = (row) => (row.cells[column] ? row.cells[column].textContent.trim() : "");
    const compare = comparisonOf(rows.map(text));
    return [...rows].sort((a, b) => {
      const [one, two] = [text(a), text(b)];
      if (isMissing(one) || isMissing(two)) return isMissing(one) - isMissing(two);
      return direction * compare(one, two);
    });
  }

  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

  function makeSortable(table) {
    const header = table.tHead && table.tHead.rows[table.tHead.rows.length - 1];
    if (!header || [...table.rows].some((row) => [...row.cells].some((cell) => cell.colSpan > 1 || cell.rowSpan > 1)))
      return;
    const before = [...table.tBodies].map((body) => [...body.rows]);
    [...header.cells].forEach((cell, column) => {
      const button = make("button", { type: "button", class: "view-sort" }, ...cell.childNodes);
      cell.append(button);
      cell.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = NEXT[cell.getAttribute("aria-sort")];
        for (const other of header.cells) other.setAttribute("aria-sort", "none");
        cell.setAttribute("aria-sort", next);
        const direction = next === "descending" ? -1 : 1;
        before.forEach((rows, place) => {
          table.tBodies[place].append(...(next === "none" ? rows : sorted(rows, column, direction)));
        });
      });
    });
  }

  // ---- ROC points

  const x = (fpr) => LEFT + SIDE * fpr;
  const y = (tpr) => TOP + SIDE * (1 - tpr);
  const colourOf = (arm) => (arm.colour === "#000000" ? "currentColor" : arm.colour); // black is lost in the dark
  const rounded = (value) => String(Number(value.toPrecision(6)));
  const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

  function axes() {
    const frame = draw("g", { class: "view-axes" });
    frame.append(draw("path", { d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}` }));
    frame.append(draw("path", { d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}`, class: "view-chance" }));
    for (let step = 0; step <= 5; step += 1) {
      const value = step / 5;
      frame.append(draw("path", { d: `M${x(value)} ${y(0)}v5M${x(0)} ${y(value)}h-5` }));
      frame.append(draw("text", { x: x(value), y: y(0) + 20, "text-anchor": "middle" }, value.toFixed(1)));
      frame.append(draw("text", { x: x(0) - 9, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(1)));
    }
    frame.append(draw("text", { x: x(0.5), y: y(0) + 40, "text-anchor": "middle" }, "1 − specificity"));
    const turned = `translate(14 ${y(0.5)}) rotate(-90)`;
    frame.append(draw("text", { transform: turned, "text-anchor": "middle" }, "sensitivity"));
    return frame;
  }

  function sample(arm) {
    const line = draw("path", { d: "M0 6H26", ...strokeOf(arm) });
    return draw("svg", { viewBox: "0 0 26 12", class: "view-sample", "aria-hidden": "true" }, line);
  }

  function strokeOf(arm) {
    return { stroke: colourOf(arm), "stroke-dasharray": DASHES[arm.style % DASHES.length] };
  }

  // Where every case of an arm is: the number of its point.
  function placesOf(arm) {
    const places = new Map();
    arm.cases.forEach((cases, point) => cases.forEach((number) => places.set(number, point)));
    return places;
  }

  class RocPanel {
    constructor(data) {
      this.cases = data.cases;
      this.arms = data.arms.map((arm) => this.prepared(arm));
      this.shown = new Set(this.arms.slice(0, DRAWN_AT_FIRST));
      this.active = null; // the arm and the number of the point that is looked at
      this.held = false;
      this.alike = 1; // how many arms have a point where the held one is
      this.curves = draw("g");
      this.marks = draw("g", { class: "view-marks" });
      this.details = make("div", { class: "view-details" });
      this.chart = draw(
        "svg",
        {
          viewBox: `0 0 ${LEFT + SIDE + 14} ${TOP + SIDE + 48}`,
          class: "view-chart",
          role: "group",
          "aria-label": "ROC curves, a point for every threshold",
        },
        axes(),
        this.curves,
        this.marks,
      );
      this.chart.addEventListener("pointermove", (event) => this.pointed(event));
      this.chart.addEventListener("pointerdown", (event) => this.pressed(event));
      this.element = make("div", { class: "view-panel" }, make("div", {}, this.choices(), this.chart), this.details);
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.release();
      });
      this.redraw();
    }

    prepared(arm) {
      const places = placesOf(arm);
      const positives = [...places.keys()].filter((number) => this.cases[number].positive).length;
      return { ...arm, places, positives, negatives: places.size - positives, last: 0 };
    }

    choices() {
      const choice = (arm) => {
        const box = make("input", { type: "checkbox" });
        box.checked = this.shown.has(arm);
        box.addEventListener("change", () => {
          if (box.checked) this.shown.add(arm);
          else this.shown.delete(arm);
          this.redraw();
        });
        return make("label", {}, box, sample(arm), make("span", {}, `${arm.label}: AUC ${arm.area}`));
      };
      const legend = make("legend", {}, "Arms");
      return make("fieldset", { class: "view-arms" }, legend, ...this.arms.map(choice));
    }

    visibleArms() {
      return this.arms.filter((arm) => this.shown.has(arm));
    }

    redraw() {
      this.curves.replaceChildren(...this.visibleArms().map((arm) => this.curve(arm)));
      if (this.active && !this.shown.has(this.active.arm)) {
        this.active = null;
        this.held = false;
      }
      this.showActive();
    }

    curve(arm) {
      const corners = arm.fpr.map((fpr, point) => `${x(fpr)} ${y(arm.tpr[point])}`);
      const curve = draw("g", {
        class: "view-curve",
        tabindex: "0",
        role: "slider",
        "aria-label": arm.label,
        "aria-valuemin": "0",
        "aria-valuemax": String(arm.fpr.length - 1),
      });
      curve.append(draw("path", { d: `M${corners.join("L")}`, class: "view-line", ...strokeOf(arm) }));
      if (arm.fpr.length <= MOST_MARKERS) {
        const marker = (fpr, point) =>
          draw("circle", { cx: x(fpr), cy: y(arm.tpr[point]), r: 3, fill: colourOf(arm) });
        curve.append(...arm.fpr.map(marker));
      }
      curve.addEventListener("focus", () => {
        if (curve.matches(":focus-visible")) this.lookAt(arm, arm.last); // not by a click, which has its own point
      });
      curve.addEventListener("keydown", (event) => this.moved(event, arm));
      arm.curve = curve;
      this.tell(arm);
      return curve;
    }

    // What a screen reader says of the place on a curve.
    tell(arm) {
      const [sensitivity, specificity] = this.rates(arm, arm.last);
      arm.curve.setAttribute("aria-valuenow", String(arm.last));
      const text = `threshold ${this.threshold(arm, arm.last)}, ${sensitivity}, ${specificity}`;
      arm.curve.setAttribute("aria-valuetext", text);
    }

    moved(event, arm) {
      const end = arm.fpr.length - 1;
      const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
      Object.assign(steps, { PageUp: PAGE_STEP, PageDown: -PAGE_STEP, Home: -end, End: end });
      if (!(event.key in steps)) return;
      event.preventDefault();
      this.lookAt(arm, Math.min(end, Math.max(0, arm.last + steps[event.key])));
    }

    // The points nearest to the pointer: curves of several arms often have one at the same place.
    nearest(event) {
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.chart.getScreenCTM().inverse());
      let best = [];
      let distance = NEAR;
      for (const arm of this.visibleArms()) {
        arm.fpr.forEach((fpr, point) => {
          const away = Math.hypot(x(fpr) - place.x, y(arm.tpr[point]) - place.y);
          if (away < distance) [best, distance] = [[], away];
          if (away === distance) best.push({ arm, point });
        });
      }
      return best;
    }

    pointed(event) {
      if (this.held) return;
      const [found] = this.nearest(event);
      if (found) this.lookAt(found.arm, found.point);
    }

    pressed(event) {
      const found = this.nearest(event);
      if (!found.length) {
        this.release();
        return;
      }
      const before = this.held ? found.findIndex((each) => this.isActive(each)) : -1;
      const next = found[(before + 1) % found.length];
      this.held = true;
      this.alike = found.length;
      this.lookAt(next.arm, next.point);
    }

    isActive({ arm, point }) {
      return this.active !== null && this.active.arm === arm && this.active.point === point;
    }

    release() {
      this.held = false;
      this.showActive();
    }

    lookAt(arm, point) {
      arm.last = point;
      this.active = { arm, point };
      this.tell(arm);
      this.showActive();
    }

    threshold(arm, point) {
      const value = arm.thresholds[point];
      return value === null ? "above every score" : `≥ ${rounded(value)}`;
    }

    rates(arm, point) {
      const hits = Math.round(arm.tpr[point] * arm.positives);
      const spared = arm.negatives - Math.round(arm.fpr[point] * arm.negatives);
      return [
        `sensitivity ${(hits / arm.positives).toFixed(3)} (${hits} of ${arm.positives})`,
        `specificity ${(spared / arm.negatives).toFixed(3)} (${spared} of ${arm.negatives})`,
      ];
    }

    showActive() {
      if (!this.active) {
        this.marks.replaceChildren();
        const how = "Point at a curve or touch it, or tab to it and use the arrow keys. A click holds a point.";
        this.details.replaceChildren(make("p", { class: "view-how" }, how));
        return;
      }
      const { arm, point } = this.active;
      const cases = arm.cases[point].slice(0, MOST_CASES);
      this.showRings(this.atOnce(cases));
      this.details.replaceChildren(this.summary(arm, point), ...this.caseTable(arm, point, cases));
    }

    atOnce(cases) {
      return cases.length > MOST_RINGS ? [] : cases;
    }

    // The point itself, and where the given cases of it are on the other curves.
    showRings(cases) {
      const { arm: active, point } = this.active;
      const ring = (arm, place, kind) =>
        draw("circle", { cx: x(arm.fpr[place]), cy: y(arm.tpr[place]), r: 7, class: kind, stroke: colourOf(arm) });
      const others = this.visibleArms().filter((arm) => arm !== active);
      const rings = others.flatMap((arm) => {
        const places = new Set(cases.filter((number) => arm.places.has(number)).map((number) => arm.places.get(number)));
        return [...places].map((place) => ring(arm, place, "view-same"));
      });
      this.marks.replaceChildren(...rings, ring(active, point, "view-active"));
    }

    summary(arm, point) {
      const title = make("p", { class: "view-title" }, sample(arm), make("strong", {}, arm.label));
      if (this.held) title.append(make("span", { class: "view-held" }, this.howHeld()));
      const lines = [`threshold ${this.threshold(arm, point)}`, ...this.rates(arm, point)];
      return make("div", {}, title, make("ul", { class: "view-rates" }, ...lines.map((line) => make("li", {}, line))));
    }

    howHeld() {
      const more = this.alike > 1 ? `; ${this.alike} arms have a point here, a click shows the next` : "";
      return `held: Esc or a click elsewhere lets go${more}`;
    }

    caseTable(arm, point, cases) {
      if (!cases.length) return [make("p", {}, "No case is called positive.")];
      const all = arm.cases[point].length;
      const listed = cases.length < all ? `, of which ${cases.length} are listed` : "";
      const how = all > MOST_RINGS ? "; point at one to see it on the other curves" : "";
      const heading = make("p", {}, `${counted(all, "case")} with this score${listed}${how}:`);
      const names = ["arm", "score", "rank"].map((name, column) =>
        make("th", { scope: "col", ...(column ? { class: "number" } : {}) }, name),
      );
      const table = make("table", {}, make("thead", {}, make("tr", {}, ...names)));
      table.append(...cases.map((number) => this.caseRows(number)));
      table.addEventListener("pointerleave", () => this.showRings(this.atOnce(cases)));
      const about = { class: "view-cases", role: "region", tabindex: "0", "aria-label": "Cases with this score" };
      return [heading, make("div", about, table)];
    }

    caseRows(number) {
      const { ID, positive, patient } = this.cases[number];
      const about = [positive ? "positive" : "negative", ...(patient ? [`patient ${patient}`] : [])].join(", ");
      const name = make("th", { colspan: "3", scope: "rowgroup" }, make("strong", {}, ID), ` ${about}`);
      const rows = this.visibleArms().map((arm) => this.scoreRow(arm, number));
      const body = make("tbody", {}, make("tr", {}, name), ...rows);
      body.addEventListener("pointerenter", () => this.showRings([number]));
      return body;
    }

    scoreRow(arm, number) {
      const place = arm.places.get(number);
      const name = make("td", {}, sample(arm), arm.label);
      if (place === undefined) {
        return make("tr", {}, name, make("td", { class: "number" }, "–"), make("td", { class: "number" }, "–"));
      }
      const [first, last] = arm.ranks[place];
      const rank = `${first === last ? first : `${first}–${last}`} of ${arm.places.size}`;
      const score = make("td", { class: "number", title: String(arm.thresholds[place]) }, rounded(arm.thresholds[place]));
      return make("tr", {}, name, score, make("td", { class: "number" }, rank));
    }
  }

  // After the first figures where they come before any table, else after the answer and its warnings; a section of the
  // report stays in one piece.
  function placeOfPanel() {
    const figures = document.querySelector(".figures");
    const table = document.querySelector("table");
    const first = figures && (!table || figures.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING);
    let place = first ? figures : document.querySelector(".answer") || document.querySelector("h1");
    while (place && place.nextElementSibling && place.nextElementSibling.matches(".warning")) {
      place = place.nextElementSibling;
    }
    return place && (place.closest("section") || place);
  }

  function insertSection() {
    const section = make("section", { class: "view-roc", id: "view-roc" }, make("h2", {}, "The cases behind the ROC curves"));
    const place = placeOfPanel();
    if (place) place.after(section);
    else document.body.prepend(section);
    const links = document.querySelector("nav");
    if (links) links.append(make("a", { href: "#view-roc" }, "ROC points"));
    return section;
  }

  async function showPoints(section) {
    const answer = await fetch("/data.json");
    if (!answer.ok) throw new Error(await answer.text());
    const data = await answer.json();
    if (data.arms.length) section.append(new RocPanel(data).element);
    section.append(...data.without.map((sentence) => make("p", {}, sentence)));
  }

  const section = insertSection();
  document.querySelectorAll("table").forEach(makeSortable);
  showPoints(section).catch((problem) => {
    section.append(make("p", { class: "warning" }, `The points cannot be shown: ${problem.message}`));
  });
})();
