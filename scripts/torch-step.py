"""A LoRA step of SmolLM2-135M's shape in PyTorch on the CPU, for `npm run bench:training`: torch-step.py ROWS TOKENS.

Random weights: time does not depend on them. Rank 8 on all linear layers, f32, the loss on every token.
"""
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

rows, tokens = int(sys.argv[1]), int(sys.argv[2])
config = LlamaConfig(vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
                     num_key_value_heads=3, tie_word_embeddings=True, max_position_embeddings=2048)
targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
model = get_peft_model(LlamaForCausalLM(config).float(), LoraConfig(r=8, lora_alpha=16, target_modules=targets))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])
ids = torch.randint(0, 49152, (rows, tokens + 1))


def loss():
    logits = model(ids[:, :-1]).logits
    return -torch.log_softmax(logits, -1).gather(-1, ids[:, 1:, None]).mean()


def forward():
    with torch.no_grad(), model.disable_adapter():
        loss()


def step():
    optimizer.zero_grad()
    loss().backward()
    optimizer.step()


def least(run, repeats=3):
    times = []
    for _ in range(repeats + 1):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return min(times[1:])


f, s = least(forward), least(step)
print(f"{s * 1000:.0f} ms, {s / f:.2f} forwards of {f * 1000:.0f} ms ({torch.get_num_threads()} threads, weights in f32)")
