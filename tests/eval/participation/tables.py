"""Sealed answers that were never asked: tables of who says what."""

import random

from folkmoot.eval.participation import Answer, Item, Sealed

OPTIONS = ("red", "green", "blue", "grey")


def item(number, task="colours", right="red", options=OPTIONS):
    return Item(
        id=str(number), task=task, question=f"{task} {number}?", options=options, answer=right
    )


def shares(choice, sure=0.7, options=OPTIONS):
    """A distribution whose likeliest option is the choice."""
    rest = (1 - sure) / (len(options) - 1)
    return {option: sure if option == choice else rest for option in options}


def table(items, choices, sure=0.7, tokens=10):
    """Member → its choice for each item; None for no answer."""
    answers = {
        each.name: {
            member: Answer(None if own[at] is None else shares(own[at], sure, each.options), tokens)
            for member, own in choices.items()
        }
        for at, each in enumerate(items)
    }
    return Sealed(tuple(items), tuple(choices), answers)


def drawn(items, competences, seed=0, sure=0.7):
    """Members that are right with a chance of their own, wrong ones evenly spread."""
    dice = random.Random(seed)
    choices = {
        member: [
            each.answer
            if dice.random() < p
            else dice.choice([o for o in each.options if o != each.answer])
            for each in items
        ]
        for member, p in competences.items()
    }
    return table(items, choices, sure)
