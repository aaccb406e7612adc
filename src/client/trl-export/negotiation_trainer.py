"""TRL's GRPO trainer with dialogues in place of completions: one row to train on for each utterance.

TRL's own `rollout_func` must give one row per prompt, which fits neither truncated contexts nor two trained sides. So
`_generate_and_score_completions` and `_prepare_inputs`, which cuts its result, are overridden. The loss is TRL's own;
around it, `_compute_loss` lets processes have rows of different number. All three are private: requirements.txt pins
the release that this was written for.
"""
import contextlib

import torch
from accelerate.utils import gather_object
from trl import GRPOTrainer
from trl.trainer.utils import pad

from chat_prompts import ROLES, ChatPrompts
from judges import EndpointJudge, RuleAgreement, SelfJudge
from policy import Policy
from reward import collective_agency, group_advantages, nan_std, reward_of, zero_std_share
from rollout import negotiate

# Of these the sum over tokens is divided by the tokens of the whole batch, or of each group.
TOKEN_LOSSES = ("dapo", "cispo", "vespo")


class NegotiationTrainer(GRPOTrainer):
    """
    `config`, `prompts`: config.json and prompts.json.
    `judge`: {"kind": "self"} or {"kind": "endpoint", "url", "model"}.
    """

    def __init__(self, *args, config, prompts, judge, **options):
        super().__init__(*args, reward_funcs=[collective_agency], **options)
        if self.is_fsdp_enabled or self.is_deepspeed_enabled:
            raise ValueError("Sharded weights are not supported: dialogues are sampled from each process's own model.")
        self.config, self.negotiation = config, config["negotiation"]
        self.chat = ChatPrompts(prompts, self.negotiation, self.processing_class)
        self.policy = Policy(self, self.processing_class, config["rows_per_forward"])
        on_its_own = SelfJudge(self.policy, self.chat, self.negotiation)
        is_remote = judge["kind"] == "endpoint"
        self.judge = EndpointJudge(judge["url"], judge["model"], self.chat) if is_remote else on_its_own
        asked = {"rule": RuleAgreement(), "judge": self.judge, "model": on_its_own}
        self.agreement = asked[self.negotiation["agreement_by"]]
        speaks_with_adapter = [role for role in ROLES if self.negotiation["adapter_" + role] == "on"]
        self.trained_roles = [r for r in speaks_with_adapter if r == "agent1" or config["train_roles"] == "both"]

    def create_scheduler(self, num_training_steps, optimizer=None):
        """The schedule falls to 0 over `schedule_steps`, however many steps are run now."""
        return super().create_scheduler(self.config["schedule_steps"], optimizer)

    def _prepare_inputs(self, generation_batch):
        """
        One micro-batch. Negotiates when the last batch has been used up.

        TRL would shuffle the rows, cut them into equal parts and drop the rest; here the parts may differ by one row.
        """
        steps = self.args.steps_per_generation
        if self._step % (steps * self.num_iterations) == 0 or self._buffered_inputs is None:
            rows = self._generate_and_score_completions(generation_batch)
            count = rows["advantages"].size(0)
            ends = [part * count // steps for part in range(steps + 1)]
            self._buffered_inputs = [
                {key: value[begin:end] if value.ndim > 0 else value for key, value in rows.items()}
                for begin, end in zip(ends, ends[1:])
            ]
        return self._buffered_inputs[self._step % steps]

    def _compute_loss(self, model, inputs):
        """TRL's loss. Its clip ratios gather one number for each row; here processes have rows of different number."""
        accelerator = self.accelerator
        gather = accelerator.gather
        # TRL leaves NaN out of what it gathers here.
        accelerator.gather = lambda rows: gather(accelerator.pad_across_processes(rows, pad_index=torch.nan))
        try:
            return super()._compute_loss(model, inputs)
        finally:
            accelerator.gather = gather

    def _generate_and_score_completions(self, inputs):
        """
        Rows of all utterances that are trained, [rows]: "prompt_ids" and "prompt_mask" [rows, P] padded left,
        "completion_ids" and "completion_mask" [rows, C] padded right, "advantages" [rows], "num_items_in_batch" [].

        `inputs`: one task for each dialogue, groups in consecutive runs of `num_generations`.
        """
        dialogues = negotiate(inputs, self.negotiation, self.chat, self.policy, self.agreement, self.judge)
        advantages = self._score(inputs, dialogues)
        said = [
            (index, utterance)
            for index, dialogue in enumerate(dialogues)
            for utterance in dialogue.utterances
            if utterance.role in self.trained_roles
        ]
        rows = self._rows([utterance for _, utterance in said])
        of_dialogue = torch.tensor([index for index, _ in said], device=self.accelerator.device)
        tokens = torch.zeros(len(dialogues), device=self.accelerator.device)
        tokens.index_add_(0, of_dialogue, rows["completion_mask"].sum(1).to(tokens.dtype))
        all_tokens = self.accelerator.gather(tokens)
        rows["num_items_in_batch"] = all_tokens.sum()
        rows["advantages"] = (advantages * self._share_of_group(all_tokens))[of_dialogue]
        self._add_log_probs(rows)
        self._log_rows(said)
        return rows

    def _score(self, inputs, dialogues):
        """Advantages of this process's dialogues; groups may be spread over processes."""
        for task, dialogue in zip(inputs, dialogues, strict=True):
            task["reward"] = reward_of(dialogue)
        prompts = [task["prompt"] for task in inputs]
        completions = [dialogue.completion or "" for dialogue in dialogues]
        per_function = self._calculate_rewards(inputs, prompts, completions, [[] for _ in dialogues])
        rewards = (per_function * self.reward_weights.to(per_function.device)).nansum(1)
        rewards[per_function.isnan().all(1)] = torch.nan
        advantages = group_advantages(rewards, self.num_generations, self.scale_rewards)
        self._log_dialogues(inputs, dialogues, rewards, advantages)
        return advantages[self._own(len(dialogues))]

    def _own(self, count):
        """Where this process's dialogues stand among those of all."""
        return slice(self.accelerator.process_index * count, (self.accelerator.process_index + 1) * count)

    def _share_of_group(self, all_tokens):
        """
        What advantages are multiplied by, [own dialogues], so that TRL's sum over the batch becomes a mean over groups:

          (1 / N) sum_g (N / (G n_g)) sum_{t in g} x_t  =  (1 / G) sum_g (1 / n_g) sum_{t in g} x_t

        with N tokens in all, n_g of group g, G groups. The loss is linear in positive factors of the advantages as long
        as beta is 0.
        """
        if self.config["normalize_over"] == "batch" or self.loss_type not in TOKEN_LOSSES:
            return 1.0
        of_group = all_tokens.view(-1, self.num_generations).sum(1)
        share = all_tokens.sum() / (of_group.clamp(min=1) * of_group.numel())
        every = share.repeat_interleave(self.num_generations)
        return every[self._own(every.numel() // self.accelerator.num_processes)]

    def _rows(self, said):
        device = self.accelerator.device
        pad_id = self.processing_class.pad_token_id
        is_kept = [not (self.mask_truncated_completions and utterance.is_truncated) for utterance in said]

        def padded(lists, value, side):
            return pad([torch.tensor(ids, device=device) for ids in lists], padding_value=value, padding_side=side)

        return {
            "prompt_ids": padded([utterance.prompt_ids for utterance in said], pad_id, "left"),
            "prompt_mask": padded([[1] * len(utterance.prompt_ids) for utterance in said], 0, "left"),
            "completion_ids": padded([utterance.ids for utterance in said], pad_id, "right"),
            "completion_mask": padded([[int(k)] * len(u.ids) for k, u in zip(is_kept, said)], 0, "right"),
        }

    def _add_log_probs(self, rows):
        """Of the policy as it is now, if later updates need it, and of the model without its adapter, if beta does."""
        if self.num_iterations > 1:
            rows["old_per_token_logps"] = self._log_probs(rows, contextlib.nullcontext())
        if self.beta != 0:
            model = self.accelerator.unwrap_model(self.model)
            rows["ref_per_token_logps"] = self._log_probs(rows, model.disable_adapter())

    def _log_probs(self, rows, adapter):
        ids = torch.cat([rows["prompt_ids"], rows["completion_ids"]], 1)
        mask = torch.cat([rows["prompt_mask"], rows["completion_mask"]], 1)
        width = rows["completion_ids"].size(1)
        self.model.eval()
        try:
            with torch.no_grad(), adapter:
                found, _, _ = self._get_per_token_logps_and_entropies(
                    self.model, ids, mask, width, batch_size=self.config["rows_per_forward"]
                )
        finally:
            self.model.train()
        return found

    def _log_dialogues(self, inputs, dialogues, rewards, advantages):
        metrics = self._metrics["train"]
        agreed = gather_object([float(dialogue.has_agreed) for dialogue in dialogues])
        rounds = gather_object([dialogue.rounds for dialogue in dialogues])
        metrics["reward"].append(rewards.nanmean().item())
        metrics["reward_std"].append(nan_std(rewards).item())
        metrics["frac_reward_zero_std"].append(zero_std_share(rewards, self.num_generations))
        metrics["unreadable"].append(rewards.isnan().float().mean().item())
        metrics["agreement_rate"].append(sum(agreed) / len(agreed))
        metrics["num_turns/mean"].append(sum(rounds) / len(rounds))
        # Columns of TRL's table of completions, which log_completions writes.
        logs = self._logs
        logs["prompt"].extend(gather_object([task["prompt"] for task in inputs]))
        logs["completion"].extend(gather_object([dialogue.completion or "" for dialogue in dialogues]))
        logs["extra"]["pair"].extend(gather_object([task["pair_id"] for task in inputs]))
        logs["extra"]["dialogue"].extend(gather_object([self.chat._written(dialogue.spoken) for dialogue in dialogues]))
        logs["rewards"]["collective_agency"].extend(rewards.tolist())
        logs["advantages"].extend(advantages.tolist())

    def _log_rows(self, said):
        metrics = self._metrics["train"]
        lengths = gather_object([len(utterance.ids) for _, utterance in said])
        truncated = gather_object([float(utterance.is_truncated) for _, utterance in said])
        read = gather_object([len(utterance.prompt_ids) + len(utterance.ids) for _, utterance in said])
        self.state.num_input_tokens_seen += sum(read)
        metrics["num_tokens"] = [self.state.num_input_tokens_seen]
        metrics["rows"].append(float(len(lengths)))
        metrics["completions/mean_length"].append(sum(lengths) / len(lengths))
        metrics["completions/min_length"].append(float(min(lengths)))
        metrics["completions/max_length"].append(float(max(lengths)))
        metrics["completions/clipped_ratio"].append(sum(truncated) / len(truncated))
