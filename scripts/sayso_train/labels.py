"""The label sets of the annotation guideline, in the order in which the model's heads emit them."""

STANCE: tuple[str, ...] = ("assert", "deny", "no_comment", "none")
ATTRIBUTION: tuple[str, ...] = ("none", "named", "anonymous", "unspecified")
ANONYMITY: tuple[str, ...] = ("explicit", "role", "group", "document")
LABEL: tuple[str, ...] = ("assertion", "denial", "anonymous", "none")

AXES: dict[str, tuple[str, ...]] = {
    "stance": STANCE,
    "attribution": ATTRIBUTION,
    "anonymity": ANONYMITY,
}

SPANS: tuple[str, ...] = ("source", "cue", "content")
"""What a token can be part of. Each kind has tags of its own, because contents hold sources and cues of others."""
TAGS: tuple[str, ...] = ("outside", "begin", "inside")


def derive(stance: str, attribution: str) -> str:
    """The reported label of a sentence: the guideline's first table."""
    if stance == "none":
        return "none"
    if attribution == "anonymous":
        return "anonymous"
    return "denial" if stance == "deny" else "assertion"
