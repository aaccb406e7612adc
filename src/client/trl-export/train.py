"""Trains a LoRA adapter on negotiations: python train.py --model FOLDER_OR_ID --steps 100. README.md has the rest."""
import argparse
import json
import os
import random
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig, load_peft_weights, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig

from chat_prompts import MARKS
from negotiation_trainer import NegotiationTrainer

HERE = Path(__file__).parent


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="default: base_model of config.json")
    parser.add_argument("--steps", type=int, help="batches of dialogues; default: steps of config.json")
    parser.add_argument("--output", default="output")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--dtype", choices=["auto", "bfloat16", "float32"], default="auto")
    parser.add_argument("--judge", choices=["self", "endpoint"], help="default: judge of config.json")
    parser.add_argument("--judge-url", help="of an OpenAI-compatible server, up to /v1")
    parser.add_argument("--judge-model")
    parser.add_argument("--vllm", choices=["colocate", "server"], help="samples with vLLM")
    parser.add_argument("--resume", action="store_true", help="goes on from the newest checkpoint of --output")
    return parser.parse_args()


def read_json(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def read_lines(name):
    text = MARKS.sub("", (HERE / name).read_text(encoding="utf-8"))
    return [json.loads(line) for line in text.split("\n") if line]


def make_tasks(count, seed):
    """`count` groups: dilemmas and pairs in orders of their own, each of all before any comes again."""
    drawn = {}
    for name in ("dataset.jsonl", "personas.jsonl"):
        items, rng, order = read_lines(name), random.Random(f"{name} {seed}"), []
        while len(order) < count:
            order += rng.sample(items, len(items))
        drawn[name] = order[:count]
    return Dataset.from_list(
        [
            {
                "prompt": dilemma["prompt"],
                "dilemma": dilemma["prompt"],
                "dilemma_id": dilemma["id"],
                "pair_id": pair["id"],
                "persona_1": pair["persona_1"],
                "persona_2": pair["persona_2"],
            }
            for dilemma, pair in zip(drawn["dataset.jsonl"], drawn["personas.jsonl"])
        ]
    )


def judge_of(options, config):
    judge = {**config["judge"], **({"kind": options.judge} if options.judge else {})}
    if judge["kind"] == "endpoint":
        judge |= {"url": options.judge_url or judge.get("url"), "model": options.judge_model or judge.get("model")}
        if not (judge["url"] and judge["model"]):
            raise SystemExit("A judge elsewhere needs --judge-url and --judge-model. Its key: JUDGE_API_KEY.")
    return judge


def grpo_config(options, config, steps, use_bf16):
    """TRL counts updates and rows per process; config.json counts batches of dialogues."""
    grpo = dict(config["grpo"])
    dialogues = config["groups_per_step"] * grpo["num_generations"]
    parts = int(os.environ.get("WORLD_SIZE", "1")) * grpo["gradient_accumulation_steps"]
    if dialogues % parts != 0:
        raise SystemExit(
            f"A batch has {dialogues} dialogues (groups_per_step x num_generations), which {parts} parts (processes x "
            "gradient_accumulation_steps) do not divide. Change one of them in config.json, or take fewer processes."
        )
    if options.vllm:
        grpo |= {"use_vllm": True, "vllm_mode": options.vllm, "vllm_importance_sampling_correction": False}
    return GRPOConfig(
        output_dir=options.output,
        per_device_train_batch_size=dialogues // parts,
        max_steps=steps * grpo["num_iterations"],
        # Every task is in the data set once, in its order.
        shuffle_dataset=False,
        use_cpu=options.cpu,
        bf16=use_bf16,
        dataloader_pin_memory=not options.cpu,
        **grpo,
    )


def main():
    options = read_options()
    config = read_json("config.json")
    steps = options.steps or config["steps"]
    has_gpu = torch.cuda.is_available() and not options.cpu
    use_bf16 = options.dtype == "bfloat16" or (options.dtype == "auto" and has_gpu and torch.cuda.is_bf16_supported())
    name = options.model or config["base_model"]
    tokenizer = AutoTokenizer.from_pretrained(name, padding_side="left")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    trainer = NegotiationTrainer(
        model=AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16 if use_bf16 else torch.float32),
        args=grpo_config(options, config, steps, use_bf16),
        train_dataset=make_tasks(steps * config["groups_per_step"], config["negotiation"]["seed"]),
        processing_class=tokenizer,
        peft_config=LoraConfig.from_peft_type(**read_json("lora.json")),
        config=config,
        prompts=read_json("prompts.json"),
        judge=judge_of(options, config),
    )
    if (HERE / "adapter").is_dir():
        # Put into a new adapter, so that the model without it stays the reference where beta asks for one.
        found = set_peft_model_state_dict(trainer.model, load_peft_weights(str(HERE / "adapter"), device="cpu"))
        if found.unexpected_keys:
            raise SystemExit(f"The adapter has weights that this model has no place for: {found.unexpected_keys[:3]}")
    trainer.train(resume_from_checkpoint=options.resume)
    trainer.save_model(os.path.join(options.output, "adapter"))
    trainer.save_state()


if __name__ == "__main__":
    main()
