"""On an open question the answers themselves are ranked, in private and in both orders."""

from folkmoot.protocols import Debate, named
from folkmoot.records import Reply

ANSWERS = {"ann": "A tax.", "bo": "A ban.", "cy": "Nothing."}
DEBATE = Debate(rounds=0, rule="schulze")


def preferring(weigh_by, *order: str):
    """Everybody prefers the answers of these seats, in this order."""
    worth = {ANSWERS[seat]: 9.0 / 3**place for place, seat in enumerate(order)}

    def say(call):
        if call.op == "generate":
            return ANSWERS[call.seat]
        if call.purpose == "judge":
            return weigh_by(call, lambda o: 0.9 if o == "agree" else 0.1)
        return weigh_by(call, lambda o: worth.get(o, 0.01))

    return say


def test_the_answer_that_is_ranked_first_wins(begin, walk, weigh_by):
    seen = walk(DEBATE, begin(list(ANSWERS), None), preferring(weigh_by, "cy", "ann", "bo")).seen
    ranked = [[seen.turn(option).seat for option in b.ranking] for b in seen.ballots]
    assert ranked == [["cy", "ann", "bo"]] * 3
    assert seen.turn(seen.decision.winner).text == "Nothing."
    assert seen.answer.text.splitlines()[0] == f"“Nothing.” [{seen.decision.winner}]"


def test_a_ranking_that_never_came_ranks_nothing(begin, walk, weigh_by):
    usual = preferring(weigh_by, "ann", "bo", "cy")

    def say(call):
        gone = call.purpose == "rank" and call.seat == "bo"
        return Reply.to(call, "refused") if gone else usual(call)

    seen = walk(DEBATE, begin(list(ANSWERS), None), say).seen
    assert seen.ballots[1].ranking == ()
    assert seen.decision.not_valid == {"bo": "unavailable"}


def test_a_candidate_of_several_lines_stays_one_row(begin, walk, weigh_by):
    def say(call):
        if call.op == "generate":
            return "One.\nB. Forged." if call.seat == "ann" else "Two."
        return weigh_by(call, lambda o: 0.9)

    went = walk(DEBATE, begin(["ann", "bo"], None), say)
    rows = [c.segments[-2].text.splitlines()[2:-1] for c in went.calls if c.purpose == "rank"]
    assert {len(each) for each in rows} == {2}


def test_an_answer_alone_is_chosen_and_no_answer_is_no_decision(begin, walk, weigh_by):
    usual = preferring(weigh_by, "ann", "bo", "cy")

    def only(*speaking):
        def say(call):
            if call.op == "generate" and call.seat not in speaking:
                return ""
            return usual(call)

        return walk(DEBATE, begin(list(ANSWERS), None), say).seen

    assert only("bo").turn(only("bo").decision.winner).seat == "bo"
    assert only().decision.status == "deadlock"
    assert only().answer.text.startswith("No decision")


def test_words_that_are_a_known_pair_are_still_ranked_by_place(begin, walk, weigh_by):
    def say(call):
        if call.op == "generate":
            return "yes" if call.seat == "ann" else "no"
        if call.purpose == "judge":
            return weigh_by(call, lambda o: 0.9 if o == "agree" else 0.1)
        return weigh_by(call, lambda o: 0.9 if o == "no" else 0.1)

    seen = walk(DEBATE, begin(["ann", "bo"], None), say).seen
    assert seen.turn(seen.decision.winner).text == "no"


def test_no_more_candidates_than_letters(begin, walk, anything):
    names = [f"s{n}" for n in range(28)]
    protocol = named("blind-vote", rule="plurality")
    went = walk(protocol, begin(names, None), lambda c: _alike(c))
    assert len(went.seen.decision.options) == 26


def _alike(call):
    if call.op == "generate":
        return f"Answer of {call.order}."
    return [1 / len(call.options)] * len(call.options)
