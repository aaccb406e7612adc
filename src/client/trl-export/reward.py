"""Rewards of dialogues, and what they make of a group: advantages."""
import math

import torch

STD_EPSILON = 1e-4


def reward_of(dialogue):
    """0 without agreement, whatever an answer might be worth; None, which TRL takes as NaN, if there is no score."""
    if not dialogue.has_agreed:
        return 0.0
    return None if dialogue.score is None or math.isnan(dialogue.score) else dialogue.score


def collective_agency(reward, **_):
    """The reward function that the trainer calls: dialogues bring their reward along. Others may stand beside it."""
    return reward


def nan_std(rewards, dim=None):
    """Standard deviation of what is not NaN, ddof 1; NaN for fewer than two values."""
    count = (~rewards.isnan()).sum() if dim is None else (~rewards.isnan()).sum(dim, keepdim=True)
    mean = rewards.nanmean() if dim is None else rewards.nanmean(dim, keepdim=True)
    squares = (rewards - mean) ** 2
    total = squares.nansum() if dim is None else squares.nansum(dim, keepdim=True)
    return (total / (count - 1)).sqrt().masked_fill(count < 2, math.nan)


def group_advantages(rewards, group_size, scale_rewards):
    """
    Advantages of dialogues, [dialogues] -> [dialogues]; consecutive runs of `group_size` are groups.

      A = (r - mean_g) / (std_g + 1e-4)    "group"
      A = (r - mean_g) / (std + 1e-4)      "batch": std of all rewards
      A =  r - mean_g                      "none"

    NaN counts nowhere and has advantage 0; so has a group of equal rewards, exactly, where float32 in TRL leaves a rest
    that 1e-4 blows up.
    """
    grouped = rewards.double().view(-1, group_size)
    centred = grouped - grouped.nanmean(1, keepdim=True)
    if scale_rewards == "group":
        centred = centred / (nan_std(grouped, 1) + STD_EPSILON)
    elif scale_rewards == "batch":
        centred = centred / (nan_std(grouped) + STD_EPSILON)
    known = ~grouped.isnan()
    lowest = grouped.masked_fill(~known, math.inf).min(1, keepdim=True).values
    highest = grouped.masked_fill(~known, -math.inf).max(1, keepdim=True).values
    return centred.masked_fill(lowest >= highest, 0).nan_to_num(nan=0.0).flatten().to(rewards.dtype)


def zero_std_share(rewards, group_size):
    """Share of dialogues whose group has equal rewards; a group with one scorable dialogue is not counted as such."""
    return (nan_std(rewards.double().view(-1, group_size), 1) == 0).double().mean().item()
