"""Photo and prompt go through the model once for all answers to them (`share_prefix`).

Log-probabilities and gradients are those of separate answers, but for the order in which floats
are added and for dropout, which is drawn once for the prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from trl.trainer.utils import (
    split_pixel_values_by_grid,
    split_tensor_dict,
    unsplit_pixel_values_by_grid,
)

from geoagent_training.trainers.branch_attention import use_branch_attention
from geoagent_training.trainers.packed_groups import (
    PackedGroup,
    pack_batch,
    pack_group,
    unpack_scores,
)


class SharedPrefix:
    """Mixed into TRL's trainer between its batches and the model."""

    args: Any
    accelerator: Any
    model: Any
    ref_model: Any
    num_generations: int
    num_iterations: int
    _step: int
    _buffered_inputs: Any

    shares_prefix: bool = False
    """Whether answers share their prompt; one answer alone goes the same way."""

    def share_prefixes(self) -> None:
        """Let answers share their prompt from now on."""
        for model in (self.model, self.ref_model):
            if model is not None:
                use_branch_attention(self.accelerator.unwrap_model(model))
        self.shares_prefix = True

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        """Return one micro-batch, as TRL does, but shuffled by groups: a group stays together."""
        if not (self.shares_prefix and self.model.training):
            return super()._prepare_inputs(generation_batch)  # type: ignore[misc]
        steps = self.args.steps_per_generation
        if self._step % (steps * self.num_iterations) == 0 or self._buffered_inputs is None:
            made = self._generate_and_score_completions(generation_batch)
            rows = split_pixel_values_by_grid(made)
            block = min(self.num_generations, self.args.per_device_train_batch_size)
            parts = split_tensor_dict(_shuffle_blocks(rows, block), steps)
            self._buffered_inputs = [unsplit_pixel_values_by_grid(part) for part in parts]
        return self._buffered_inputs[self._step % steps]

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        return super()._generate_and_score_completions(inputs)  # type: ignore[misc]

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: Any,
        attention_mask: Any,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **options: Any,
    ) -> Any:
        """Return log-probabilities and entropies as TRL does, [answers, logits_to_keep]."""
        answers = _Answers.of(input_ids, attention_mask, logits_to_keep, options)
        if not self.shares_prefix or answers is None:
            return super()._get_per_token_logps_and_entropies(  # type: ignore[misc]
                model, input_ids, attention_mask, logits_to_keep, batch_size,
                compute_entropy=compute_entropy, **options,
            )  # fmt: skip
        size = batch_size or len(input_ids)
        parts = [
            self._score_together(model, answers, range(first, min(first + size, len(input_ids))))
            for first in range(0, len(input_ids), size)
        ]
        scores, entropies = (torch.cat(column) for column in zip(*parts, strict=True))
        return scores, entropies if compute_entropy else None, None

    def _score_together(self, model: Any, answers: "_Answers", rows: range) -> tuple[Any, Any]:
        """Return log-probabilities and entropies of some answers, in their order."""
        whole = self.accelerator.unwrap_model(model)
        base = whole.get_base_model() if hasattr(whole, "get_base_model") else whole
        together = answers.by_prompt(rows)
        groups = [answers.pack(base, members) for members in together]
        batch = pack_batch(groups, base.config.get_text_config().pad_token_id or 0)
        with self.accelerator.autocast():
            made = model(
                input_ids=batch.ids,
                branches=batch.branches,
                position_ids=batch.positions,
                shift_labels=batch.labels,
                fused_lm_head=True,
                **answers.photos([members[0] for members in together]),
            )
        order = torch.tensor([row for members in together for row in members])
        places = order.argsort().to(batch.ids.device)
        scores = unpack_scores(made.log_probs, groups, answers.width)[places]
        if made.entropy is None:  # of a reference model, which is never asked for it
            return scores, torch.zeros_like(scores)
        return scores, unpack_scores(made.entropy, groups, answers.width)[places]


