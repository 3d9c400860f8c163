"use strict";
// The charts: what to draw is here, how it is drawn is Observable Plot's. Colours and patterns are those of the style sheet, so
// that a chart follows the page into the dark and on to paper. Every chart has its figures in a table beside it.

(() => {
  const NARROW = 560;
  const fill = (label) => `url(#fill-${label})`;
  const overall = { kind: "all", name: "all documents", ...figures.all };

  /** The shares that have panels of their own: title, share of a row, label whose colour it has. */
  const measures = [
    ["Denials", (row) => row.denials, "denial"],
    ["Anonymous sources", (row) => row.broad, "anonymous"],
    ["Strictly anonymous (explicit)", (row) => row.strict, "anonymous"],
    ["No claim", (row) => row.labels[names.label.indexOf("none")], "none"],
  ];

  const described = (row, share) => {
    const interval = share.interval ? `, 95 % interval ${percent(share.interval[0])} to ${percent(share.interval[1])}` : "";
    return `${row.name}: ${percent(share.share)} (${number(share.count)} of ${counted(row.sentences, "sentence")})${interval}`;
  };

  const shareAxis = (domain) => ({
    domain,
    label: null,
    tickFormat: (share) => `${+(100 * share).toPrecision(3)} %`,
  });

  function draw(space, options) {
    const { title, ...rest } = options;
    const chart = Plot.plot({ className: "chart", ...rest });
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", title);
    // Its parts are named for programs; to a reader of the screen the chart is one picture.
    for (const part of chart.querySelectorAll("[aria-label]")) {
      part.dataset.mark = part.getAttribute("aria-label");
      part.removeAttribute("aria-label");
    }
    space.replaceChildren(chart);
  }

  /** A vertical axis of names, which may be long: as wide as a part of the chart, the rest cut. */
  function nameAxis(rows, width) {
    const characters = Math.max(4, ...rows.map((row) => [...row.name].length));
    const room = Math.min(width < NARROW ? 0.42 * width : 0.3 * width, 7 * characters + 12);
    const shown = Math.floor((room - 12) / 6.6);
    const short = (name) => ([...name].length > shown ? [...name].slice(0, shown - 1).join("") + "…" : name);
    return {
      room,
      axis: Plot.axisY({ label: null, tickSize: 0, tickFormat: (index) => short(rows[index].name) }),
    };
  }

  /** One bar per row, from 0 to 1, of the labels' shares. */
  function stacked(rows, title) {
    return (space, width) => {
      const { room, axis } = nameAxis(rows, width);
      const parts = rows.flatMap((row, index) =>
        row.labels.map((share, label) => ({ index, row, share, label: names.label[label] })),
      );
      draw(space, {
        title,
        width,
        height: 40 + 26 * rows.length,
        marginLeft: room,
        marginRight: 18,
        marginTop: 4,
        x: shareAxis([0, 1]),
        y: { domain: rows.keys(), label: null, padding: 0.25 },
        marks: [
          axis,
          Plot.axisX({ ticks: width < NARROW ? 4 : 10, label: null, tickFormat: (share) => `${Math.round(100 * share)} %` }),
          Plot.barX(parts, {
            x: (part) => part.share.share,
            y: "index",
            fill: (part) => fill(part.label),
            title: (part) => `${described(part.row, part.share)}: ${part.label}`,
            insetLeft: 0.5,
            insetRight: 0.5,
          }),
        ],
      });
    };
  }

  const highest = (rows, of) => Math.max(0.001, ...rows.flatMap((row) => [of(row).share, of(row).interval?.[1] ?? 0]));

  /** Every row's share as a dot in its interval. */
  function intervals(rows, [name, of, label]) {
    return (space, width) => {
      const { room, axis } = nameAxis(rows, width);
      const points = rows.map((row, index) => ({ index, row, share: of(row) }));
      draw(space, {
        title: `${name}, share of sentences with 95 % interval: ${rows.map((row) => described(row, of(row))).join("; ")}`,
        width,
        height: 34 + 24 * rows.length,
        marginLeft: room,
        marginRight: 18,
        marginTop: 4,
        x: shareAxis([0, Math.min(1, 1.04 * highest(rows, of))]),
        y: { domain: rows.keys(), label: null, type: "point", padding: 0.6 },
        marks: [
          axis,
          Plot.gridX({ ticks: 4 }),
          Plot.axisX({ ticks: 4, label: null, tickFormat: (share) => `${+(100 * share).toPrecision(3)} %` }),
          Plot.ruleX([of(overall).share], { strokeDasharray: "3,3", strokeOpacity: 0.7 }),
          Plot.ruleY(
            points.filter(({ share }) => share.interval),
            { y: "index", x1: ({ share }) => share.interval[0], x2: ({ share }) => share.interval[1], strokeWidth: 1.5 },
          ),
          Plot.dot(points, {
            y: "index",
            x: ({ share }) => share.share,
            r: 4.5,
            fill: `var(--${label})`,
            stroke: "currentColor",
            title: ({ row, share }) => described(row, share),
          }),
        ],
      });
    };
  }

  /** A share over time, with its interval as a band; periods without documents are gaps. */
  function timeline(dates, [name, of, label]) {
    const points = dates.rows.map((row) => ({
      row,
      share: of(row),
      start: new Date(row.start),
      value: row.sentences > 0 ? of(row).share : NaN,
    }));
    const alone = points.filter(({ value }, index) => {
      const isGap = (other) => other === undefined || Number.isNaN(other.value);
      return !Number.isNaN(value) && (points.length <= 24 || (isGap(points[index - 1]) && isGap(points[index + 1])));
    });
    const filled = dates.rows.filter((row) => row.sentences > 0);
    return (space, width) => {
      draw(space, {
        title: `${name}, share of sentences by ${dates.unit}, ${filled[0].name} to ${filled.at(-1).name}: from ${percent(
          Math.min(...filled.map((row) => of(row).share)),
        )} to ${percent(Math.max(...filled.map((row) => of(row).share)))}`,
        width,
        height: 190,
        marginLeft: 48,
        marginRight: 18,
        x: { type: "utc", label: null },
        y: shareAxis([0, Math.min(1, 1.04 * highest(filled, of))]),
        marks: [
          Plot.gridY({ ticks: 4 }),
          Plot.axisX({ ticks: width < NARROW ? 4 : 6, label: null }),
          Plot.axisY({ ticks: 4, label: null, tickFormat: (share) => `${+(100 * share).toPrecision(3)} %` }),
          Plot.areaY(points, {
            x: "start",
            y1: ({ share, value }) => (Number.isNaN(value) ? NaN : (share.interval?.[0] ?? share.share)),
            y2: ({ share, value }) => (Number.isNaN(value) ? NaN : (share.interval?.[1] ?? share.share)),
            fill: `var(--${label})`,
            fillOpacity: label === "none" ? 0.6 : 0.3,
          }),
          Plot.lineY(points, { x: "start", y: "value", stroke: "currentColor", strokeWidth: 1.5 }),
          Plot.dot(alone, {
            x: "start",
            y: "value",
            r: 3.5,
            fill: `var(--${label})`,
            stroke: "currentColor",
            title: ({ row, share }) => described(row, share),
          }),
        ],
      });
    };
  }

  /** Counts of wordings, in parts of one bar: fill and count of a source. */
  function wordings(sources, title, parts) {
    const rows = sources.top.map((source) => ({ name: source.text, source }));
    return (space, width) => {
      const { room, axis } = nameAxis(rows, width);
      const bars = rows.flatMap((row, index) => parts.map(([label, thing, of]) => ({ index, row, label, thing, count: of(row.source) })));
      draw(space, {
        title: `${title}: ${rows.map((row) => `${row.name}, ${parts.map(([, thing, of]) => `${number(of(row.source))} ${thing}`).join(", ")}`).join("; ")}`,
        width,
        height: 34 + 22 * rows.length,
        marginLeft: room,
        marginRight: 18,
        marginTop: 4,
        x: { label: null },
        y: { domain: rows.keys(), label: null, padding: 0.25 },
        marks: [
          axis,
          Plot.axisX({ ticks: 4, label: null, tickFormat: (count) => (Number.isInteger(count) ? number(count) : "") }),
          Plot.barX(
            bars.filter(({ count }) => count > 0),
            {
              x: "count",
              y: "index",
              fill: ({ label }) => fill(label),
              title: ({ row, thing, count }) => `${row.name}: ${number(count)} ${thing}`,
              insetRight: 0.5,
            },
          ),
        ],
      });
    };
  }

  const drawn = new Map();

  /** Draws in the space with an id, and again whenever its width changes. */
  function chart(id, drawIn) {
    const space = document.getElementById(id);
    if (space !== null) drawn.set(space, drawIn);
  }

  /** A space of its own for every one of `panels`: title and what draws it. */
  function panels(id, panels) {
    const space = document.getElementById(id);
    for (const [title, drawIn] of space === null ? [] : panels) {
      const own = element("div", { class: "chart-space" });
      space.append(element("div", { class: "panel" }, element("h3", {}, title), own));
      drawn.set(own, drawIn);
    }
  }

  if (figures.sentences > 0) {
    const summary = names.label.map((name, index) => `${name} ${percent(figures.all.labels[index].share)}`).join(", ");
    chart("chart-labels", stacked([overall], `Share of each label: ${summary}`));
  }
  if (figures.groups?.rows.length > 0) {
    const { rows } = figures.groups;
    chart("chart-groups", stacked(rows, "Shares of the labels in each group; the table below has the figures"));
    panels(
      "chart-group-intervals",
      measures.map((measure) => [measure[0], intervals(rows, measure)]),
    );
  }
  if (figures.dates?.rows.length > 0) {
    panels(
      "chart-time",
      measures.map((measure) => [measure[0], timeline(figures.dates, measure)]),
    );
  }
  const [assert, deny] = ["assert", "deny"].map((name) => names.stance.indexOf(name));
  const parts = [
    ["assertion", "assertions", (source) => source.stances[assert]],
    ["denial", "denials", (source) => source.stances[deny]],
    ["none", "other", (source) => source.sentences - source.stances[assert] - source.stances[deny]],
  ];
  chart("chart-named", wordings(figures.named, "The most frequent named sources", parts));
  chart(
    "chart-anonymous",
    wordings(figures.anonymous, "The most frequent wordings of anonymous sources", [
      ["anonymous", "sentences", (source) => source.sentences],
    ]),
  );

  const widths = new Map();
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const width = Math.floor(contentRect.width);
      if (width > 0 && widths.get(target) !== width) {
        widths.set(target, width);
        drawn.get(target)(target, width);
      }
    }
  });
  for (const space of drawn.keys()) observer.observe(space);

  // On paper nobody can open anything.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
