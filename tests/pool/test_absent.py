"""An engine that is not there: whoever asks it hears so at once, and why."""

from folkmoot.pool import Pool
from folkmoot.pool.absent import Absent


async def test_every_call_is_unavailable_with_the_reason(make_call):
    pool = Pool([Absent("its folder is gone")], patience_s=0)
    async with pool:
        await pool.open(["a", "b"])
        said = [await pool.answer(make_call(model=model)) for model in "aabbab"]
        assert pool.references(["a"])[0].plain() == {"name": "a"}
        (described,) = pool.describe()
        spent = await pool.spent(make_call(model="a"))
    assert {(reply.state, reply.error) for reply in said} == {("unavailable", "its folder is gone")}
    assert (described["kind"], pool.replay) == ("absent", "none")
    assert (spent.prompt, spent.completion) == (0, 0)
