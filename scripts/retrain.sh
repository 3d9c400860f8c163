#!/usr/bin/env bash
# Retrains the default model: DATA_DIR holds the labelled text (see README.md, "Data"), everything made on the way goes to
# WORK_DIR. Run it again after an interruption: what is finished is kept, and training continues after its last epoch.
#
# VERSION  version of the new model; by default one more than that of models/default
# BUNDLE   folder to write the model into; by default models/default, and then figures.sh makes its card too
# READINGS no: do without readings.tsv and lessons.jsonl. The first belongs to one train.jsonl, corpus/ and polnear/
set -euo pipefail
data=${1:?usage: retrain.sh DATA_DIR WORK_DIR}
work=${2:?usage: retrain.sh DATA_DIR WORK_DIR}
mkdir -p "$work"
data=$(realpath "$data") work=$(realpath "$work")
cd "$(dirname "$0")"
bundle=$(realpath -m "${BUNDLE:-../models/default}")
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

if [[ ! -f $work/venv/done ]]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --requirement requirements.txt
    touch "$work/venv/done"
fi
PATH=$work/venv/bin:$PATH
if [[ -n ${VERSION:-} || ! -f $work/version ]]; then
    python3 -c 'import json, os, pathlib, sys
path = pathlib.Path(sys.argv[1], "config.json")
print(os.environ.get("VERSION") or (int(json.loads(path.read_text())["version"]) + 1 if path.exists() else 1))' \
        "$bundle" >"$work/version"
fi
version=$(<"$work/version")

./fetch_base.sh "$work/base"
train=("$data/sentences/train.jsonl")
if [[ -f $data/fictional/contrast.jsonl ]]; then
    train+=("$data/fictional/contrast.jsonl")
fi

# All runs hold out the same articles, so that probabilities and decisions are fitted on text that nobody has seen.
data_options=(--train "${train[@]}" --dev "$data/sentences/dev.jsonl")
python3 -m sayso_train.train --base "$work/base" "${data_options[@]}" --out "$work/start" --seed 2 --fold 1 --epochs 3 \
    --resume | tee -a "$work/start.log"

# The teacher: eight times the student's arithmetic, and good enough after one epoch.
./fetch_teacher.sh "$work/teacher-base" "$work/base"
python3 -m sayso_train.train --base "$work/teacher-base" "${data_options[@]}" --out "$work/teacher" --seed 3 --fold 1 \
    --epochs 1 --rate 6e-5 --rate-decay 0.92 --resume | tee -a "$work/teacher.log"

# The program splits the corpus into sentences and guesses where the rare answers are.
unlabelled=()
if [[ -d $data/corpus ]]; then
    if [[ ! -f $work/unlabelled.jsonl ]]; then
        # Status 1: some records are no articles.
        cargo run --quiet --release -- label "$data/corpus" --quiet --output "$work/unlabelled.jsonl" || (($? == 1))
    fi
    unlabelled=(--unlabelled "$work/unlabelled.jsonl")
fi
final=$work/student
if [[ ! -f $final/done ]]; then
    python3 -m sayso_train.distill --base "$work/base" --teachers "$work/teacher" --start "$work/start" \
        "${data_options[@]}" "${unlabelled[@]}" --out "$final" |
        tee "$final.log"
    touch "$final/done"
fi

# Then tags of tokens, from articles in which people marked sources, cues and contents; the answers stay its own.
articles=()
if [[ -d $data/polnear ]]; then
    for part in train dev; do
        if [[ ! -f $work/polnear-$part.jsonl ]]; then
            cargo run --quiet --release -- label "$data/polnear/$part.jsonl" --quiet --output "$work/polnear-$part.jsonl"
        fi
    done
    articles=(--dev-articles "$data/polnear/dev.jsonl" "$work/polnear-dev.jsonl")
    final=$work/tagging
    if [[ ! -f $final/done ]]; then
        python3 -m sayso_train.distill --base "$work/base" --teachers "$work/student" --start "$work/student" \
            "${data_options[@]}" --articles "$data/polnear/train.jsonl" "$work/polnear-train.jsonl" "${articles[@]}" \
            --epochs 5 --out "$final" |
            tee "$final.log"
        touch "$final/done"
    fi
fi

# Then what readers said of sentences that the model was torn about or contradicted, and invented lessons.
if ((${#unlabelled[@]} && ${#articles[@]})) && [[ ${READINGS:-} != no ]]; then
    python3 -m sayso_train.readings --train "$data/sentences/train.jsonl" \
        --rows "$work/unlabelled.jsonl" "$work/polnear-train.jsonl" \
        --corrected "$work/corrected.jsonl" --extended "$work/read.jsonl"
    train[0]=$work/corrected.jsonl
    final=$work/reading
    if [[ ! -f $final/done ]]; then
        python3 -m sayso_train.distill --base "$work/base" --teachers "$work/tagging" --start "$work/tagging" \
            --train "${train[@]}" --extended "$work/read.jsonl" lessons.jsonl --dev "$data/sentences/dev.jsonl" \
            --articles "$data/polnear/train.jsonl" "$work/polnear-train.jsonl" --articles-share 0.3 "${articles[@]}" \
            --gold-weight 0.7 --rate 1e-4 --epochs 3 --out "$final" |
            tee "$final.log"
        touch "$final/done"
    fi

    # The teacher learns more from all that than six layers do, and passes it on.
    python3 -m sayso_train.train --base "$work/teacher-base" --train "${train[@]}" "$work/read.jsonl" lessons.jsonl \
        --dev "$data/sentences/dev.jsonl" --out "$work/reader" --seed 3 --fold 1 --epochs 1 --rate 6e-5 \
        --rate-decay 0.92 --resume | tee -a "$work/reader.log"
    final=$work/taught
    if [[ ! -f $final/done ]]; then
        python3 -m sayso_train.distill --base "$work/base" --teachers "$work/reader" --start "$work/reading" \
            --train "${train[@]}" lessons.jsonl "${unlabelled[@]}" \
            --dev "$data/sentences/dev.jsonl" --articles "$data/polnear/train.jsonl" "$work/polnear-train.jsonl" \
            --articles-share 0.3 "${articles[@]}" --gold-weight 0.5 --rate 1.5e-4 --epochs 3 --out "$final" |
            tee "$final.log"
        python3 -m sayso_train.retag "$final" --base "$work/base" \
            --articles "$data/polnear/train.jsonl" "$work/polnear-train.jsonl"
        touch "$final/done"
    fi
fi

python3 -m sayso_train.calibrate "$final" --base "$work/base" --train "$data/sentences/train.jsonl" \
    --out "$work/calibration.json"
python3 -m sayso_train.export "$final" --base "$work/base" --calibration "$work/calibration.json" \
    --version "$version" --out "$bundle"
python3 -m sayso_train.quantize --bundle "$bundle" --calibration-text "$data/sentences/train.jsonl"
echo "$bundle: version $version"

if [[ $bundle == "$(realpath -m ../models/default)" ]]; then
    python3 -m sayso_train.golden --bundle "$bundle" --fixtures ../tests/fixtures
    if [[ $final == "$work/taught" && -f $data/fictional/contrast.jsonl ]]; then
        ./figures.sh "$data" "$work"
    else
        echo "No model card: its figures need all parts of $data, and the readings"
    fi
    echo "Now: UPDATE_README=1 cargo test --release --test readme; cargo test --release; an entry in models/CHANGELOG.md"
fi
