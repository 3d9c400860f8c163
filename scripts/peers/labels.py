"""From logits to the reported label by the bundle's own calibration, as `src/label/` does it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sayso_train.labels import AXES, derive

READ_AXES = ("stance", "attribution")
"""The axes that the reported label follows from."""

Logits = dict[str, NDArray[np.float32]]
"""`[sentences, classes]` per axis of `READ_AXES`."""


class Decision:
    def __init__(self, bundle: Path) -> None:
        self.config: dict[str, Any] = json.loads((bundle / "config.json").read_text())

    def labels(self, logits: Logits) -> list[str]:
        """The softmax's divisor is the same for all classes of a row, so that the argmax does not need it."""
        values = []
        for axis in READ_AXES:
            rule = self.config[axis]
            scores = logits[axis] / rule["temperature"] + np.array(rule["bias"]) + np.array(rule["decision_bias"])
            values.append([AXES[axis][index] for index in scores.argmax(1)])
        return [derive(stance, attribution) for stance, attribution in zip(*values, strict=True)]
