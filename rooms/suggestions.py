"""Names to choose from at the door: two calm words, such as Quiet Heron or North Window.

Somebody who has to invent a name in a hard hour often types their own. Three names that need one
tap are a protection. The words are plain things and their looks: nothing of substances and their
street names, bodies, danger, high places, faith, gender or rank, and no common first name. Every
first word goes with every last word.
"""

from collections.abc import Iterable
from typing import Final

from rooms.lookalikes import compare_key

FIRST_WORDS: Final[tuple[str, ...]] = tuple(
    """
    Airy Alpine Ample Bamboo Basalt Birch Bold Braided Brass Brave Breezy Bright Bronze Calm
    Canvas Carved Cedar Cheerful Chestnut Clear Coastal Cobalt Copper Cosy Cotton Crisp Curious
    Dappled Eager Early Earthen Eastern Even Evergreen Familiar Feathered Felted Flannel Forest
    Fresh Friendly Gentle Glad Glowing Golden Grand Granite Grey Hearty Indigo Inland Jolly Kind
    Knitted Lakeside Larch Lasting Lavender Leafy Level Light Lilac Linen Lively Maple Marble
    Meadow Mild Mindful Modest Mossy Nimble North Northern Oaken Open Painted Paper Patient
    Pebbled Plain Playful Polished Prairie Quiet Rainy Ready Restful Riverside Roaming Round
    Russet Rustic Saffron Seaside Sepia Settled Silver Simple Sincere Slate Slow Smooth Soft
    Southern Spruce Steady Striped Sturdy Sunlit Sunny Teal Thoughtful Tidy Timber Tranquil
    Turquoise Upland Velvet Walking Warm Western Wicker Wide Winter Wooden Woodland Woollen
    Woven
    """.split()
)
LAST_WORDS: Final[tuple[str, ...]] = tuple(
    """
    Acorn Alder Anchor Apple Arch Aspen Badger Bay Beacon Bell Bench Bicycle Blanket Boat Book
    Button Canoe Chair Clover Coast Comet Compass Corner Cottage Cricket Curlew Delta Door Drum
    Dune Egret Elm Evening Feather Ferry Field Finch Fjord Flute Fountain Fox Garden Gate Glade
    Goose Grove Guitar Hammock Harbour Hare Haven Hedge Heron Hill House Island Kettle Kite
    Ladder Lagoon Lake Lamp Lantern Lark Leaf Letter Lighthouse Linnet Magpie Marsh Mill Mitten
    Moon Morning Moth Mountain Nest Notebook Oak Oar Orchard Otter Owl Paddle Path Pear Pebble
    Pelican Pencil Pigeon Pine Planet Plover Plum Pond Porch Puffin Quilt Rabbit Raft Rain River
    Road Sail Sandpiper Scarf Shell Shore Sparrow Squirrel Stair Star Starling Stream Sunrise
    Swan Table Thicket Thrush Tide Trail Tree Turtle Valley Village Violin Wagon Walnut
    Waterfall Wave Window Wren
    """.split()
)

_ALL: Final = len(FIRST_WORDS) * len(LAST_WORDS)


def suggest(randoms: Iterable[int], taken: set[str], how_many: int = 3) -> list[str]:
    """Free names that share no word, one for each number drawn, at most `how_many`.

    `randoms` are numbers of at least 32 random bits; no more of them are drawn than needed.
    `taken` holds the compare keys of the names in the room. A number that falls on a taken name
    stands for the next free one. There are fewer names only where the numbers or the names run out.
    """
    names: list[str] = []
    if how_many <= 0:
        return names
    used: set[str] = set()
    for drawn in randoms:
        found = _next_free(drawn % _ALL, taken, used)
        if found is None:
            break
        first, last = found
        names.append(f"{first} {last}")
        if len(names) == how_many:
            break
        used |= {first, last}
    return names


def _next_free(start: int, taken: set[str], used: set[str]) -> tuple[str, str] | None:
    """The first pair from `start` on that is not taken and uses none of the words in `used`."""
    for place in range(start, start + _ALL):
        row, column = divmod(place % _ALL, len(LAST_WORDS))
        first, last = FIRST_WORDS[row], LAST_WORDS[column]
        if not used & {first, last} and compare_key(f"{first} {last}") not in taken:
            return first, last
    return None
