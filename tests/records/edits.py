"""A record with something changed in it, as nobody honest writes it."""

import json

from folkmoot.records import Transcript


def edited(run, name: str, edit, which: int = 0) -> Transcript:
    """The run, or a transcript, with one record's JSON changed by `edit`; the record is left out if that
    gives None."""
    seen = run if isinstance(run, Transcript) else run.transcript
    records = list(seen.records)
    place = [place for place, record in enumerate(records) if record.record == name][which]
    record = records.pop(place)
    plain = edit(json.loads(json.dumps(record.plain())))
    if plain is not None:
        records.append(type(record).model_validate(plain))
    return Transcript(seen.opening, records)


def setting(*path, to):
    """An edit that puts a value at a path."""

    def edit(plain):
        place = plain
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = to
        return plain

    return edit
