"""What seats say: each the reason for the stance it has, in one order for all."""

from folkmoot.protocols import Debate
from folkmoot.records import Reply

DEBATE = Debate(rounds=1, contest_claims=False)


def test_the_reply_is_opened_with_the_stance_that_was_read(begin, walk, seats, prompt):
    leaning = seats(ann=0.9, bo=0.1, cy=0.5)
    went = walk(DEBATE, begin(["ann", "bo", "cy"]), leaning)
    opened = {
        call.seat: call.segments[-1].text
        for call in went.calls
        if call.purpose == "reason" and call.round == 0
    }
    assert opened == {
        "ann": "Answer: yes\nReason:",
        "bo": "Answer: no\nReason:",
        "cy": "Answer: undecided\nReason:",
    }
    assert {turn.seat: turn.answer for turn in went.seen.turns} == {
        "ann": "yes",
        "bo": "no",
        "cy": None,
    }


def test_lettered_options_are_opened_by_their_letter(begin, walk, weigh_by):
    def say(call):
        if call.op == "generate":
            return "So."
        return weigh_by(call, lambda option: 9.0 if option == "a ban" else 1.0)

    went = walk(DEBATE, begin(["ann"], ("a tax", "a ban")), say)
    assert went.seen.turns[0].answer == "a ban"
    opened = [c.segments[-1].text for c in went.calls if c.purpose == "reason"]
    assert opened == ["Answer: B\nReason:"]


def test_what_was_cut_off_is_heard_and_what_is_empty_is_not(begin, walk, seats, prompt):
    leaning = seats(ann=0.9, bo=0.1)

    def say(call):
        if call.purpose != "reason":
            return leaning(call)
        if call.seat == "ann":
            return Reply.to(call, "cut_off", text="It helps, but")
        return " \n"

    went = walk(DEBATE, begin(["ann", "bo"]), say)
    assert {turn.seat: turn.state for turn in went.seen.turns} == {"ann": "cut_off", "bo": "empty"}
    later = [prompt(call) for call in went.calls if call.purpose == "stand" and call.round == 1]
    assert all("It helps, but\n</message>" in each for each in later)
    assert all(each.count("<message id") == 1 for each in later)


def test_the_order_of_a_round_is_drawn_from_the_seed(begin, walk, seats):
    names = ["ann", "bo", "cy", "di"]
    leaning = seats(ann=0.9, bo=0.1, cy=0.9, di=0.1)
    orders = {
        tuple(turn.seat for turn in walk(DEBATE, begin(names, seed=seed), leaning).seen.turns[:4])
        for seed in range(12)
    }
    assert len(orders) > 6
    seen = walk(DEBATE, begin(names), leaning).seen
    rounds = [[turn.seat for turn in seen.turns if turn.round == number] for number in (0, 1)]
    assert rounds[0] != rounds[1], "each round has an order of its own"
    assert [turn.id for turn in seen.turns] == [f"M{n}" for n in range(1, 9)]
