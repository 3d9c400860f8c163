"""Trains one model to answer as a larger one does, or as the mean of several does.

The student starts from a run of its own and sees the labelled excerpts, where it learns from the labels and the
teachers, and excerpts of unlabelled news, where it learns from the teachers alone (Hinton, Vinyals and Dean 2015,
"Distilling the Knowledge in a Neural Network"). It keeps the held-out fold of its start, which must be the teachers'
too. Windows are cut once; the teachers' answers, the costly part, come first and are kept in `answers.pt` for all
epochs. An interrupted run goes on where it was: after its last hundred answers, or after its last epoch. Other runs
can take them from `known.safetensors`, by the window.

With `--articles` it also sees articles in which people marked sources, cues and contents: there it learns to tag
tokens, and answers as the teachers do. A run that starts from a distilled one, with that one as its teacher, thus
learns to tag and forgets nothing.
"""

import argparse
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from .answers import Answers, keep, known, recall
from .checkpoint import load_checkpoint
from .data import Batch, Excerpt, batches, load_tokenizer, read_gold, read_unlabelled, windows_of
from .evaluate import predict, summarize
from .labels import AXES
from .model import HAS_BF16, Classifier, fast_precision
from .spans import agreement, found_spans, loss_of_tags, read_articles
from .train import loss_of, mask_tokens, parameter_groups, save
from .windows import WindowConfig

AXIS_WEIGHTS = {"stance": 1.0, "attribution": 1.0, "anonymity": 0.3}


@dataclass
class Lesson:
    """A batch, and what people know of it."""

    batch: Batch
    gold_weight: float = 0.0
    """How much its labels count beside what the teachers say; 0 where it has none."""
    tagged: bool = False


def load_teachers(runs: list[Path]) -> list[Classifier]:
    teachers = [load_checkpoint(run).model for run in runs]
    for teacher in teachers if HAS_BF16 else []:
        for module in teacher.bert.modules():
            if isinstance(module, torch.nn.Linear):
                module.bfloat16()  # as autocast would at every call
    return teachers


def teach(teachers: list[Classifier], batch: Batch) -> Answers:
    """The mean of the teachers' logits."""
    with torch.no_grad(), fast_precision():
        answers = [teacher(batch.ids, batch.lengths, batch.spans) for teacher in teachers]
    return {axis: torch.stack([answer[axis] for answer in answers]).mean(0) for axis in AXES}


def ask(runs: list[Path], lessons: list[Lesson], path: Path, before: dict[int, Tensor]) -> list[Answers]:
    """The teachers' answers to all lessons, none where labels alone count; kept in `path`, which may hold the first of
    them already. What is known from `before` is not asked again."""
    questions = [lesson.batch if lesson.gold_weight < 1 else None for lesson in lessons]
    answers: list[Answers] = torch.load(path) if path.exists() else []
    teachers: list[Classifier] = []
    began = time.time()
    for batch in questions[len(answers) :]:
        answer = recall(before, batch) if batch else {}
        if batch and answer is None:
            teachers = teachers or load_teachers(runs)
            answer = teach(teachers, batch)
        answers.append(answer or {})
        if len(answers) % 100 == 0 or len(answers) == len(questions):
            save(answers, path)
            print(f"{len(answers)}/{len(questions)} answers {time.time() - began:.0f} s", flush=True)
    sentences = [sum(len(example.targets) for example in batch.examples) if batch else 0 for batch in questions]
    if [len(answer.get("stance", ())) for answer in answers] != sentences:
        raise ValueError(f"{path} answers other questions: remove it")
    return answers


