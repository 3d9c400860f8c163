"use strict";
// The table of documents: sorted by any column, filtered by words and by what a document has.

(() => {
  const stories = JSON.parse(document.getElementById("document-data").textContent);
  const space = document.getElementById("document-table");
  if (stories.length === 0) {
    space.append(element("p", {}, "No document is shown."));
    return;
  }

  const byText = new Intl.Collator("en", { numeric: true });
  const text = (of) => (left, right) => byText.compare(of(left) ?? "", of(right) ?? "");
  const count = (of) => (left, right) => of(right) - of(left);

  /** Columns: heading, explanation, value, and order when first sorted by. */
  const columns = [
    { name: "Document", of: (story) => story.id, compare: text((story) => story.id) },
    figures.groups && { name: figures.groups.column, kind: "name", of: (story) => story.group, compare: text((story) => story.group) },
    figures.dates && { name: figures.dates.column, kind: "date", of: (story) => story.date, compare: text((story) => story.date) },
    { name: "Sentences", isNumber: true, of: (story) => story.sentences },
    { name: "Denials", isNumber: true, of: (story) => story.denials, mark: "denial" },
    { name: "Anonymous", isNumber: true, of: (story) => story.anonymous, mark: "anonymous" },
    { name: "Explicit", isNumber: true, of: (story) => story.explicit },
    { name: "No claim", isNumber: true, of: (story) => story.none, mark: "none" },
    { name: "Uncertain", isNumber: true, of: (story) => story.uncertain },
  ].filter((column) => column);
  for (const column of columns) column.compare ??= count(column.of);

  const filters = [
    ["all documents", () => true],
    ["with a denial", (story) => story.denials > 0],
    ["with an anonymous source", (story) => story.anonymous > 0],
    ["with explicit anonymity", (story) => story.explicit > 0],
    ["with an uncertain label", (story) => story.uncertain > 0],
  ];

  const words = element("input", { type: "search", id: "filter-words", autocomplete: "off", spellcheck: "false" });
  const kind = element("select", { id: "filter-kind" }, ...filters.map(([name], index) => element("option", { value: index }, name)));
  const status = element("p", { class: "status", role: "status" });
  const body = element("tbody");
  const headings = columns.map((column) => {
    const button = element("button", { type: "button" }, column.mark ? markOf(column.mark) : null, element("bdi", {}, column.name), element("span", { class: "arrow", "aria-hidden": "true" }));
    const heading = element("th", { scope: "col", class: column.isNumber ? "number" : null }, button);
    button.addEventListener("click", () => sortBy(column, heading));
    return heading;
  });
  const table = element(
    "table",
    { class: "wide" },
    element("caption", { class: "spoken" }, "Documents; the headings sort, a document's button opens it below"),
    element("thead", {}, element("tr", {}, ...headings)),
    body,
  );

  const rows = new Map(stories.map((story) => [story, rowOf(story)]));
  const searched = new Map(
    stories.map((story) => [story, [story.id, story.group ?? "", story.date ?? "", ...story.text.map(([words]) => words)].join("\n").toLowerCase()]),
  );

  function rowOf(story) {
    const cells = columns.map((column, index) => {
      const value = column.of(story);
      if (column.isNumber) return element("td", { class: "number" }, number(value));
      if (index > 0) return element("td", { class: column.kind }, element("bdi", {}, value ?? ""));
      const button = element("button", { type: "button", class: "open" }, element("bdi", {}, value === "" ? "(no id)" : value));
      button.addEventListener("click", () => openStory(story, button));
      return element("th", { scope: "row" }, button);
    });
    return element("tr", {}, ...cells);
  }

  function openStory(story, button) {
    for (const row of rows.values()) row.removeAttribute("aria-current");
    rows.get(story).setAttribute("aria-current", "true");
    reader.open(story, button);
  }

  let sorted = { column: null, isReversed: false };

  function sortBy(column, heading) {
    sorted = { column, isReversed: sorted.column === column && !sorted.isReversed };
    for (const other of headings) other.removeAttribute("aria-sort");
    // Numbers come largest first, text from A.
    heading.setAttribute("aria-sort", Boolean(column.isNumber) === sorted.isReversed ? "ascending" : "descending");
    show();
  }

  function show() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [, fits] = filters[kind.selectedIndex];
    const shown = stories.filter((story) => fits(story) && wanted.every((word) => searched.get(story).includes(word)));
    if (sorted.column !== null) {
      const { column, isReversed } = sorted;
      shown.sort((left, right) => (isReversed ? -1 : 1) * column.compare(left, right));
    }
    body.replaceChildren(...shown.map((story) => rows.get(story)));
    status.textContent = shown.length === stories.length ? counted(shown.length, "document") : `${number(shown.length)} of ${counted(stories.length, "document")}`;
  }

  words.addEventListener("input", show);
  kind.addEventListener("change", show);
  space.append(
    element(
      "form",
      { class: "filters", role: "search" },
      element("div", { class: "field" }, element("label", { for: "filter-words" }, "Words in text or columns"), words),
      element("div", { class: "field" }, element("label", { for: "filter-kind" }, "Show"), kind),
      status,
    ),
    element("div", { class: "scroll tall", role: "region", tabindex: 0, "aria-label": "Table of documents" }, table),
  );
  space.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
