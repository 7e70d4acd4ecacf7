"""What the rows of a record are called."""

from __future__ import annotations

from tensionsim.engine import World, replay
from tensionsim.record import Names


def names_of(world: World) -> Names:
    """What the rows of a record are called."""
    kinds, dyad = world.kinds, world.dyad.tolist()
    origins = [origin for origin in replay.origins(world) if origin.channel in dyad]
    return Names(
        issues=world.names.issues,
        actors=world.names.actors,
        channels=tuple(channel.name for channel in world.channels.rows),
        dyad_channels=tuple(world.channels.rows[row].name for row in world.dyad),
        indicators=world.names.indicators,
        indicator_units=world.indicators.units,
        arrangements=tuple(instance.name for instance in world.instances.rows),
        events=tuple(world.rulebook.events),
        moves=world.menus.names,
        move_scores=tuple(move.goldstein for move in world.moves),
        arrangement_tracks=tuple(kinds[instance.kind].track for instance in world.instances.rows),
        arrangement_scores=tuple(kinds[instance.kind].score for instance in world.instances.rows),
        arrangement_is_mutual=tuple(kinds[instance.kind].is_mutual for instance in world.instances.rows),
        origins=tuple(origin.label for origin in origins),
        origin_channels=tuple(dyad.index(origin.channel) for origin in origins),
        origin_scores=tuple(origin.score for origin in origins),
        origin_firsts=tuple(origin.first for origin in origins),
        origin_afters=tuple(origin.after for origin in origins),
    )
