// What the report's charts use of Observable Plot; everything else is left out of the bundle.
export { areaY, axisX, axisY, barX, dot, gridX, gridY, lineY, plot, ruleX, ruleY } from "@observablehq/plot";
