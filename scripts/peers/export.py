"""Writes the checkpoint in the form that each engine reads.

    exports/model.onnx          f32                        ONNX Runtime, OpenVINO
    exports/model.int8.onnx     int8 weights, dynamic      ONNX Runtime
    exports/openvino.int8/      int8, static activations   OpenVINO
    exports/ctranslate2/        f32, quantized on loading  CTranslate2
    exports/heads.npz           heads                      CTranslate2

PyTorch reads the bundle itself. Nothing is written again while the bundle and this file stay the same.
"""

import argparse
import hashlib
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import torch

from . import machine
from .hugging_face import hugging_face_bert, hugging_face_form
from .labels import READ_AXES
from .texts import read_sentences
from .tokens import SentenceTokenizer, pad

CALIBRATION_SENTENCES = 300


def export_onnx(bundle: Path, exports: Path) -> None:
    """f32 and, by ONNX Runtime's own tool, int8 per channel.

    Without VNNI the int8 kernels add two products in 16 bits and would saturate; `reduce_range` then keeps the
    weights to 7 bits. The offline optimizer `onnxruntime.transformers` is left out: its fused attention was slower
    than what the session makes of the plain graph.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    ids = torch.randint(1000, 30000, (3, 17))
    mask = torch.ones_like(ids)
    mask[0, 9:] = 0
    axes = {0: "batch", 1: "length"}
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.onnx.export(
        hugging_face_form(bundle),
        (ids, mask),
        str(exports / "model.onnx"),
        input_names=["ids", "mask"],
        output_names=list(READ_AXES),
        dynamic_axes={"ids": axes, "mask": axes},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        exports / "model.onnx",
        exports / "model.int8.onnx",
        per_channel=True,
        reduce_range=not machine.has_vnni(),
        weight_type=QuantType.QInt8,
    )


def export_openvino(bundle: Path, exports: Path, sentences: list[str]) -> None:
    """int8 by NNCF, whose activation ranges are fixed beforehand on `sentences`."""
    import nncf
    import openvino

    tokenizer = SentenceTokenizer(bundle)
    windows = [pad([ids]) for ids in tokenizer.encode(sentences)]
    quantized = nncf.quantize(
        openvino.convert_model(exports / "model.onnx"),
        nncf.Dataset(windows, lambda window: {"ids": window[0], "mask": window[1]}),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(windows),
    )
    openvino.save_model(quantized, exports / "openvino.int8" / "model.xml", compress_to_fp16=False)


def export_ctranslate2(bundle: Path, exports: Path) -> None:
    """Through a folder as transformers writes it, which is what the converter reads."""
    from ctranslate2.converters import TransformersConverter
    from transformers import PreTrainedTokenizerFast

    folder = exports / "hugging-face"
    hugging_face_bert(bundle).save_pretrained(folder)
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "cls", "sep", "pad", "mask")}
    PreTrainedTokenizerFast(tokenizer_file=str(bundle / "tokenizer.json"), **special).save_pretrained(folder)
    TransformersConverter(str(folder)).convert(str(exports / "ctranslate2"), force=True)
    shutil.rmtree(folder)
    heads = hugging_face_form(bundle).heads.state_dict()
    np.savez(exports / "heads.npz", **{name: value.numpy() for name, value in heads.items()})


def fingerprint(bundle: Path) -> str:
    files = [bundle / name for name in ("model.safetensors", "config.json", "tokenizer.json")]
    here = Path(__file__).parent
    files += [here / name for name in ("export.py", "torch_model.py", "hugging_face.py", "requirements.txt")]
    return json.dumps([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--exports", type=Path, required=True)
    parser.add_argument("--sentences", type=Path, nargs="+", required=True, help="for fixing int8 ranges")
    arguments = parser.parse_args()

    stamp, wanted = arguments.exports / "exported.json", fingerprint(arguments.bundle)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(arguments.exports, ignore_errors=True)
    arguments.exports.mkdir(parents=True)
    export_onnx(arguments.bundle, arguments.exports)
    sentences = read_sentences(tuple(arguments.sentences), CALIBRATION_SENTENCES)
    export_openvino(arguments.bundle, arguments.exports, sentences)
    export_ctranslate2(arguments.bundle, arguments.exports)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
