"""Names that the provider makes up: the logical name, with 8 hex digits that follow from the engine's random seed.

Source: azure-native `getDefaultName`, pulumi/pulumi `sdk/go/common/resource/resource_id.go` (`NewUniqueName`), and the
random generators under it: Go's `math/rand/v2` ChaCha8 since azure-native 2.90, frand's ChaCha12 up to 2.76.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import count, islice
from uuid import UUID

_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
_MASK = 0xFFFFFFFF
_KEY_WORDS = range(4, 12)
_QUARTERS = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)

Generator = Callable[[bytes], Iterator[int]]


class Autonaming(Enum):
    """What the engine's `pulumi:autonaming` setting asks of the provider."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


@dataclass(frozen=True)
class NameRequest:
    """All that a made-up name depends on. `mode` None: the engine leaves naming to the provider."""

    logical_name: str
    random_seed: bytes
    mode: Autonaming | None = None
    proposed: str = ""


def default_name(strategy: str, request: NameRequest) -> tuple[str, bool] | None:
    """(name, is it random), or None where the engine forbids making one up. `strategy`: random, copy or uuid.

    A random name allows a replacement to be created before the old resource is deleted.
    """
    if request.mode is Autonaming.DISABLE:
        return None
    if request.mode is Autonaming.ENFORCE or (request.mode is Autonaming.PROPOSE and strategy != "uuid"):
        return request.proposed, True
    if strategy == "random":
        return request.logical_name + hex_digits(request.random_seed, 8), True
    if strategy == "uuid":
        return str(UUID(hex_digits(request.random_seed, 32))), True
    return request.logical_name, False


def hex_digits(seed: bytes, number: int, generator: Generator | None = None) -> str:
    """`number` (at most 32) hex digits that follow from the seed; without a seed they are truly random."""
    if not seed:
        return secrets.token_hex(16)[:number]
    numbers = (generator or chacha8)(hashlib.sha256(seed).digest())
    return "".join(f"{value % 16:x}" for value in islice(numbers, number))


def chacha8(key: bytes) -> Iterator[int]:
    """The first 32 numbers of 64 bits of Go's `rand.NewChaCha8(key)`: four blocks interleaved word by word."""
    start = _state(key)
    blocks = []
    for number in range(4):
        words = _rounds([*start[:12], number, 0, 0, 0], 8)
        for index in _KEY_WORDS:
            words[index] = (words[index] + start[index]) & _MASK
        blocks.append(words)
    flat = [block[word] for word in range(16) for block in blocks]
    for low, high in zip(flat[::2], flat[1::2], strict=True):
        yield low | high << 32


def chacha12(key: bytes) -> Iterator[int]:
    """Numbers of frand's generator: the ChaCha12 key stream with a zero nonce, from byte 32 on."""
    start = _state(key)
    for number in count():
        state = [*start[:12], number, 0, 0, 0]
        words = [(word + base) & _MASK for word, base in zip(_rounds(state, 12), state, strict=True)]
        numbers = struct.unpack("<8Q", struct.pack("<16I", *words))
        yield from numbers[4:] if number == 0 else numbers


def _state(key: bytes) -> list[int]:
    return [*_CONSTANTS, *struct.unpack("<8I", key), 0, 0, 0, 0]


def _rounds(state: list[int], rounds: int) -> list[int]:
    words = list(state)
    for _ in range(rounds // 2):
        for quarter in _QUARTERS:
            _quarter_round(words, *quarter)
    return words


def _quarter_round(words: list[int], a: int, b: int, c: int, d: int) -> None:
    for target, source, mixed, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        words[target] = (words[target] + words[source]) & _MASK
        turned = words[mixed] ^ words[target]
        words[mixed] = (turned << turn | turned >> 32 - turn) & _MASK
