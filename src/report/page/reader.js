"use strict";
// The reader: one document with every sentence marked, and what the model thought of the sentence in hand.

const reader = (() => {
  const pane = document.getElementById("reader");
  const BREAK = { none: 0, paragraph: 1, gap: 2 };
  let opener = null;

  /** Fields of a sentence as the page's data lists them. */
  function sentenceOf([text, label, uncertain, confidence, stance, stances, attribution, attributions, anonymity, marks, breaks]) {
    return {
      text,
      label: names.label[label],
      isUncertain: uncertain === 1,
      confidence: confidence / 1e4,
      stance,
      stances: stances.map((units) => units / 1e4),
      attribution,
      attributions: attributions.map((units) => units / 1e4),
      anonymity: anonymity === null ? null : names.anonymity[anonymity],
      marks,
      breaks,
    };
  }

  /** The text with its source and cue as elements. */
  function marked({ text, marks }) {
    const parts = [];
    let end = 0;
    for (const [start, stop, kind] of marks) {
      const isSource = kind === "s";
      parts.push(text.slice(end, start));
      parts.push(element("span", { class: isSource ? "source" : "cue", title: isSource ? "source" : "cue" }, text.slice(start, stop)));
      end = stop;
    }
    parts.push(text.slice(end));
    return parts;
  }

  function sentenceElement(sentence, index) {
    const spoken = `${sentence.label}${sentence.isUncertain ? ", uncertain" : ""}: `;
    return element(
      "span",
      {
        class: `sentence ${sentence.label}${sentence.isUncertain ? " uncertain" : ""}`,
        tabindex: index === 0 ? 0 : -1,
        "data-index": index,
        dir: "auto",
      },
      markOf(sentence.label),
      element("span", { class: "spoken" }, spoken),
      ...marked(sentence),
    );
  }

  /** Paragraphs of sentences. */
  function textOf(sentences) {
    const paragraphs = [];
    sentences.forEach((sentence, index) => {
      if (sentence.breaks === BREAK.gap) {
        const note = "Sentences between are not in the rows.";
        paragraphs.push(element("p", { class: "gap", title: note }, "[…]", element("span", { class: "spoken" }, note)));
      }
      if (paragraphs.length === 0 || sentence.breaks !== BREAK.none) paragraphs.push(element("p"));
      const paragraph = paragraphs.at(-1);
      if (paragraph.hasChildNodes()) paragraph.append(" ");
      paragraph.append(sentenceElement(sentence, index));
    });
    return paragraphs;
  }

  /** One axis: every answer with its probability as a bar and a number. */
  function axis(title, answers, probabilities, chosen) {
    const rows = answers.map((answer, index) => {
      const width = Math.round(100 * probabilities[index]);
      const bar = drawing("svg", { class: "bar", width: 60, height: 8, viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
      bar.append(drawing("rect", { class: "bar-ground", width: 100, height: 8 }), drawing("rect", { class: "bar-value", width, height: 8 }));
      const value = probabilities[index].toFixed(2);
      return element(
        "tr",
        { class: index === chosen ? "chosen" : null },
        element("th", { scope: "row" }, answer),
        element("td", {}, bar),
        element("td", { class: "number" }, value),
      );
    });
    return element("table", {}, element("caption", {}, title), element("tbody", {}, ...rows));
  }

  function detailsOf(sentence) {
    const { label, isUncertain, confidence, anonymity } = sentence;
    const heading = element("p", { class: "verdict" }, markOf(label), " ", element("strong", {}, label), ` ${confidence.toFixed(2)}`);
    if (isUncertain) heading.append(" ", element("span", { class: "flag" }, "uncertain"));
    if (anonymity !== null) heading.append(` · anonymity: ${anonymity}`);
    return [
      heading,
      element(
        "div",
        { class: "axes" },
        axis("Stance", names.stance, sentence.stances, sentence.stance),
        axis("Attribution", names.attribution, sentence.attributions, sentence.attribution),
      ),
    ];
  }

  /** Puts the details below the sentence, or at the foot of a narrow screen, where the style sheet keeps them. */
  function place(details, target) {
    const pane = details.parentElement.getBoundingClientRect();
    const lines = target.getClientRects();
    const last = lines[lines.length - 1];
    const room = pane.width - details.offsetWidth;
    details.style.left = `${Math.max(0, Math.min(lines[0].left - pane.left, room))}px`;
    details.style.top = `${last.bottom - pane.top + 6}px`;
  }

  function open(story, from) {
    opener = from;
    const sentences = story.text.map(sentenceOf);
    const details = element("div", { class: "sentence-details", id: "sentence-details", role: "tooltip", hidden: true });
    const text = element(
      "div",
      { class: "text", role: "group", "aria-label": "Text; the arrow keys go from sentence to sentence" },
      ...textOf(sentences),
    );
    const close = element("button", { type: "button", class: "close" }, "Close");
    const facts = [story.group, story.date, counted(story.sentences, "sentence")].filter((fact) => fact);
    pane.replaceChildren(
      element("div", { class: "reader-head" }, element("h3", { id: "reader-heading" }, element("bdi", {}, story.id)), close),
      element("p", { class: "facts" }, ...facts.flatMap((fact, index) => (index > 0 ? [" · ", element("bdi", {}, fact)] : [element("bdi", {}, fact)]))),
      legend(),
      element("div", { class: "text-space" }, text, details),
    );
    if (story.left_out > 0) {
      pane.append(element("p", { class: "note" }, `The document is long; ${counted(story.left_out, "sentence")} of it are left out here.`));
    }
    pane.hidden = false;
    close.addEventListener("click", shut);
    follow(text, details, sentences);
    pane.focus({ preventScroll: true });
    pane.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  function legend() {
    const items = names.label.map((label) => element("li", { class: `sentence ${label}` }, markOf(label), ` ${label}`));
    return element(
      "ul",
      { class: "text-legend", "aria-label": "How sentences are marked" },
      ...items,
      element("li", { class: "sentence uncertain" }, "uncertain"),
      element("li", {}, element("span", { class: "source" }, "source")),
      element("li", {}, element("span", { class: "cue" }, "cue")),
    );
  }

  /** Shows the details of the sentence under the pointer or in focus, and moves between sentences by the arrow keys. */
  function follow(text, details, sentences) {
    const all = [...text.querySelectorAll(".sentence")];
    let shown = null;
    const show = (target) => {
      if (target === shown) return;
      shown?.removeAttribute("aria-describedby");
      shown?.classList.remove("current");
      shown = target;
      details.hidden = target === null;
      if (target === null) return;
      details.replaceChildren(...detailsOf(sentences[Number(target.dataset.index)]));
      target.setAttribute("aria-describedby", details.id);
      target.classList.add("current");
      place(details, target);
    };
    const focused = () => (all.includes(document.activeElement) ? document.activeElement : null);
    text.addEventListener("pointerover", (event) => show(event.target.closest(".sentence") ?? focused()));
    text.addEventListener("pointerleave", () => show(focused()));
    text.addEventListener("focusin", (event) => {
      for (const sentence of all) sentence.tabIndex = sentence === event.target ? 0 : -1;
      show(event.target);
    });
    text.addEventListener("focusout", (event) => {
      if (!all.includes(event.relatedTarget)) show(null);
    });
    text.addEventListener("keydown", (event) => {
      const index = all.indexOf(event.target);
      const next = {
        ArrowRight: index + 1,
        ArrowDown: index + 1,
        ArrowLeft: index - 1,
        ArrowUp: index - 1,
        Home: 0,
        End: all.length - 1,
      }[event.key];
      if (index < 0 || next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      all[next]?.focus();
    });
  }

  function shut() {
    pane.hidden = true;
    pane.replaceChildren();
    opener?.focus();
    opener = null;
  }

  pane.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
  });

  return { open, shut, pane };
})();