@dataclass(frozen=True, slots=True)
class _Answers:
    """A batch of answers as TRL hands it over, with the photos of each."""

    ids: Any
    mask: Any
    kinds: Any
    width: int
    pixels: Sequence[Any]
    grids: Sequence[Any]

    @classmethod
    def of(cls, ids: Any, mask: Any, width: int, options: dict[str, Any]) -> "_Answers | None":
        """Return the answers, or None where their model is not one that can share a prompt."""
        known = {"pixel_values", "image_grid_thw", "num_images", "mm_token_type_ids"}
        if any(value is not None and value is not False and name not in known
               for name, value in options.items()):  # fmt: skip
            return None
        pixels, grids = [None] * len(ids), [None] * len(ids)
        if options.get("pixel_values") is not None:
            parts = split_pixel_values_by_grid(
                {name: options[name] for name in ("pixel_values", "image_grid_thw", "num_images")}
            )
            pixels, grids = parts["pixel_values"], parts["image_grid_thw"]
        return cls(ids, mask.bool(), options.get("mm_token_type_ids"), width, pixels, grids)

    def prompt(self, row: int) -> Any:
        """Return the ids of a prompt, unpadded."""
        return self.ids[row, : -self.width][self.mask[row, : -self.width]]

    def by_prompt(self, rows: Sequence[int]) -> list[list[int]]:
        """Return rows whose prompts and photos are the same together."""
        groups: dict[tuple[int, ...], list[list[int]]] = {}
        for row in rows:
            alike = groups.setdefault(tuple(self.prompt(row).tolist()), [])
            for members in alike:
                if self._same_photos(members[0], row):
                    members.append(row)
                    break
            else:
                alike.append([row])
        return [members for alike in groups.values() for members in alike]

    def _same_photos(self, one: int, other: int) -> bool:
        pairs = ((values[one], values[other]) for values in (self.grids, self.pixels))
        return all(a is b or torch.equal(a, b) for a, b in pairs)

    def pack(self, base: Any, rows: Sequence[int]) -> PackedGroup:
        """Return answers behind the prompt that they share."""
        prompt = self.prompt(rows[0])
        answers = [self.ids[row, -self.width :][self.mask[row, -self.width :]] for row in rows]
        return pack_group(prompt, answers, self._positions(base, prompt, rows[0]))

    def _positions(self, base: Any, prompt: Any, row: int) -> Any:
        """Return the places of a prompt's tokens, [3, P], as the model itself counts them."""
        if self.kinds is None or self.grids[row] is None:
            return torch.arange(len(prompt), device=prompt.device).expand(3, -1)
        kinds = self.kinds[row, : -self.width][self.mask[row, : -self.width]]
        places, _ = base.model.get_rope_index(
            prompt[None], mm_token_type_ids=kinds[None], image_grid_thw=self.grids[row]
        )
        return places[:, 0]

    def photos(self, rows: Sequence[int]) -> dict[str, Any]:
        """Return the model's arguments for the photos of some rows."""
        pixels = [self.pixels[row] for row in rows if self.pixels[row] is not None]
        grids = [self.grids[row] for row in rows if self.grids[row] is not None]
        if not sum(map(len, pixels)):
            return {}
        return {"pixel_values": torch.cat(pixels), "image_grid_thw": torch.cat(grids)}


def _shuffle_blocks(rows: dict[str, Any], block: int) -> dict[str, Any]:
    """Return rows in a random order of blocks; the rows of a block stay beside each other."""
    count = len(next(value for value in rows.values() if value is not None))
    blocks = torch.randperm(count // block)
    order = (blocks[:, None] * block + torch.arange(block)).flatten()
    return {name: _taken(value, order) for name, value in rows.items()}


def _taken(value: Any, order: Any) -> Any:
    if value is None or (isinstance(value, torch.Tensor) and value.ndim == 0):
        return value
    if isinstance(value, torch.Tensor):
        return value[order.to(value.device)]
    return [value[int(row)] for row in order]
