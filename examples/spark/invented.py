"""Invented news of any length, for the tests and the measurement: the same words for the same numbers, everywhere."""

import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

PEOPLE = (
    "Ilse Brønlund",
    "Anton Drescu",
    "Marta Oyelaran",
    "Piet Halvorsen",
    "Rosa Quintel",
    "Dario Lindqvist-Obi",
    "Hana Sevcik",
)
OFFICES = (
    "mayor",
    "transport minister",
    "chief auditor",
    "harbour master",
    "police commissioner",
    "head of the water board",
)
TOWNS = (
    "Kestavo",
    "Ostby",
    "Velm",
    "Sankt Arnulf",
    "Lessing Sound",
    "Port Maren",
    "Hollingdene",
)
THINGS = (
    "bridge",
    "tram line",
    "school roof",
    "ferry contract",
    "flood wall",
    "hospital wing",
    "pension fund",
    "gas pipeline",
)
DEEDS = (
    "ignored a warning",
    "lost the papers",
    "overpaid the builders",
    "hid the report",
    "promised the work to a friend",
)
DAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
)
OUTLETS = ("Ostby Courier", "Kestavo Evening Post", "Velm Öre-Blad")

# What a story is told in; every field stands for a word or two of the lists above.
PATTERNS = (
    "{town} closed its {thing} on {day}, {number} years after it was opened.",
    "The {office}, {person}, denied on {day} that the council had {deed}.",
    "“Not one krone is missing from the {thing},” {person} told reporters in {town}.",
    "Two officials, who asked not to be named, said the {office} had {deed}.",
    "A spokesman for {person} declined to comment on the {thing}.",
    "It was not clear when the {thing} would be repaired.",
    "According to a report seen by this newspaper, the work on the {thing} will cost {number} million kroner, twice as "
    "much as {town} had been told when the council voted for it.",
    '{person} rejected the claim that anyone in {town} had {deed}, calling it "an invention".',
    "Who will pay for the {thing}?",
    "The {office} said the council had never {deed}, and that {number} pages of minutes would show it.",
    "Prices in {town} rose by {number} per cent in the year to {day}.",
    "One person familiar with the talks said that {person} would step down.",
    "{person} has reportedly hired a lawyer.",
    "Rain is expected over {town} until {day}, and the {thing} may stay shut.",
)

SCHEMA = pa.schema(
    {
        "url": pa.string(),
        "body": pa.string(),
        "outlet": pa.string(),
        "published": pa.date32(),
        "fetched": pa.timestamp("us", "UTC"),
        "edition": pa.int32(),
        "price": pa.decimal128(6, 2),
        "is_paid": pa.bool_(),
        "tags": pa.list_(pa.string()),
        "source": pa.string(),
    }
)


def sentence(random: Random) -> str:
    return random.choice(PATTERNS).format(
        person=random.choice(PEOPLE),
        office=random.choice(OFFICES),
        town=random.choice(TOWNS),
        thing=random.choice(THINGS),
        deed=random.choice(DEEDS),
        day=random.choice(DAYS),
        number=random.randint(2, 400),
    )


def document(number: int, sentences: int) -> dict:
    """A story of so many sentences, in paragraphs of three, with columns of many types, some of them null."""
    random = Random(number)
    told = [sentence(random) for _ in range(sentences)]
    paragraphs = [" ".join(told[start : start + 3]) for start in range(0, sentences, 3)]
    return {
        "url": f"https://news.example/{number:06}",
        "body": "\n\n".join(paragraphs),
        "outlet": OUTLETS[number % len(OUTLETS)],
        "published": datetime.date(2024, 1, 1) + datetime.timedelta(days=number % 366),
        "fetched": datetime.datetime(2024, 6, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=number * 1001),
        "edition": number % 5 or None,
        "price": None if number % 7 == 0 else Decimal(number % 1000) / 4,
        "is_paid": number % 2 == 0,
        "tags": [f"tag-{tag}" for tag in range(number % 4)] or None,
        "source": f"wire {number % 9}",
    }


def write_corpus(folder: Path, documents: list[dict], files: int) -> None:
    """Writes `documents` to so many Parquet files of equal length, which sorted by name have them in order."""
    folder.mkdir(parents=True)
    for file in range(files):
        part = documents[file * len(documents) // files : (file + 1) * len(documents) // files]
        pq.write_table(pa.Table.from_pylist(part, SCHEMA), folder / f"stories-{file:03}.parquet")
