"""Pages that scripts keep up to date: Markdown tables, and the parts between two markers."""


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; every column but the first is of numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_block(page: str, begin: str, end: str, block: str) -> str:
    """The page with what stands between the markers replaced."""
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"the page lacks {begin.strip()} or {end.strip()}")
    return before + begin + block + end + after