def divergence(student: Answers, teacher: Answers, temperature: float) -> Tensor:
    """Kullback-Leibler divergence from the teachers, summed over axes, scaled as gradients of a temperature need."""
    total = torch.zeros(())
    for axis, weight in AXIS_WEIGHTS.items():
        own = (student[axis] / temperature).log_softmax(-1)
        target = (teacher[axis] / temperature).log_softmax(-1)
        total = total + weight * F.kl_div(own, target, log_target=True, reduction="batchmean")
    return total * temperature**2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="folders that train wrote")
    parser.add_argument(
        "--start", type=Path, required=True, help="run whose weights and held-out fold the student takes"
    )
    parser.add_argument("--known", type=Path, help="answers of the teachers to some windows, which a run kept")
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--unlabelled", type=Path, help="rows that `sayso label --format jsonl` wrote")
    parser.add_argument("--unlabelled-sentences", type=int, default=40_000)
    parser.add_argument(
        "--articles", type=Path, nargs=2, metavar=("FILE", "ROWS"), help="marked articles, and `sayso label` of them"
    )
    parser.add_argument("--articles-share", type=float, default=1.0, help="share of the marked articles to use")
    parser.add_argument("--dev-articles", type=Path, nargs=2, metavar=("FILE", "ROWS"))
    parser.add_argument("--tag-weight", type=float, default=2.0)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--rate-decay", type=float, default=0.9)
    parser.add_argument("--gold-weight", type=float, default=0.3)
    parser.add_argument(
        "--extended", type=Path, nargs="+", default=[], help="excerpts that teachers know badly: labels alone count"
    )
    parser.add_argument("--temperature", type=float, default=1.5)
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    windows, tokenizer = WindowConfig(), load_tokenizer(arguments.base)
    start = load_checkpoint(arguments.start)
    student, fold = start.model, start.fold
    tagging = student.tags is not None or arguments.articles is not None
    student = Classifier(student.config, dropout=0.1, pooling=student.pooling, tagging=tagging)
    student.load_state_dict(student.state_dict() | start.model.state_dict())
    everything = [excerpt for path in arguments.train for excerpt in read_gold(path, tokenizer)]
    train = [excerpt for excerpt in everything if excerpt.fold() != fold]
    held_out = [excerpt for excerpt in everything if excerpt.fold() == fold]
    dev = read_gold(arguments.dev, tokenizer)
    extra = []
    if arguments.unlabelled:
        extra = read_unlabelled(arguments.unlabelled, tokenizer, arguments.unlabelled_sentences, arguments.seed)

    rng = random.Random(arguments.seed)

    def cut(excerpts: list[Excerpt]) -> list[Batch]:
        return batches(windows_of(excerpts, windows, rng), arguments.batch_tokens, rng)

    mixed = [Lesson(batch, arguments.gold_weight) for batch in cut(train)] + [Lesson(batch) for batch in cut(extra)]
    if arguments.articles:
        articles = [article.excerpt for article in read_articles(*arguments.articles, tokenizer)]
        articles = [excerpt for excerpt in articles if excerpt.place() < arguments.articles_share]
        mixed += [Lesson(batch, tagged=True) for batch in cut(articles)]
    extended = [excerpt for path in arguments.extended for excerpt in read_gold(path, tokenizer)]
    extended = [excerpt for excerpt in extended if excerpt.fold() != fold]
    mixed += [Lesson(batch, gold_weight=1.0) for batch in cut(extended)]
    dev_articles = read_articles(*arguments.dev_articles, tokenizer) if arguments.dev_articles else []
    before = known(arguments.known) if arguments.known else {}
    answers = ask(arguments.teachers, mixed, arguments.out / "answers.pt", before)
    keep([lesson.batch for lesson in mixed], answers, arguments.out / "known.safetensors")
    total = arguments.epochs * len(mixed)
    warm_up = max(1, total // 20)
    average = {name: value.clone() for name, value in student.state_dict().items()}
    optimizer = torch.optim.AdamW(
        parameter_groups(student, arguments.rate, arguments.rate_decay),
        weight_decay=0.01,
        betas=(0.9, 0.98),
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, 0.02 + 0.49 * (1 + math.cos(math.pi * step / total)))
    )
    print(f"{len(train)} labelled excerpts, {len(extended)} more, {len(extra)} unlabelled, {total} steps", flush=True)
    step, epoch, state_file = 0, 0, arguments.out / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, weights_only=False)
        student.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        average, step, epoch = state["average"], state["step"], state["epoch"]
    began, smooth = time.time(), 0.0
    while epoch < arguments.epochs:
        student.train()
        order = list(range(len(mixed)))
        random.Random(f"{arguments.seed}/{epoch}").shuffle(order)
        for number in order:
            lesson, target = mixed[number], answers[number]
            batch = lesson.batch
            with fast_precision():
                states = student.bert(mask_tokens(batch.ids, 0.05), batch.lengths)
                logits = student.read(states, batch.spans)
            loss = torch.zeros(())
            if target:
                loss = (1 - lesson.gold_weight) * divergence(logits, target, arguments.temperature)
            if lesson.gold_weight:
                loss = loss + lesson.gold_weight * loss_of(logits, batch, 0.5)
            if lesson.tagged:
                loss = loss + arguments.tag_weight * loss_of_tags(student.tag(states), batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            with torch.no_grad():
                momentum = min(0.999, step / (step + 10.0))
                torch._foreach_lerp_(list(average.values()), list(student.state_dict().values()), 1 - momentum)
            smooth = 0.98 * smooth + 0.02 * loss.item() if smooth else loss.item()
            if step % 50 == 0:
                print(f"{step}/{total} loss {smooth:.3f} {time.time() - began:.0f} s", flush=True)
        epoch += 1
        averaged = Classifier(student.config, pooling=student.pooling, tagging=tagging)
        averaged.load_state_dict(average)
        for name, excerpts in (("held-out", held_out), ("dev", dev)):
            figures = summarize(excerpts, predict(averaged, excerpts, windows))
            print("EVAL", epoch, name, json.dumps(figures), flush=True)
        if tagging and dev_articles:
            print("SPANS", epoch, json.dumps(agreement(dev_articles, found_spans(averaged, dev_articles, windows))))
        saved = {"model": average, "config": vars(student.config), "pooling": student.pooling, "fold": fold}
        save(saved, arguments.out / "model.pt")
        # Last, because a run that goes on takes an epoch in it for one whose model is saved.
        state = {"model": student.state_dict(), "optimizer": optimizer.state_dict(), "average": average}
        state |= {"schedule": schedule.state_dict(), "step": step, "epoch": epoch}
        save(state, state_file)


if __name__ == "__main__":
    main()
