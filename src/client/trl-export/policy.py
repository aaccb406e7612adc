"""Sampling from the model in training, with its adapter on or off, and the logits that its base answers with."""
import contextlib

import torch
from transformers import GenerationConfig
from trl.trainer.utils import pad


class Policy:
    """
    `trainer`: its model, or its vLLM if it has one, is sampled from; `rows_per_forward`: most prompts of one batch.

    Without vLLM every process works on its own. With it, `sample` is collective: all processes call it equally often.
    """

    def __init__(self, trainer, tokenizer, rows_per_forward=16):
        self.trainer, self.rows = trainer, rows_per_forward
        self.pad_id = tokenizer.pad_token_id
        # Any control token ends an utterance, not only the end of a turn: none of them is a word.
        self.stop_ids = sorted({*trainer.eos_token_ids, *tokenizer.all_special_ids})

    def any_process(self, count):
        """Whether a count is above 0 in any process; without vLLM, in this one."""
        return max(self._counts(count)) > 0

    def _counts(self, count):
        if not self.trainer.use_vllm:
            return [count]
        accelerator = self.trainer.accelerator
        return accelerator.gather(torch.tensor([count], device=accelerator.device)).tolist()

    @contextlib.contextmanager
    def _model(self, adapter):
        """The bare model in evaluation mode: no dropout, and a cache, which checkpointing forbids in training."""
        model = self.trainer.accelerator.unwrap_model(self.trainer.model)
        was_training = model.training
        model.eval()
        try:
            off = contextlib.nullcontext() if adapter == "on" else model.disable_adapter()
            with torch.no_grad(), off, self.trainer.accelerator.autocast():
                yield model
        finally:
            model.train(was_training)

    def sample(self, prompts, max_tokens, temperature, top_p, adapter="on"):
        """One continuation of each prompt [ids], its stop token included; at least one token, at most `max_tokens`."""
        if self.trainer.use_vllm and adapter == "on":
            found = self._sample_vllm(prompts, max_tokens, temperature, top_p)
        else:
            found = []
            for start in range(0, len(prompts), self.rows):
                found += self._sample_model(prompts[start : start + self.rows], max_tokens, temperature, top_p, adapter)
        return [self._until_stop(ids) for ids in found]

    def _until_stop(self, ids):
        end = next((place for place, token in enumerate(ids) if token in self.stop_ids), len(ids))
        return ids[: end + 1]

    def _sample_model(self, prompts, max_tokens, temperature, top_p, adapter):
        chance = {"do_sample": False}
        if temperature > 0:
            chance = {"do_sample": True, "temperature": temperature, "top_p": top_p}
        # What is not named here would come from the model's own generation_config.json.
        config = GenerationConfig(
            **chance,
            top_k=0,
            repetition_penalty=1.0,
            max_new_tokens=max_tokens,
            eos_token_id=self.stop_ids,
            pad_token_id=self.pad_id,
            disable_compile=True,
        )
        ids, mask = self._padded(prompts)
        with self._model(adapter) as model:
            out = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
        return out[:, ids.size(1) :].tolist()

    def _sample_vllm(self, prompts, max_tokens, temperature, top_p):
        # TRL hands vLLM's answers back by position: every process has to bring equally many prompts.
        count = max(self._counts(len(prompts)))
        if count == 0:
            return []
        trainer, vllm = self.trainer, self.trainer.vllm_generation
        if trainer.state.global_step != trainer._last_loaded_step:
            vllm.sync_weights()
            trainer._last_loaded_step = trainer.state.global_step
        vllm.temperature, vllm.top_p, vllm.max_completion_length = temperature, top_p, max_tokens
        vllm.generation_kwargs = {**vllm.generation_kwargs, "stop_token_ids": self.stop_ids}
        filled = prompts + [self.stop_ids[:1]] * (count - len(prompts))
        _, found, _, _ = vllm.generate(prompts=filled, images=None, num_generations=1)
        return [list(ids) for ids in found[: len(prompts)]]

    def base_logits(self, prompts, token_ids):
        """[prompts, token_ids] raw logits of the next token, adapter off."""
        found = []
        for start in range(0, len(prompts), self.rows):
            ids, mask = self._padded(prompts[start : start + self.rows])
            positions = (mask.cumsum(1) - 1).clamp(min=0)
            with self._model("off") as model:
                logits = model(input_ids=ids, attention_mask=mask, position_ids=positions, logits_to_keep=1).logits
            found += logits[:, -1, token_ids].float().tolist()
        return found

    def _padded(self, prompts):
        device = self.trainer.accelerator.device
        ids = [torch.tensor(prompt, device=device) for prompt in prompts]
        mask = [torch.ones_like(prompt) for prompt in ids]
        return pad(ids, padding_value=self.pad_id, padding_side="left"), pad(mask, padding_value=0, padding_side="left")
