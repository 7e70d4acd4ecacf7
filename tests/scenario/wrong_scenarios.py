"""Wrong scenarios: each is the sample `minimal.yaml` with one edit, and every problem that must be reported of it."""

# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """One edit of the sample, and its problems as "line:column: message", in order."""

    name: str
    old: str
    new: str
    problems: tuple[str, ...]


WRONG = (
    Wrong(
        "unknown key at top",
        "title: Two",
        "titel: Two",
        ("1:1: the scenario lacks 'title'", "2:1: unknown key 'titel' in the scenario; did you mean 'title'?"),
    ),
    Wrong(
        "unknown key in rule",
        "cooldown: 6 months",
        "cooldwon: 6 months",
        ("20:9: unknown key 'cooldwon' in rule 'close the sluice'; did you mean 'cooldown'?",),
    ),
    Wrong(
        "unknown key in actor",
        "affinity: {east",
        "afinity: {east",
        ("14:5: unknown key 'afinity' in actor 'north'; did you mean 'affinity'?",),
    ),
    Wrong(
        "unknown key in issue",
        "{low: shared",
        "{lowest: shared",
        ("7:11: unknown key 'lowest' in issue 'water'; did you mean 'low'?",),
    ),
    Wrong(
        "unknown key w/o near",
        "trade: {}",
        "trade: {colour: blue}",
        ("8:11: unknown key 'colour' in issue 'trade'; it may have low, high, security",),
    ),
    Wrong(
        "version",
        "tensionsim: 1",
        "tensionsim: 2",
        ("1:13: tensionsim is the number 2; it is one of 1 (version of this format)",),
    ),
    Wrong("no version", "tensionsim: 1\n", "", ("1:1: the scenario lacks 'tensionsim'",)),
    Wrong(
        "title number",
        "title: Two neighbours and a river",
        "title: 2025",
        (
            '2:8: title is the number 2025, not a text (what reports call it); if it is meant as text, put it in quotes: "2025"',
        ),
    ),
    Wrong(
        "date impossible",
        "start: 2025-01-06",
        "start: 2025-02-30",
        ("3:8: 2025-02-30 is not a date: February 2025 has 28 days",),
    ),
    Wrong(
        "date month", "start: 2025-01-06", "start: 2025-13-01", ("3:8: 2025-13-01 is not a date: there is no month 13",)
    ),
    Wrong(
        "date form",
        "start: 2025-01-06",
        "start: 6 January 2025",
        ("3:8: '6 January 2025' is not a date; write year-month-day, like 2025-01-20",),
    ),
    Wrong(
        "date number",
        "start: 2025-01-06",
        "start: 2025",
        ("3:8: start is the number 2025; it takes a date, like 2025-01-20",),
    ),
    Wrong("date year", "start: 2025-01-06", "start: 1025-01-06", ("3:8: 1025-01-06 is not a date in 1800..2200",)),
    Wrong(
        "end before start",
        "end: 2026-01-05",
        "end: 2024-01-05",
        ("4:6: the end, 2024-01-05, is not after the start, 2025-01-06 (line 3)",),
    ),
    Wrong(
        "step",
        "end: 2026-01-05",
        "end: 2026-01-05\nstep: weekly",
        ("5:7: step is the text 'weekly'; it is one of day, week, month; did you mean 'week'?",),
    ),
    Wrong(
        "too many steps",
        "end: 2026-01-05",
        "end: 2186-01-05\nstep: day",
        ("4:6: 58,803 steps are more than 20,000; use a longer `step` or a nearer end",),
    ),
    Wrong(
        "history",
        "principals:",
        "history: us_columbia\nprincipals:",
        ("5:10: no history 'us_columbia'; did you mean 'us_colombia'?",),
    ),
    Wrong(
        "three principals",
        "[north, south]",
        "[north, south, east]",
        ("5:13: principals takes 2 values (the two governments whose cooperation is measured); found 3",),
    ),
    Wrong(
        "one principal",
        "[north, south]",
        "[north]",
        ("5:13: principals takes 2 values (the two governments whose cooperation is measured); found 1",),
    ),
    Wrong(
        "same principals",
        "[north, south]",
        "[north, north]",
        ("5:13: the principals are two different actors, found 'north' twice",),
    ),
    Wrong("unknown principal", "[north, south]", "[north, suoth]", ("5:21: no actor 'suoth'; did you mean 'south'?",)),
    Wrong(
        "no issues",
        "issues:\n  water: {low: shared, high: diverted}\n  trade: {}",
        "issues: {}",
        ("6:9: issues has nothing; it takes 1 or more",),
    ),
    Wrong(
        "bad actor name",
        "  east: {affinity",
        "  far east: {affinity",
        (
            "14:16: no actor 'east'; did you mean 'far east'?",
            "17:25: no actor 'east'; did you mean 'far east'?",
            "26:3: 'far east' is not a name: use a letter, then letters, digits, '_' or '-', at most 60",
        ),
    ),
    Wrong(
        "stance percent",
        "water: 0.9,",
        "water: 90,",
        ("11:22: stances.water 90 is above 1; use a number in 0..1 (for 90 % write 0.9)",),
    ),
    Wrong(
        "stance below", "water: 0.9,", "water: -0.9,", ("11:22: stances.water -0.9 is below 0; use a number in 0..1",)
    ),
    Wrong(
        "stance percent sign",
        "water: 0.9,",
        "water: 90%,",
        ("11:22: stances.water is the text '90%'; use a number in 0..1 (write 0.9)",),
    ),
    Wrong(
        "stance quoted",
        "water: 0.9,",
        'water: "0.9",',
        ("11:22: stances.water is the text '0.9'; use a number in 0..1 (write 0.9)",),
    ),
    Wrong(
        "decimal comma",
        "rhetoric: 0.7",
        "rhetoric: 0,7",
        ("13:15: rhetoric is the text '0,7'; use a number in 0..1 (write 0.7)",),
    ),
    Wrong("stance bool", "water: 0.9,", "water: true,", ("11:22: stances.water is true; use a number in 0..1",)),
    Wrong("stance list", "water: 0.9,", "water: [0.9],", ("11:22: stances.water is a list; use a number in 0..1",)),
    Wrong(
        "unknown issue in stances",
        "stances: {water: 0.9",
        "stances: {watr: 0.9",
        ("11:15: no issue 'watr'; did you mean 'water'?",),
    ),
    Wrong(
        "unknown issue in salience",
        "salience: {water: 0.6",
        "salience: {fish: 0.6",
        ("12:16: no issue 'fish'; there is water, trade",),
    ),
    Wrong(
        "salience zero",
        "salience: {water: 0.6, trade: 0.4}",
        "salience: {water: 0, trade: 0}",
        ("12:15: salience is 0 on every issue; give at least one a weight above 0",),
    ),
    Wrong(
        "salience negative",
        "salience: {water: 0.6",
        "salience: {water: -0.6",
        ("12:23: salience.water -0.6 is below 0; use a number of 0 or more",),
    ),
    Wrong("rhetoric 1.4", "rhetoric: 0.7", "rhetoric: 1.4", ("13:15: rhetoric 1.4 is above 1; use a number in 0..1",)),
    Wrong(
        "unpredictability 0",
        "rhetoric: 0.7",
        "unpredictability: 0",
        ("13:23: unpredictability 0 is below 1e-06; use a number in 1e-06..1e+06",),
    ),
    Wrong("affinity unknown", "{east: -0.5}", "{west: -0.5}", ("14:16: no actor 'west'; did you mean 'east'?",)),
    Wrong(
        "affinity self",
        "{east: -0.5}",
        "{north: -0.5}",
        ("14:16: affinity of 'north' on itself means nothing; name another actor",),
    ),
    Wrong(
        "affinity range", "{east: -0.5}", "{east: -5}", ("14:22: affinity.east -5 is below -1; use a number in -1..1",)
    ),
    Wrong(
        "yardstick unknown",
        "rhetoric: 0.7",
        "yardstick: {levle: 1}",
        ("13:17: no indicator 'levle'; did you mean 'level'?",),
    ),
    Wrong(
        "repertoire unknown",
        "rhetoric: 0.7",
        "repertoire: [divert_rivers]",
        (
            "13:18: no move 'divert_rivers'; did you mean 'divert_river'?",
            "18:15: 'divert_river' is not in the repertoire of 'north'",
        ),
    ),
    Wrong(
        "repertoire cannot",
        "  east: {affinity",
        "  east: {repertoire: [divert_river], affinity",
        ("26:23: 'east' cannot make 'divert_river' in this scenario",),
    ),
    Wrong(
        "rule outside repertoire",
        "rhetoric: 0.7",
        "repertoire: [share_data]",
        ("18:15: 'divert_river' is not in the repertoire of 'north'",),
    ),
    Wrong(
        "unknown leader",
        "leader: reformer",
        "leader: reformers",
        ("25:13: no leader 'reformers'; did you mean 'reformer'?",),
    ),
    Wrong(
        "distribution unknown family",
        "rhetoric: 0.7",
        "rhetoric: {unifrom: [0, 1]}",
        ("13:16: unknown key 'unifrom' in 'rhetoric'; did you mean 'uniform'?",),
    ),
    Wrong(
        "distribution two families",
        "rhetoric: 0.7",
        "rhetoric: {uniform: [0, 1], beta: [1, 2]}",
        (
            "13:15: rhetoric: a distribution is exactly one of uniform, triangular, normal, truncated_normal, lognormal, beta, bernoulli, choice, joint, quantiles; found uniform and beta",
        ),
    ),
    Wrong(
        "distribution empty",
        "rhetoric: 0.7",
        "rhetoric: {}",
        (
            "13:15: rhetoric: a distribution is exactly one of uniform, triangular, normal, truncated_normal, lognormal, beta, bernoulli, choice, joint, quantiles; found none",
        ),
    ),
    Wrong(
        "distribution arity",
        "rhetoric: 0.7",
        "rhetoric: {triangular: [0.2, 0.4]}",
        ("13:28: triangular takes 3 values ([low, mode, high]); found 2",),
    ),
    Wrong(
        "distribution arity 2",
        "rhetoric: 0.7",
        "rhetoric: {uniform: [0.2, 0.4, 0.5]}",
        ("13:25: uniform takes 2 values ([low, high]); found 3",),
    ),
    Wrong(
        "distribution order",
        "rhetoric: 0.7",
        "rhetoric: {uniform: [0.9, 0.4]}",
        ("13:15: rhetoric: a uniform is [low, high] with low below high, found [0.9, 0.4]",),
    ),
    Wrong(
        "triangular order",
        "rhetoric: 0.7",
        "rhetoric: {triangular: [0.2, 0.9, 0.4]}",
        ("13:15: rhetoric: a triangular is [low, mode, high] in rising order, found [0.2, 0.9, 0.4]",),
    ),
    Wrong(
        "distribution support",
        "rhetoric: 0.7",
        "rhetoric: {uniform: [0.5, 1.5]}",
        ("13:15: rhetoric: this uniform reaches from 0.5 to 1.5; use a number in 0..1",),
    ),
    Wrong(
        "distribution normal",
        "rhetoric: 0.7",
        "rhetoric: {normal: [0.5, 0.1]}",
        ("13:15: rhetoric: this normal reaches from -0.321 to 1.32; use a number in 0..1",),
    ),
    Wrong(
        "distribution deviation",
        "parameters: {bias: 0.2}",
        "parameters: {bias: {normal: [0.5, -0.1]}}",
        ("65:20: parameters.bias: a normal is [mean, standard deviation above 0], found [0.5, -0.1]",),
    ),
    Wrong(
        "truncated normal",
        "rhetoric: 0.7",
        "rhetoric: {truncated_normal: [9, 0.5, 0, 1]}",
        (
            "13:15: rhetoric: a truncated_normal is [mean, standard deviation above 0, low, high] with low below high and the mean at most 8 deviations outside, found [9, 0.5, 0, 1]",
        ),
    ),
    Wrong(
        "truncated normal arity",
        "rhetoric: 0.7",
        "rhetoric: {truncated_normal: [0.5, 0.5, 0]}",
        ("13:34: truncated_normal takes 4 values ([mean, standard deviation, low, high]); found 3",),
    ),
    Wrong(
        "lognormal",
        "affinity: {east: -0.5}",
        "rally: {lognormal: [-1, 0.5]}",
        ("14:12: rally: a lognormal is [median above 0, sigma of the log in 0..3], found [-1, 0.5]",),
    ),
    Wrong(
        "beta",
        "rhetoric: 0.7",
        "rhetoric: {beta: [0, 1]}",
        ("13:15: rhetoric: a beta is [a, b], both above 0, found [0, 1]",),
    ),
    Wrong(
        "choice empty", "rhetoric: 0.7", "rhetoric: {choice: []}", ("13:24: choice has nothing; it takes 1 or more",)
    ),
    Wrong(
        "choice text",
        "rhetoric: 0.7",
        "rhetoric: {choice: [low, high]}",
        (
            "13:25: item 1 of choice is the text 'low'; use a number",
            "13:30: item 2 of choice is the text 'high'; use a number",
        ),
    ),
    Wrong(
        "distribution scalar",
        "rhetoric: 0.7",
        "rhetoric: {uniform: 0.5}",
        ("13:25: uniform is the number 0.5; it takes a list ([low, high])",),
    ),
    Wrong("rule lacks move", "        move: divert_river\n", "", ("16:7: rule 'close the sluice' lacks 'move'",)),
    Wrong(
        "rule unknown move",
        "        move: divert_river\n",
        "        move: divert_rivers\n",
        ("18:15: no move 'divert_rivers'; did you mean 'divert_river'?",),
    ),
    Wrong(
        "rule cannot make",
        "close the sluice:\n        when: {conduct: south -> east, above: 0.4, for: 2 months}\n        move: divert_river",
        "close the sluice:\n        when: {conduct: south -> east, above: 0.4, for: 2 months}\n        issue: trade\n        move: divert_river",
        ("18:16: 'north' cannot make 'divert_river' on 'trade'; it can on water",),
    ),
    Wrong(
        "rule unknown target",
        "        chance: 0.5\n        cooldown",
        "        chance: 0.5\n        target: sout\n        cooldown",
        ("20:17: no actor 'sout'; did you mean 'south'?",),
    ),
    Wrong(
        "rule chance",
        "        chance: 0.5\n        cooldown",
        "        chance: 50\n        cooldown",
        ("19:17: chance 50 is above 1; use a number in 0..1 (for 50 % write 0.5)",),
    ),
    Wrong(
        "rule chance text",
        "        chance: 0.5\n        cooldown",
        "        chance: often\n        cooldown",
        ("19:17: 'often' is not a chance; write a number in 0..1, or one with a unit, like '0.3 per month'",),
    ),
    Wrong(
        "rule chance text2",
        "        chance: 0.5\n        cooldown",
        "        chance: 1.3 per month\n        cooldown",
        ("19:17: '1.3 per month' is not a chance: 1.3 lies outside 0..1",),
    ),
    Wrong(
        "rule cooldown",
        "cooldown: 6 months",
        "cooldown: 6",
        (
            '20:19: cooldown is the number 6, not a text ("6 months"; default: none); if it is meant as text, put it in quotes: "6"',
        ),
    ),
    Wrong(
        "rule cooldown text",
        "cooldown: 6 months",
        "cooldown: 6 moons",
        ("20:19: '6 moons' is not a duration; write a number and days, weeks, months or years, like '6 months'",),
    ),
    Wrong(
        "rule for",
        "for: 2 months}",
        "for: two months}",
        ("17:57: 'two months' is not a duration; write a number and days, weeks, months or years, like '6 months'",),
    ),
    Wrong(
        "rule otherwise",
        "        chance: 0.5\n        cooldown",
        "        chance: 0.5\n        otherwise: {move: share_daat}\n        cooldown",
        ("20:27: no move 'share_daat'; did you mean 'share_data'?",),
    ),
    Wrong(
        "odds lack name",
        "        chance: 0.5\n        cooldown",
        "        chance: {of: conduct, start: [0, 0.1], end: [1, 0.9]}\n        cooldown",
        ('19:18: odds of conduct need a `name`: "a -> b"',),
    ),
    Wrong(
        "odds chance range",
        "        chance: 0.5\n        cooldown",
        "        chance: {of: cooperation, start: [0, 0.1], end: [100, 9]}\n        cooldown",
        ("19:63: item 2 of end 9 is above 1; use a number in 0..1 (for 9 % write 0.09)",),
    ),
    Wrong(
        "odds same",
        "        chance: 0.5\n        cooldown",
        "        chance: {of: cooperation, start: [50, 0.1], end: [50, 0.9]}\n        cooldown",
        ("19:59: odds change between two different values, found 50 twice",),
    ),
    Wrong(
        "odds of",
        "        chance: 0.5\n        cooldown",
        "        chance: {of: weather, start: [50, 0.1], end: [60, 0.9]}\n        cooldown",
        ("19:22: of is the text 'weather'; it is one of cooperation, conduct, pressure, indicator",),
    ),
    Wrong(
        "condition empty",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {}",
        (
            "17:9: a condition has one of cooperation, conduct, pressure, indicator, arrangement, made, after or before, all, any, none; found none",
        ),
    ),
    Wrong(
        "condition two",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {conduct: south -> east, above: 0.4, indicator: level}",
        (
            "17:9: a condition has one of cooperation, conduct, pressure, indicator, arrangement, made, after or before, all, any, none; found conduct and indicator",
        ),
    ),
    Wrong(
        "condition unbounded",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {conduct: south -> east}",
        ("17:9: 'conduct' needs a bound: add `above` or `below`",),
    ),
    Wrong(
        "condition direction",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {conduct: south to east, above: 0.4}",
        ("17:25: 'south to east' is not a direction; write 'a -> b', who acts and towards whom",),
    ),
    Wrong(
        "condition actor",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {conduct: south -> eats, above: 0.4}",
        ("17:25: no actor 'eats'; did you mean 'east'?",),
    ),
    Wrong(
        "condition itself",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {conduct: south -> south, above: 0.4}",
        ("17:25: 'south' cannot act towards itself",),
    ),
    Wrong(
        "condition belonging",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {indicator: level, above: 4, track: technical}",
        ("17:44: 'track' says nothing about 'indicator'; it belongs to conduct",),
    ),
    Wrong(
        "condition impossible",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {conduct: south -> east, above: 0.4, below: 0.2}",
        ("17:59: above 0.4 and below 0.2 never hold together",),
    ),
    Wrong(
        "condition window",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {after: 2025-06-01, before: 2025-05-01}",
        ("17:43: before 2025-05-01 and after 2025-06-01 never hold together",),
    ),
    Wrong(
        "condition arrangement",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {arrangement: faire}",
        ("17:29: no arrangement 'faire'; did you mean 'fair'?",),
    ),
    Wrong(
        "condition in_force yes",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {arrangement: fair, in_force: no}",
        ("17:45: in_force is the text 'no'; it takes true or false (with `arrangement`; default true)",),
    ),
    Wrong(
        "condition made",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {made: share_dat, within: 3 months}",
        ("17:22: no move 'share_dat'; did you mean 'share_data'?",),
    ),
    Wrong(
        "condition nested",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {all: [{cooperation: below 40}, {indicator: levl, above: 3}]}",
        ("17:59: no indicator 'levl'; did you mean 'level'?",),
    ),
    Wrong(
        "condition all empty",
        "when: {conduct: south -> east, above: 0.4, for: 2 months}",
        "when: {all: []}",
        ("17:21: all has nothing; it takes 1 or more",),
    ),
    Wrong(
        "event bound",
        "{cooperation: below 35, for: 3 months}",
        "{cooperation: under 35}",
        ("69:25: 'under 35' is not a bound; write 'below 35' or 'above 50'",),
    ),
    Wrong(
        "event bound number",
        "{cooperation: below 35, for: 3 months}",
        "{cooperation: 35}",
        (
            '69:25: cooperation is the number 35, not a text ("below 35" or "above 50"; or "index" with above/below); if it is meant as text, put it in quotes: "35"',
        ),
    ),
    Wrong(
        "event bound range",
        "{cooperation: below 35, for: 3 months}",
        "{cooperation: below 350}",
        ("69:25: cooperation 350 lies outside 0..100, the range of the index",),
    ),
    Wrong(
        "event bound twice",
        "{cooperation: below 35, for: 3 months}",
        "{cooperation: below 35, above: 20}",
        ("69:42: the bound stands twice; keep 'below 35' alone, or write `cooperation: index`",),
    ),
    Wrong(
        "event issue",
        "{cooperation: below 35, for: 3 months}",
        "{cooperation: below 35, issue: watr}",
        ("69:42: no issue 'watr'; did you mean 'water'?",),
    ),
    Wrong(
        "check stops",
        "stops: [divert_river]",
        "stops: [divert_rivr]",
        ("22:24: no move 'divert_rivr'; did you mean 'divert_river'?",),
    ),
    Wrong("check empty", "stops: [divert_river]", "stops: []", ("22:23: stops has nothing; it takes 1 or more",)),
    Wrong(
        "check chance",
        "stops: [divert_river], chance: 0.5",
        "stops: [divert_river], chance: 5",
        ("22:47: chance 5 is above 1; use a number in 0..1 (for 5 % write 0.05)",),
    ),
    Wrong(
        "check scalar",
        "stops: [divert_river]",
        "stops: divert_river",
        ("22:23: stops is the text 'divert_river'; it takes a list",),
    ),
    Wrong(
        "move cameo",
        'cameo: "172"',
        "cameo: 172",
        (
            '32:12: cameo is the number 172, not a text (in quotes, "01" to "2042"); if it is meant as text, put it in quotes: "172"',
        ),
    ),
    Wrong(
        "move cameo2",
        'cameo: "172"',
        'cameo: "999"',
        ('32:12: cameo is the text \'999\'; it takes another form (in quotes, "01" to "2042")',),
    ),
    Wrong(
        "move goldstein",
        "goldstein: -5",
        "goldstein: -50",
        ("33:16: goldstein -50 is below -10; use a number in -10..10",),
    ),
    Wrong(
        "move kind",
        "kind: material\n    track: technical\n    actors",
        "kind: materiel\n    track: technical\n    actors",
        (
            "34:11: kind is the text 'materiel'; it is one of verbal, material (words: roots 01-05, 09-13; deeds: 06-08, 14-20); did you mean 'material'?",
        ),
    ),
    Wrong(
        "move lacks description",
        "    description: Diverts the river.\n",
        "",
        ("31:3: move 'divert_river' lacks 'description'",),
    ),
    Wrong(
        "move actors",
        "actors: [north]\n    issues: [water]\n    begins",
        "actors: [norht]\n    issues: [water]\n    begins",
        ("36:14: no actor 'norht'; did you mean 'north'?",),
    ),
    Wrong(
        "move begins",
        "begins: [diversion]",
        "begins: [divertion]",
        ("38:14: no arrangement 'divertion'; did you mean 'diversion'?",),
    ),
    Wrong(
        "move shifts",
        "shifts: {level: -2%}",
        "shifts: {levl: -2%}",
        ("39:14: no quantity to shift 'levl'; did you mean 'level'?",),
    ),
    Wrong(
        "move shifts text",
        "shifts: {level: -2%}",
        "shifts: {level: minus two}",
        ("39:21: 'minus two' is not a shift; write a number, like 0.05, or a percentage, like '-2%'",),
    ),
    Wrong(
        "move raises",
        "begins: [diversion]",
        "raises: [demnd, threat]",
        (
            "38:14: item 1 of raises is the text 'demnd'; it is one of demand, threat, tariffs, proposal, charge, measure, concession; did you mean 'demand'?",
        ),
    ),
    Wrong(
        "move raises a text",
        "begins: [diversion]",
        "raises: threat",
        ("38:13: raises is the text 'threat'; it takes a list (matters that it opens)",),
    ),
    Wrong(
        "move answers",
        "begins: [diversion]",
        "answers: refuse",
        (
            "38:14: answers is the text 'refuse'; it is one of yields, complies, refuses, counters, denies, accepts, carries_out, relieves (its way to answer; yields, refuses, counters, denies need something open); did you mean 'refuses'?",
        ),
    ),
    Wrong(
        "move withdraws",
        "begins: [diversion]",
        "withdraws: [treat]",
        (
            "38:17: item 1 of withdraws is the text 'treat'; it is one of demand, threat, tariffs, proposal, charge, measure, concession; did you mean 'threat'?",
        ),
    ),
    Wrong(
        "move answers and withdraws",
        "begins: [diversion]",
        "withdraws: [threat]\n    answers: yields",
        ("38:16: 'divert_river' answers the other, so it withdraws nothing of its own; drop `withdraws`",),
    ),
    Wrong(
        "move barred by unknown",
        "begins: [diversion]",
        "barred_by: [divertion]",
        ("38:17: no arrangement 'divertion'; did you mean 'diversion'?",),
    ),
    Wrong(
        "move barred by what it ends",
        "begins: [diversion]",
        "ends: [diversion]\n    barred_by: [diversion]",
        ("38:12: 'divert_river' is barred by and ends 'diversion'; it can do one of both",),
    ),
    Wrong(
        "class of moves",
        "rhetoric: 0.7",
        "material_conflict: 11",
        ("13:24: material_conflict 11 is above 10; use a number in -10..10",),
    ),
    Wrong(
        "answers as a parameter",
        "parameters: {bias: 0.2}",
        "parameters: {refuses: 11, matters: -1}",
        (
            "65:23: refuses 11 is above 10; use a number in -10..10",
            "65:36: matters -1 is below 0; use a number in 0..1000 (acts/month)",
        ),
    ),
    Wrong(
        "answers of a mechanism",
        "mechanisms: {contagion: off}",
        "mechanisms: {defiance: {answers: -1}}",
        ("64:34: answers -1 is below 0; use a number in 0..20 (log odds)",),
    ),
    Wrong(
        "move frequency",
        "shifts: {level: -2%}",
        "frequency: 0",
        ("39:16: frequency 0 is not above 0; use a number above 0",),
    ),
    Wrong(
        "arrangement unknown",
        "arrangements: [fair]",
        "arrangements: [fare]",
        ("56:16: no arrangement 'fare'; did you mean 'fair'?",),
    ),
    Wrong(
        "arrangement ambiguous",
        "arrangements: [fair]",
        "arrangements: [sanctions]",
        (
            "56:16: 'sanctions' could be in force in 4 ways; name its actor (north, south) and target (south, north) and issue (water, trade)",
        ),
    ),
    Wrong(
        "arrangement impossible",
        "arrangements: [fair]",
        "arrangements: [{name: diversion, actor: south, target: north}]",
        ("56:16: 'diversion' cannot be in force so; it holds for north towards south, on water",),
    ),
    Wrong(
        "indicator issue",
        "issue: water, growth",
        "issue: watre, growth",
        ("58:53: no issue 'watre'; did you mean 'water'?",),
    ),
    Wrong(
        "indicator growth",
        "growth: 1 % per year",
        "growth: 1 % yearly",
        ("58:68: '1 % yearly' is not a growth rate; write one like '0.01 per month' or '5 % per year'",),
    ),
    Wrong(
        "indicator reference",
        "reference: 3,",
        "reference: 0,",
        ("58:43: reference 0 is not above 0; use a number above 0",),
    ),
    Wrong("indicator lacks unit", "unit: m, ", "", ("58:3: indicator 'level' lacks 'unit'",)),
    Wrong(
        "indicator ceiling",
        "reference: 3,",
        "reference: 3, ceiling: 2,",
        ("58:18: value 3.5 is beyond the ceiling, 2",),
    ),
    Wrong(
        "indicator rest",
        "growth: 1 % per year",
        "rest: 3",
        ("58:66: an indicator that returns to a level needs `rest` and `half_life`; 'level' lacks `half_life`",),
    ),
    Wrong(
        "indicator driver",
        "growth: 1 % per year",
        "driven_by: [{effect: 1}]",
        ("58:72: a driver has one of conduct, indicator, arrangement; found none",),
    ),
    Wrong(
        "indicator driver2",
        "growth: 1 % per year",
        "driven_by: [{conduct: '* -> suoth', effect: 1}]",
        ("58:82: no actor 'suoth'; did you mean 'south'?",),
    ),
    Wrong(
        "schedule after",
        "date: 2025-02-03",
        "date: 2027-02-03",
        ("60:12: 2027-02-03 is after the end, 2026-01-05 (line 4); this move would never happen",),
    ),
    Wrong(
        "schedule before",
        "date: 2025-02-03",
        "date: 2024-02-03",
        ("60:12: 2024-02-03 is before the start, 2025-01-06 (line 3); this move would never happen",),
    ),
    Wrong(
        "schedule at end",
        "date: 2025-02-03",
        "date: 2026-01-05",
        ("60:12: 2026-01-05 is the end itself (line 4), where no step begins; this move would never happen",),
    ),
    Wrong(
        "schedule actor",
        "actor: south, move: share_data",
        "actor: soth, move: share_data",
        ("60:31: no actor 'soth'; did you mean 'south'?",),
    ),
    Wrong(
        "schedule move",
        "actor: south, move: share_data",
        "actor: south, move: share_dta",
        ("60:44: no move 'share_dta'; did you mean 'share_data'?",),
    ),
    Wrong(
        "schedule ambiguous",
        "move: share_data, issue: trade",
        "move: share_data",
        ("60:44: 'share_data' can be made on water, trade; name its `issue`",),
    ),
    Wrong(
        "schedule cannot",
        "actor: south, move: share_data, issue: trade",
        "actor: south, move: divert_river",
        ("60:44: 'south' cannot make 'divert_river'; north can",),
    ),
    Wrong(
        "schedule mapping",
        "schedule:\n  - {date: 2025-02-03, actor: south, move: share_data, issue: trade}",
        "schedule: {date: 2025-02-03}",
        ("59:11: schedule is a mapping; it takes a list (moves made whatever the state)",),
    ),
    Wrong(
        "change leader",
        "actor: south, leader: firebrand",
        "actor: south, leader: fireband",
        ("62:46: no leader 'fireband'; did you mean 'firebrand'?",),
    ),
    Wrong(
        "change of whom",
        "actor: south, leader: firebrand",
        "leader: firebrand",
        ("62:32: leader 'firebrand' of whom? name the `actor` of the change",),
    ),
    Wrong(
        "change nothing",
        "actor: south, leader: firebrand",
        "label: nothing",
        ("62:5: this change changes nothing; give it `set`, a `leader` or `one_of`",),
    ),
    Wrong(
        "change path",
        "actor: south, leader: firebrand",
        "set: {actors.south.rhetorik: 0.5}",
        ("62:30: a change sets 'actors.south.rhetorik'; no such path, did you mean 'actors.south.rhetoric'?",),
    ),
    Wrong(
        "change value",
        "actor: south, leader: firebrand",
        "set: {actors.south.rhetoric: 5}",
        ("62:53: rhetoric 5 is above 1; use a number in 0..1 (for 5 % write 0.05)",),
    ),
    Wrong(
        "change not settable",
        "actor: south, leader: firebrand",
        "set: {title: x}",
        ("62:30: a change sets 'title'; on a date one can set numbers of actors, mechanisms and parameters",),
    ),
    Wrong(
        "change chances",
        "actor: south, leader: firebrand",
        "one_of: [{chance: 0.5, label: a}, {chance: 0.4, label: b}]",
        ("62:32: the chances of `one_of` sum to 0.9; they must sum to 1",),
    ),
    Wrong(
        "change after",
        "date: 2025-06-02",
        "date: 2026-06-02",
        ("62:12: 2026-06-02 is after the end, 2026-01-05 (line 4); this change would never happen",),
    ),
    Wrong(
        "election actor", "elections: {south", "elections: {sooth", ("63:13: no actor 'sooth'; did you mean 'south'?",)
    ),
    Wrong(
        "election date",
        "elections: {south: 2025-05-25}",
        "elections: {south: 2025-05-32}",
        ("63:20: 2025-05-32 is not a date: May 2025 has 31 days",),
    ),
    Wrong(
        "mechanism unknown",
        "{contagion: off}",
        "{contagious: off}",
        ("64:14: no mechanism 'contagious'; did you mean 'contagion'?",),
    ),
    Wrong("mechanism false", "{contagion: off}", "{contagion: false}", ("64:25: contagion is false; write off",)),
    Wrong(
        "mechanism word",
        "{contagion: off}",
        "{contagion: none}",
        ("64:25: contagion is the text 'none'; it is one of on, off; did you mean 'on'?",),
    ),
    Wrong(
        "mechanism parameter",
        "{contagion: off}",
        "{reciprocity: {fats: 0.4}}",
        ("64:28: no parameter 'fats'; did you mean 'fast'?",),
    ),
    Wrong(
        "mechanism range",
        "{contagion: off}",
        "{reciprocity: {linkage: 4}}",
        ("64:37: linkage 4 is above 1; use a number in 0..1",),
    ),
    Wrong("parameter unknown", "{bias: 0.2}", "{bais: 0.2}", ("65:14: no parameter 'bais'; did you mean 'bias'?",)),
    Wrong(
        "parameter range",
        "{bias: 0.2}",
        "{index_scale: 0}",
        ("65:27: index_scale 0 is below 1e-06; use a number in 1e-06..1000 (conduct)",),
    ),
    Wrong(
        "parameter whole",
        "{bias: 0.2}",
        "{acts_per_step: 2.5}",
        ("65:29: acts_per_step is a whole number, or a `choice` of whole numbers, like [3, 4, 5] (acts)",),
    ),
    Wrong(
        "parameter whole, uncertain",
        "{bias: 0.2}",
        "{acts_per_step: {uniform: [2, 5]}}",
        ("65:29: acts_per_step is a whole number, or a `choice` of whole numbers, like [3, 4, 5] (acts)",),
    ),
    Wrong(
        "parameter whole, chosen",
        "{bias: 0.2}",
        "{acts_per_step: {choice: [2, 2.7]}}",
        ("65:29: acts_per_step is a whole number, or a `choice` of whole numbers, like [3, 4, 5] (acts)",),
    ),
    Wrong(
        "parameter whole, chosen too high",
        "{bias: 0.2}",
        "{acts_per_step: {choice: [2, 101]}}",
        ("65:29: acts_per_step: this choice reaches from 2 to 101; use a number in 1..100 (acts)",),
    ),
    Wrong(
        "growth -1",
        "growth: 1 % per year",
        "growth: -1",
        ("58:68: growth -1 is not above -1; use a number above -1 and up to 10",),
    ),
    Wrong(
        "growth 11",
        "growth: 1 % per year",
        "growth: 11",
        ("58:68: growth 11 is above 10; use a number above -1 and up to 10",),
    ),
    Wrong(
        "distribution of growth",
        "growth: 1 % per year",
        "growth: {uniform: [-1, 0]}",
        ("58:68: growth: this uniform reaches from -1 to 0; use a number above -1 and up to 10",),
    ),
    Wrong(
        "growth a day",
        "growth: 1 % per year",
        "growth: -99.999 % per day",
        ("58:68: '-99.999 % per day' is not a growth rate above -100 % and up to 1000 % a month",),
    ),
    Wrong(
        "driver effect 1000",
        "growth: 1 % per year",
        "driven_by: [{arrangement: fair, effect: 1000}]",
        ("58:100: effect 1000 is above 100; use a number in -100..100",),
    ),
    Wrong(
        "distribution of an effect",
        "growth: 1 % per year",
        "driven_by: [{arrangement: fair, effect: {normal: [0, 50]}}]",
        ("58:100: effect: this normal reaches from -410 to 410; use a number in -100..100",),
    ),
    Wrong(
        "distribution of unpredictability",
        "rhetoric: 0.7",
        "unpredictability: {uniform: [0, 1]}",
        ("13:23: unpredictability: this uniform reaches from 0 to 1; use a number in 1e-06..1e+06",),
    ),
    *(
        Wrong(
            f"move shifts {quantity} by a share",
            "shifts: {level: -2%}",
            f"shifts: {{{quantity}: -50%}}",
            (f"39:{16 + len(quantity)}: a shift of {quantity} is an amount, found '-50%'; write one, like 0.05",),
        )
        for quantity in ("stance", "rhetoric", "expectations")
    ),
    Wrong(
        "move begins what its actor cannot hold",
        "arrangement_kinds:",
        "  flood: {cameo: '172', goldstein: -5, kind: material, track: technical, actors: [south], description: Floods.,\n    begins: [diversion]}\narrangement_kinds:",
        (
            "48:14: 'flood' begins 'diversion', which none of those who make it can hold so; it holds for north towards south, on water",
        ),
    ),
    Wrong(
        "move ends what nobody here can hold",
        "description: Shares what its gauges say.",
        "description: Shares what its gauges say.\n    ends: [fair, extradition_practice]",
        (
            "47:18: 'share_data' ends 'extradition_practice', which none of those who make it can hold so; it holds for bogota towards washington, on drugs",
        ),
    ),
    Wrong(
        "start before the history",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nhistory: {events: "date,actor,target,issue,move\\n2025-01-20,north,south,water,praise\\n"}\nend',
        (
            "3:8: the start, 2025-01-06, is before 2025-01-20, from when on history 'events' is observed; start on 2025-01-20 or later, or write `history: none`",
        ),
    ),
    Wrong(
        "history of others",
        "start: 2025-01-06\nend",
        "start: 2025-01-06\nhistory: us_colombia\nend",
        (
            "4:10: history 'us_colombia' holds nothing between north and south, its actors are bogota, washington, caracas, beijing, region; name one of theirs (`file`, and `actors` by code), or write `history: none`",
        ),
    ),
    Wrong(
        "history of actors that are not there",
        "start: 2025-01-06\nend",
        "start: 2025-01-06\nhistory: {file: nowhere.csv, actors: {NOR: nort}}\nend",
        ("4:44: no actor 'nort'; did you mean 'north'?",),
    ),
    Wrong(
        "history with faults in its rows",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nhistory: {events: "date,actor,target,issue,move\\n2025-01-32,north,south,water,praise\\n2024-01-02,north,north,water,praise\\n2024-01-03,north,south,water,prais\\n"}\nend',
        (
            "4:10: events:2: date '2025-01-32': a day like 2025-01-20, or a month like 2025-01",
            "4:10: events:3: target 'north': an event is of one actor towards another",
            "4:10: events:4: move 'prais': no such move; did you mean 'praise'?",
            "4:10: events: mend these rows",
        ),
    ),
    Wrong(
        "history that does not say its issues",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nhistory: {events: "date,actor,target,cameo\\n2024-01-20,north,south,036\\n"}\nend',
        (
            "4:10: 1 of 1 events do not say on which issue they are; add `issue: water`, or a list of issues that have the days in turn, or a `mapping` of codes",
        ),
    ),
    Wrong(
        "history on other issues",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nhistory: {events: "date,actor,target,issue,move\\n2024-01-20,north,south,fish,praise\\n"}\nend',
        (
            "4:10: history 'events' is on no issue of the scenario, but on fish; say which with `issue`, or write `history: none`",
        ),
    ),
    Wrong(
        "history without events",
        "start: 2025-01-06\nend",
        "start: 2025-01-06\nhistory: {actors: {NOR: north}}\nend",
        ("4:10: a history is a `file` of events, or the `events` themselves as such a table",),
    ),
    Wrong(
        "history of no days",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nhistory: {until: 2020-01-01, events: "date,actor,target,issue,move\\n2024-01-20,north,south,water,praise\\n"}\nend',
        ("4:10: no event lies between the first and 2020-01-01",),
    ),
    Wrong(
        "history with half an arrangement in force",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nhistory: {in_force: [{name: tariffs, actor: north}], events: "date,actor,target,issue,move\\n2024-01-20,north,south,water,praise\\n"}\nend',
        ("4:22: what was in force on the first day is told in full; add target, issue",),
    ),
    Wrong(
        "start_index beside a history",
        "start: 2025-01-06\nend",
        'start: 2025-01-06\nstart_index: 60\nhistory: {events: "date,actor,target,issue,move\\n2024-01-20,north,south,water,praise\\n"}\nend',
        ("4:14: the history says where the index starts; drop `start_index`, or write `history: none`",),
    ),
    Wrong(
        "start_index of nothing there",
        "start: 2025-01-06\nend",
        "start: 2025-01-06\nstart_index: {watr: 60, nort -> south: 60, trade: 100}\nend",
        (
            "4:15: no issue 'watr'; did you mean 'water'?",
            "4:25: no actor 'nort'; did you mean 'north'?",
            "4:51: trade 100 is not below 100; use a number above 0 and below 100",
        ),
    ),
    Wrong(
        "outlook path",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {actors.south.stances.watr: 0.1}",
        (
            "67:36: outlook 'calm' sets 'actors.south.stances.watr'; no such path, did you mean 'actors.south.stances.water'?",
        ),
    ),
    Wrong(
        "outlook wild",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {actors.*.retoric: 0.1}",
        ("67:36: outlook 'calm' sets 'actors.*.retoric'; no such path, did you mean 'actors.*.rhetoric'?",),
    ),
    Wrong(
        "outlook value",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {actors.*.rhetoric: 10}",
        ("67:55: rhetoric 10 is above 1; use a number in 0..1 (for 10 % write 0.1) (in outlook 'calm')",),
    ),
    Wrong(
        "outlook fixed",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {tensionsim: 1}",
        ("67:36: outlook 'calm' sets 'tensionsim'; this cannot be set",),
    ),
    Wrong(
        "outlook schedule",
        "set: {actors.*.rhetoric: 0.1}",
        "schedule: [{date: 2027-01-01, actor: south, move: share_data, issue: trade}]",
        ("67:48: 2027-01-01 is after the end, 2026-01-05 (line 4); this move would never happen (in outlook 'calm')",),
    ),
    Wrong(
        "outlook schedule shape",
        "set: {actors.*.rhetoric: 0.1}",
        "schedule: [{date: 2025-03-01, actr: south, move: share_data, issue: trade}]",
        (
            "67:41: item 1 of schedule lacks 'actor'",
            "67:60: unknown key 'actr' in item 1 of schedule; did you mean 'actor'?",
        ),
    ),
    Wrong(
        "outlook end",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {end: 2025-02-01}",
        (
            "60:12: 2025-02-03 is after the end, 2025-02-01 (line 67); this move would never happen (in outlook 'calm')",
            "62:12: 2025-06-02 is after the end, 2025-02-01 (line 67); this change would never happen (in outlook 'calm')",
        ),
    ),
    Wrong(
        "empty value",
        "rhetoric: 0.7",
        "rhetoric:",
        ("13:5: 'rhetoric' has no value; write one, or drop the line (`remove` drops what a base gave)",),
    ),
    Wrong(
        "null in list",
        "stops: [divert_river]",
        "stops: [~]",
        ("22:24: this list item is empty; write a value or remove it",),
    ),
    Wrong("label empty", "close the sluice:", "'':", ("16:7: this key is empty",)),
    Wrong(
        "event name long",
        "  crisis: {coop",
        "  ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc: {coop",
        (
            "69:3: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc: 201 letters are too many; write 200 at most",
        ),
    ),
    Wrong(
        "change mechanism off 2",
        "actor: south, leader: firebrand",
        "set: {mechanisms.contagion.embolden: 0.4}",
        ("62:30: a change sets 'mechanisms.contagion.embolden'; this mechanism is off",),
    ),
    Wrong(
        "change rules",
        "actor: south, leader: firebrand",
        "set: {actors.north.rules.close the sluice.chance: 0.4}",
        (
            "62:30: a change sets 'actors.north.rules.close the sluice.chance'; on a date one can set numbers of actors, mechanisms and parameters; rules and checks come with a `leader`",
        ),
    ),
    Wrong(
        "change wild label",
        "actor: south, leader: firebrand",
        "set: {actors.*.label: x}",
        (
            "62:30: a change sets 'actors.north.label'; on a date one can set numbers of actors, mechanisms and parameters",
        ),
    ),
    Wrong(
        "outlook mechanism off",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {mechanisms.contagion.embolden: 0.4}",
        (
            "67:36: outlook 'calm' sets 'mechanisms.contagion.embolden'; this mechanism is off; set 'mechanisms.contagion' to a mapping to switch it on",
        ),
    ),
    Wrong(
        "outlook whole distribution",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {actors.north.rhetoric: {uniform: [0.5, 2]}}",
        ("67:59: rhetoric: this uniform reaches from 0.5 to 2; use a number in 0..1 (in outlook 'calm')",),
    ),
    Wrong(
        "merge key",
        "trade: {}",
        "trade: {}\n  <<: {fish: {}}",
        ("9:3: merge keys '<<' have no use in a scenario; use `extends` or `leaders`",),
    ),
    Wrong(
        "rule not a mapping",
        "close the sluice:\n        when: {conduct: south -> east, above: 0.4, for: 2 months}\n        move: divert_river\n        chance: 0.5\n        cooldown: 6 months",
        "close the sluice: divert_river",
        ("16:25: close the sluice is the text 'divert_river'; it takes a mapping of keys to values",),
    ),
    Wrong(
        "actors a list",
        "  east: {affinity: {south: 0.4}}",
        "  east: [affinity]",
        ("26:9: east is a list; it takes a mapping of keys to values",),
    ),
    Wrong(
        "negative duration",
        "for: 3 months",
        "for: -3 months",
        ("69:40: '-3 months' is not a duration above 0 and up to 1000 years",),
    ),
    Wrong(
        "track",
        "above: 0.4, for: 2 months",
        "above: 0.4, track: secret",
        ("17:59: track is the text 'secret'; it is one of political, technical",),
    ),
    Wrong(
        "leader's rule",
        "firebrand: {rhetoric: 0.9}",
        "firebrand: {rules: {flood: {when: {cooperation: below 20}, move: divert_river}}}",
        ("29:68: 'south' cannot make 'divert_river'; north can",),
    ),
    Wrong(
        "driver beside",
        "growth: 1 % per year",
        "driven_by: [{indicator: level, hostile: true, effect: 1}]",
        ("58:91: 'hostile' says nothing about 'indicator'; it belongs to conduct",),
    ),
    Wrong(
        "driver effect",
        "growth: 1 % per year",
        "driven_by: [{arrangement: fair}]",
        ("58:72: item 1 of driven_by lacks 'effect'",),
    ),
    Wrong(
        "thousands",
        "rhetoric: 0.7",
        "rally: 253,000",
        ("13:12: rally is the text '253,000'; use a number of 0 or more (write 253000)",),
    ),
    Wrong(
        "change actor rules",
        "actor: south, leader: firebrand",
        "set: {actors.north: {rules: {}}}",
        (
            "62:30: a change sets 'actors.north'; on a date one can set numbers of actors, mechanisms and parameters; rules and checks come with a `leader`",
        ),
    ),
    Wrong(
        "change actor leader",
        "actor: south, leader: firebrand",
        "set: {actors.south.leader: firebrand}",
        (
            "62:30: a change sets 'actors.south.leader'; on a date one can set numbers of actors, mechanisms and parameters; a new leader is the key `leader` of the change",
        ),
    ),
    Wrong(
        "change actor number",
        "actor: south, leader: firebrand",
        "set: {actors.south: 3}",
        ("62:30: a change sets 'actors.south'; on a date one can set numbers of actors, mechanisms and parameters",),
    ),
    Wrong("move code", 'cameo: "172"', 'cameo: "1799"', ("32:12: CAMEO has no code '1799'; did you mean '17'?",)),
    Wrong(
        "move begins and ends",
        "begins: [diversion]",
        "begins: [diversion]\n    ends: [diversion]",
        ("39:12: 'divert_river' begins and ends 'diversion'; it can do one of both",),
    ),
    Wrong(
        "move for nobody",
        "actors: [north]\n    issues: [water]\n    begins",
        "actors: []\n    issues: [water]\n    begins",
        ("36:13: actors has nothing; it takes 1 or more",),
    ),
    Wrong(
        "arrangement of whom",
        "arrangements: [fair]",
        "arrangements: [{name: fair, actr: north}]",
        ("56:29: unknown key 'actr' in item 1 of arrangements; did you mean 'actor'?",),
    ),
)
