"""Consensus: statements written for the group, ranked in private, mended by critiques."""

from folkmoot.protocols import Consensus
from folkmoot.records import audit

SEATS = ["ann", "bo", "cy"]


def group(weigh_by, prefers: str = "ann", yes: dict[str, float] | None = None, agree: float = 0.9):
    """Everybody prefers what one seat wrote."""

    def say(call):
        if call.op == "generate":
            return f"{call.purpose.title()} {call.id} of place {SEATS.index(call.seat)}. More."
        if call.purpose == "rank":
            mine = f"place {SEATS.index(prefers)}."
            return weigh_by(call, lambda o: 0.9 if mine in o else 0.05)
        if call.purpose == "judge":
            return weigh_by(call, lambda o: agree if o == "agree" else 1 - agree)
        leaning = (yes or {}).get(call.seat, 0.9)
        return weigh_by(call, lambda o: leaning if o == "yes" else 1 - leaning)

    return say


def test_the_statement_that_ranks_first_is_the_answer(begin, walk, weigh_by):
    seen = walk(Consensus(rounds=0), begin(SEATS, None), group(weigh_by, "bo")).seen
    winner = seen.turn(seen.decision.winner)
    assert (winner.role, winner.seat) == ("candidate", "bo")
    assert seen.answer.text.startswith(f"“{winner.text}” [{winner.id}]\n")
    assert seen.decision.rule == "schulze"


def test_a_round_criticises_the_leader_alone_and_writes_anew(begin, walk, weigh_by, prompt):
    went = walk(Consensus(rounds=1), begin(SEATS, None), group(weigh_by, "cy"))
    seen = went.seen
    leader = next(t for t in seen.spoken(0, "candidate") if t.seat == "cy")
    comments = [turn for turn in seen.turns if turn.role == "critique"]
    assert {turn.replies_to for turn in comments} == {(leader.id,)}
    again = [c for c in went.calls if c.purpose == "candidate" and c.round == 1]
    assert all(prompt(call).count("<message id") == 4 for call in again)
    assert all(leader.text in prompt(call) for call in again)
    assert seen.turn(seen.decision.winner).round == 1


def test_a_writer_speaks_for_the_group_not_for_itself(begin, walk, weigh_by):
    went = walk(Consensus(), begin(SEATS, None), group(weigh_by))
    writers = [call for call in went.calls if call.purpose == "candidate"]
    assert all(s.label != "perspective" for call in writers for s in call.segments)


def test_as_many_candidates_as_asked_for(begin, walk, weigh_by):
    went = walk(Consensus(candidates=2, rounds=0), begin(SEATS, None), group(weigh_by))
    assert [c.seat for c in went.calls if c.purpose == "candidate"] == ["ann", "bo"]


def test_who_disagrees_with_the_winner_dissents(begin, walk, weigh_by):
    usual = group(weigh_by, "ann")

    def say(call):
        if call.purpose == "judge" and call.seat == "cy":
            return weigh_by(call, lambda o: 0.1 if o == "agree" else 0.9)
        return usual(call)

    seen = walk(Consensus(rounds=0), begin(SEATS, None), say).seen
    (conflict,) = seen.conflicts
    assert conflict.about == seen.decision.winner
    assert [each.seat for each in seen.settlements[0].dissent] == ["cy"]
    assert audit(seen) == ()


def test_on_a_choice_question_seats_stand_again_after_the_statements(begin, walk, weigh_by):
    say = group(weigh_by, yes={"cy": 0.1})
    seen = walk(Consensus(), begin(SEATS), say).seen
    assert [len(seen.stands(seat=seat)) for seat in SEATS] == [2, 2, 2]
    assert seen.decision.winner == "yes"
    assert [each.seat for each in seen.settlements[0].dissent] == ["cy"]
    assert audit(seen) == ()


def test_a_later_round_hears_only_the_critiques_of_its_own_leader(begin, walk, weigh_by, prompt):
    went = walk(Consensus(rounds=2), begin(SEATS, None), group(weigh_by, "cy"))
    last = [c for c in went.calls if c.purpose == "candidate" and c.round == 2]
    assert {prompt(call).count("<message id") for call in last} == {4}


def test_who_wrote_the_statement_and_disagrees_dissents_in_its_own_words(begin, walk, weigh_by):
    """What a seat writes for the group is not what it says for itself."""
    usual = group(weigh_by, "ann")

    def say(call):
        if call.purpose == "judge" and call.seat == "ann":
            return weigh_by(call, lambda o: 0.1 if o == "agree" else 0.9)
        return usual(call)

    seen = walk(Consensus(rounds=0), begin(SEATS, None), say).seen
    (dissent,) = seen.settlements[0].dissent
    said = seen.turn(dissent.span.message)
    assert (dissent.seat, said.seat, said.role) == ("ann", "ann", "statement")
