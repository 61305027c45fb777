"""What a step of training computes and sends, counted from the shape of a model.

A multiply and an add are two FLOPs. Counted are matrix products; norms, activations, rotations and
the optimiser are below one percent. LoRA trains the language model; the vision tower is frozen.
"""

from dataclasses import dataclass
from typing import Any, Self

BYTES_BF16 = 2
BYTES_FLOAT32 = 4
ADAM_STATES = 2


@dataclass(frozen=True, slots=True)
class Tower:
    """Layers of attention and a gated MLP, by the widths of their matrices."""

    layers: int
    width: int
    query_width: int
    key_width: int
    inner: int

    def matrices(self) -> list[tuple[int, int]]:
        """Return inputs and outputs of the linear maps of one layer."""
        attention = [(self.width, self.query_width), (self.query_width, self.width)]
        keys = [(self.width, self.key_width)] * 2
        return [*attention, *keys, *[(self.width, self.inner)] * 2, (self.inner, self.width)]

    def weights(self) -> int:
        """Return the weights of all layers."""
        return self.layers * sum(a * b for a, b in self.matrices())

    def adapter_weights(self, rank: int) -> int:
        """Return the weights of LoRA on every linear map."""
        return self.layers * rank * sum(a + b for a, b in self.matrices())

    def pass_flops(self, tokens: float, pairs: float, rank: int = 0) -> float:
        """Return the FLOPs of a pass; `pairs` are the pairs of tokens whose attention is taken."""
        linear = 2 * tokens * (self.weights() + self.adapter_weights(rank))
        return linear + 4 * pairs * self.query_width * self.layers


@dataclass(frozen=True, slots=True)
class Shape:
    """A Qwen2.5-VL by its widths."""

    text: Tower
    vision: Tower
    vocabulary: int
    tied: bool
    patch: int
    """Numbers in a patch: pixels of two frames of three colours."""
    merged: int
    """Patches that become one token."""
    whole_layers: int
    """Layers of the vision tower in which all patches see each other."""
    window: int
    """Patches that see each other in the rest."""

    @classmethod
    def of(cls, config: Any) -> Self:
        """Return the shape of a model's configuration."""
        text, vision = config.text_config, config.vision_config
        head = text.hidden_size // text.num_attention_heads
        side = vision.window_size // vision.patch_size
        return cls(
            Tower(text.num_hidden_layers, text.hidden_size, text.num_attention_heads * head,
                  text.num_key_value_heads * head, text.intermediate_size),
            Tower(vision.depth, vision.hidden_size, vision.hidden_size, vision.hidden_size,
                  vision.intermediate_size),
            text.vocab_size, bool(text.tie_word_embeddings),
            vision.in_channels * vision.temporal_patch_size * vision.patch_size**2,
            vision.spatial_merge_size**2, len(vision.fullatt_block_indexes), side * side,
        )  # fmt: skip

    def head_weights(self) -> int:
        """Return the weights that turn a state into scores of all tokens."""
        return self.vocabulary * self.text.width

    def all_weights(self) -> int:
        """Return the weights of the whole model, without adapters."""
        wide = self.vision.width * self.merged
        vision = self.vision.weights() + self.patch * self.vision.width
        merger = wide * wide + wide * self.text.width
        return self.text.weights() + self.head_weights() * (2 - self.tied) + vision + merger

    def photo_flops(self, photo_tokens: int) -> float:
        """Return the FLOPs of the vision tower for one photo."""
        patches, wide = photo_tokens * self.merged, self.vision.width * self.merged
        every = self.whole_layers * patches**2
        near = (self.vision.layers - self.whole_layers) * patches * min(self.window, patches)
        layers = 2 * patches * self.vision.weights() + 4 * (every + near) * self.vision.width
        around = 2 * patches * self.patch * self.vision.width
        return layers + around + 2 * photo_tokens * (wide * wide + wide * self.text.width)


QWEN_7B = Shape(
    Tower(28, 3584, 3584, 512, 18944), Tower(32, 1280, 1280, 1280, 3420),
    152_064, False, 1176, 4, 4, 64,
)  # fmt: skip
"""Qwen2.5-VL-7B-Instruct."""


