"""What a plan tells of a probe before it looks."""

from golive.engine.declare import Environment
from golive.engine.provide import ProfileWorld
from golive.model import Effect
from golive.plan import Contact, contacts

SOURCE = """
class Wire(Client):
    pass

class Patience(Settings):
    home: ClassVar[str] = "patience"
    tries: int = 3

@dataclass(frozen=True)
class Told(Fact):
    pass

def asked(box: Box, boxes: tuple[Box, ...], ask: Patience) -> int:
    return ask.tries * len(boxes)

@probe("test.told", requests=asked, effect=Effect.WRITE, leaves="a word that nobody takes back")
async def told(box: Box, wire: Wire) -> Told:
    "Tell the box."

@check("box.told")
def is_told(box: Box, told: Told) -> Verdict:
    "It is told."
"""


def test_what_a_write_leaves_is_told_before_it_is_made(toy):
    made = toy(SOURCE)
    world = ProfileWorld(Environment("test"), {made.module.Box: [made.module.Box("a")]}, {})
    (contact,) = contacts(made.blueprint, made.blueprint.checks, world)
    leaves = "a word that nobody takes back"
    assert contact == Contact("box:a", "Tell the box", Effect.WRITE, ("box.told",), leaves, requests=3)


def test_how_many_requests_depends_on_the_profile(toy):
    made = toy(SOURCE)
    box, patience = made.module.Box, made.module.Patience
    world = ProfileWorld(Environment("test"), {box: [box("a"), box("b")]}, {patience: patience(tries=5)})
    assert [c.requests for c in contacts(made.blueprint, made.blueprint.checks, world)] == [10, 10]
