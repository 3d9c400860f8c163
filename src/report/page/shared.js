"use strict";
// What the scripts of the page share: its data, and elements whose content is text, whatever the corpus wrote.

const { names, figures } = JSON.parse(document.getElementById("data").textContent);

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; children that are no nodes become text. */
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same of SVG. */
function drawing(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The mark of a label, which needs no colour. */
function markOf(label) {
  const use = drawing("use", { href: `#mark-${label}` });
  return drawing("svg", { class: "mark", width: 14, height: 14, "aria-hidden": "true" }, use);
}

/** `1,234,567`. */
function number(value) {
  return value.toLocaleString("en-US");
}

/** As the tables write shares. */
function percent(share) {
  const value = 100 * share;
  return `${value.toFixed(value > 0 && value < 0.995 ? 2 : 1)} %`;
}

/** `1 sentence`, `2 sentences`. */
function counted(count, thing) {
  return `${number(count)} ${thing}${count === 1 ? "" : "s"}`;
}
