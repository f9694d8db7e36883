"""A questionnaire on the 20 values of the refined theory of basic values, for models of any size.

Of each value three statements to agree with and three acts that serve it, all in words of our own; `{one|two}`
are words of which one is drawn. The values are those of Schwartz et al. 2012 in the categories of
`agents.values`; what a portrait questionnaire is (PVQ: Schwartz 2021, doi 10.9707/2307-0919.1173) is kept,
its wording is not.
"""

from typing import NamedTuple


class Words(NamedTuple):
    """How a value is asked for."""

    statements: tuple[str, ...]
    """Sentences that somebody who holds it agrees with."""
    acts: tuple[str, ...]
    """What somebody does who holds it, after "to"."""


QUESTIONNAIRE: dict[str, Words] = {
    "self-direction-thought": Words(
        (
            "{Everyone|Each of us} should form opinions of their own.",
            "New ideas are worth {having|trying out} even when nobody else shares them.",
            "Thinking for oneself is better than {repeating|taking over} what others say.",
        ),
        (
            "let {the pupils|the members|the young people} come to their own conclusions",
            "follow one's own idea about {the plan|the design|the text}",
            "give {an afternoon|a week|a prize} to ideas that nobody has tried",
        ),
    ),
    "self-direction-action": Words(
        (
            "People should decide for themselves how they {live|spend their days}.",
            "It is good to {depend on nobody|be free to choose}.",
            "Nobody should be told what to do with their own {time|life|things}.",
        ),
        (
            "leave the choice to {the person concerned|each of them|those who have to live with it}",
            "let {the daughter|the patient|the tenant} do it in her own way",
            "manage {the house|the trip|the work} without being directed by anybody",
        ),
    ),
    "stimulation": Words(
        (
            "A life without {surprises|adventures} is dull.",
            "Something new and exciting is worth {a risk|some trouble}.",
            "Change is better than {routine|the same every day}.",
        ),
        (
            "try {a sport|a journey|a kind of food} that none of them knows yet",
            "take the exciting {offer|road|job} whose end nobody knows",
            "replace the usual {evening|feast|programme} by something daring",
        ),
    ),
    "hedonism": Words(
        (
            "Life is there to be {enjoyed|savoured}.",
            "Pleasure is a good reason to do {something|a thing}.",
            "People should treat themselves well and have {fun|a good time}.",
        ),
        (
            "spend the {evening|money|holiday} on good food and fun",
            "have a pleasant {day|week|hour} and let the work wait",
            "buy the comfortable {chair|bed|car} because it feels good",
        ),
    ),
    "achievement": Words(
        (
            "It matters to be {better than others|among the best}.",
            "Ambition and success deserve {admiration|praise}.",
            "People should work hard to {reach the top|show what they can do}.",
        ),
        (
            "train until {the team|the choir|the class} wins the first prize",
            "take on the harder {task|exam|post} to show what one can do",
            "reward those who {perform|score|sell} best",
        ),
    ),
    "power-dominance": Words(
        (
            "Somebody has to be in command, and others have to {follow|obey}.",
            "It is good to have {influence over|power over} what other people do.",
            "Leaders should make people do what they {want|say}.",
        ),
        (
            "take command and make {the others|the team|the staff} follow",
            "put one strong {head|leader|chair} above all who decides alone",
            "use one's {post|rank|office} to make people do as they are told",
        ),
    ),
    "power-resources": Words(
        (
            "Being {rich|wealthy} is worth striving for.",
            "Money and {property|possessions} give a person weight.",
            "One should gather as much {wealth|capital} as one can.",
        ),
        (
            "keep the {land|shares|house} because its price will rise",
            "ask for the highest {price|fee|rent} that can be had",
            "take the post that pays {most|twice as much}",
        ),
    ),
    "face": Words(
        (
            "A good {name|reputation} has to be protected.",
            "Nobody should be {shamed|embarrassed} before others.",
            "It matters what people {think|say} of us.",
        ),
        (
            "keep the {mistake|quarrel|debt} quiet so that nobody loses face",
            "defend the good name of {the family|the firm|the club} in public",
            "do what looks {dignified|respectable|best} before the neighbours",
        ),
    ),
    "security-personal": Words(
        (
            "One's own {health|safety} comes first.",
            "It is wise to avoid everything {dangerous|risky}.",
            "People need a {safe|secure} home above all.",
        ),
        (
            "put {locks|alarms|lights} at every door so that the family is safe",
            "stay at home until the {storm|illness|danger} is over",
            "keep the safe {job|road|house} and take no risk",
        ),
    ),
    "security-societal": Words(
        (
            "A country needs {order|stability} above all.",
            "The state must be {strong|able} to protect its citizens.",
            "Threats to {society|the country} have to be stopped in time.",
        ),
        (
            "pay for more {police|guards|border officers} to keep order",
            "strengthen the {army|courts|state} against threats",
            "ban the {march|group|meeting} that endangers public order",
        ),
    ),
    "tradition": Words(
        (
            "What was handed down to us should be {kept|honoured}.",
            "The customs of {our family|our forebears|our faith} deserve respect.",
            "Old ways are {better|wiser} than most people think.",
        ),
        (
            "hold the {feast|wedding|service} as it has always been held",
            "keep the {craft|dress|songs} of the grandparents alive",
            "follow what {the religion|the elders|the old custom} teaches",
        ),
    ),
    "conformity-rules": Words(
        (
            "Rules have to be {followed|kept} even when nobody is watching.",
            "The law is the law, {convenient or not|whatever one thinks of it}.",
            "Whoever is {told|ordered} to do something by those in charge should do it.",
        ),
        (
            "keep strictly to the {rules|regulations|law}",
            "do what the {teacher|inspector|contract} demands, to the letter",
            "report the {breach|violation} of the rules",
        ),
    ),
    "conformity-interpersonal": Words(
        (
            "One should not {upset|annoy} other people.",
            "It is important to be {polite|tactful} to everyone.",
            "Better to keep quiet than to {offend|irritate} somebody.",
        ),
        (
            "say nothing that could upset {the guests|the neighbours|the others}",
            "give way so that nobody is {annoyed|irritated}",
            "go along with the {group|hosts|colleagues} to keep the mood friendly",
        ),
    ),
    "humility": Words(
        (
            "It is good to be {humble|modest}.",
            "Nobody should think of themselves as {more important than others|something special}.",
            "One should be {content|satisfied} with what one has.",
        ),
        (
            "let others have the {credit|praise|applause}",
            "take the {smallest|simplest|last} share without complaint",
            "decline the {title|medal|honour} and stay in the background",
        ),
    ),
    "benevolence-caring": Words(
        (
            "Helping those who are close to us matters {most|more than anything}.",
            "One should look after {family and friends|the people one loves}.",
            "Whoever sees a friend in {need|pain} should be there.",
        ),
        (
            "sit with {the sick friend|the lonely aunt|the crying child}",
            "spend the savings on care for {the mother|the brother|an old friend}",
            "help {the family next door|a friend|the grandparents} through the hard time",
        ),
    ),
    "benevolence-dependability": Words(
        (
            "A promise to a friend must be {kept|honoured}.",
            "Others must be able to {rely|count} on us.",
            "Loyalty to one's {friends|group} is worth a great deal.",
        ),
        (
            "keep the promise that was given to {a friend|the partner|the team}",
            "stand by {the colleague|the comrade|the old friend} when it counts",
            "be there at the hour that was agreed with {the group|the others}",
        ),
    ),
    "universalism-concern": Words(
        (
            "Everyone in the world should have {equal|the same} chances.",
            "The weak in society have to be {protected|defended}.",
            "Justice is owed also to people whom we {do not know|will never meet}.",
        ),
        (
            "give the {money|rooms|places} to those who have least",
            "stand up for {strangers|refugees|the poor} who are treated unjustly",
            "share {the profit|the water|the work} equally among all",
        ),
    ),
    "universalism-nature": Words(
        (
            "Nature has to be {protected|cared for} even where it costs us.",
            "Plants and animals deserve {protection|care}.",
            "People should take {less|no more} from the earth than it can give.",
        ),
        (
            "leave the {forest|river|meadow} as it is, for the animals",
            "give up {the road|the car park|the flight} to spare the environment",
            "plant {trees|hedges|flowers} where there was concrete",
        ),
    ),
    "universalism-tolerance": Words(
        (
            "People who are {different|unlike us} should be accepted as they are.",
            "It is important to {listen to|understand} those who think otherwise.",
            "Every {faith|culture|way of life} deserves respect.",
        ),
        (
            "listen to {the opponents|people of another faith|the newcomers} and try to understand",
            "welcome {the strangers|other customs|other languages} in the {school|club|house}",
            "make room for {a view|a belief|a custom} that one does not share",
        ),
    ),
    "universalism-objectivity": Words(
        (
            "One should look at the {evidence|facts} before one judges.",
            "Truth matters {more than comfort|whomever it hurts}.",
            "Decisions should rest on {reason|sound research} and not on feeling.",
        ),
        (
            "wait for {the figures|the study|the facts} and judge by them alone",
            "publish the {result|truth|data} although it is unwelcome",
            "let {an impartial expert|a test|the evidence} decide",
        ),
    ),
}