@dataclass(frozen=True, slots=True)
class Group:
    """Answers to one photo, all of one length, and how they are sent through the model."""

    answers: int
    photo_tokens: int
    words: int
    """Tokens of the prompt beside the photo."""
    answer_tokens: int
    shared: bool

    @property
    def prompt(self) -> int:
        """Tokens of the prompt."""
        return self.photo_tokens + self.words

    @property
    def tokens(self) -> int:
        """Tokens of the language model in one pass."""
        if self.shared:
            return self.prompt - 1 + self.answers * self.answer_tokens
        return self.answers * (self.prompt + self.answer_tokens)

    @property
    def pairs(self) -> float:
        """Pairs of tokens whose attention is computed in one pass."""
        if not self.shared:
            return self.answers * (self.prompt + self.answer_tokens) ** 2 / 2
        behind = self.answer_tokens * (self.prompt + self.answer_tokens)  # masked ones too
        return self.prompt**2 / 2 + self.answers * behind

    @property
    def photos(self) -> int:
        """Passes of the vision tower."""
        return 1 if self.shared else self.answers

    @property
    def learned(self) -> int:
        """Tokens that are scored."""
        return self.answers * self.answer_tokens


def scoring_flops(shape: Shape, group: Group, rank: int) -> float:
    """Return the FLOPs of log-probabilities without gradients."""
    layers = shape.text.pass_flops(group.tokens, group.pairs, rank)
    head = 2 * group.learned * shape.head_weights()
    return layers + head + group.photos * shape.photo_flops(group.photo_tokens)


def learning_flops(shape: Shape, group: Group, rank: int, *, checkpointing: bool = True) -> float:
    """Return the FLOPs of a pass forward and backward in which adapters alone are trained.

    Backward: gradients of the states through every matrix, of the adapters' weights, and twice
    the attention; with checkpointing the layers forward once more. Scores are computed again.
    """
    forward = shape.text.pass_flops(group.tokens, group.pairs, rank)
    states = shape.text.pass_flops(group.tokens, 2 * group.pairs, rank)
    adapters = 2 * group.tokens * shape.text.adapter_weights(rank)
    head = 3 * 2 * group.learned * shape.head_weights()
    photos = group.photos * shape.photo_flops(group.photo_tokens)
    return forward * (1 + checkpointing) + states + adapters + head + photos


def sampling_flops(shape: Shape, group: Group) -> float:
    """Return the FLOPs of writing the answers; a sampler keeps the prompt and merges adapters."""
    read = shape.text.pass_flops(group.prompt, group.prompt**2 / 2)
    behind = group.answers * group.answer_tokens * (group.prompt + group.answer_tokens / 2)
    written = shape.text.pass_flops(group.learned, behind)
    head = 2 * group.learned * shape.head_weights()
    return read + written + head + shape.photo_flops(group.photo_tokens)


def ring_share(processes: int) -> float:
    """Return the share of a whole that a process sends to gather it from, or scatter it to, all."""
    return (processes - 1) / processes


def zero3_bytes(shape: Shape, passes: int, processes: int) -> float:
    """Return what a GPU sends for gathering the weights in every pass through the model.

    Args:
        shape: of the model, in bf16.
        passes: through it: one without gradients, two with (forward, and backward again; what
            checkpointing gathers once more is left out).
        processes: GPUs that share the weights.
    """
    return passes * BYTES_BF16 * shape.all_weights() * ring_share(processes)


def adapter_bytes(shape: Shape, rank: int, processes: int) -> float:
    """Return what a GPU sends to sum the adapters' gradients (float32) once."""
    return 2 * BYTES_FLOAT32 * shape.text.adapter_weights(rank) * ring_share(processes)


def held_bytes(shape: Shape, rank: int, processes: int, *, zero3: bool) -> float:
    """Return the bytes of weights, gradients and Adam's states that a GPU holds."""
    adapters = shape.text.adapter_weights(rank) * BYTES_FLOAT32 * (2 + ADAM_STATES)
    whole = BYTES_BF16 * shape.all_weights() + adapters
    return whole / processes if zero3 else whole
